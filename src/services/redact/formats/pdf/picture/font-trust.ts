/**
 * Fonts whose letters are not what the text says of them. A font is looked at once, however many
 * pages show it; only where it fails are its pages read, and what was read once where the text says
 * the same is believed from then on.
 */
import { callsOf, heapOf, type Pdfium, type PdfiumDocument, withMemory } from '../engine.ts';
import type { PageText } from '../page-text.ts';
import type { FontClaims } from '../streams.ts';
import { glyphsOf } from './glyph-grid.ts';
import { doubtsOf, isTellable } from './letter-shapes.ts';

/** FPDF_PAGEOBJ_TEXT. */
export const TEXT = 1;
/** Codes beyond are not looked at: a whole CJK font has some twenty thousand. */
const MOST_CODES = 8192;
/** More fonts are a hostile file; those beyond are believed of nothing. */
const MOST_FONTS = 400;
/** Bytes of a font's name. */
const MOST_NAME = 256;
/** ISO 32000-1, 9.6.4. */
const SUBSET = /^[A-Z]{6}\+/;
/** Of one byte. */
const SHORT_CODES = Array.from({ length: 256 }, (_, code) => code);

interface Doubted {
  /** First letters of what its codes say. */
  letters: Set<string>;
  /** Those that several codes say: one that is right says nothing of the others. */
  ambiguous: ReadonlySet<string>;
  /** All of it. */
  isWhole: boolean;
}

export class FontTrust {
  private readonly document: PdfiumDocument;
  private readonly claims: FontClaims;
  /** Units of UTF-16 that any of the pages says: a code that means none of them is not shown. */
  private readonly said = new Uint8Array(0x10000);
  private readonly fonts = new Map<number, Doubted | null>();
  /** Objects that keep the fonts where they are, so that a pointer means one font. */
  private readonly pins: number[] = [];

  /** The caller closes it before the document. */
  constructor(document: PdfiumDocument, claims: FontClaims, pages: readonly PageText[]) {
    this.document = document;
    this.claims = claims;
    for (const { text } of pages) {
      for (let i = 0; i < text.length; i++) this.said[text.charCodeAt(i)] = 1;
    }
  }

  /** True where a text object is shown in a font with letters that are not believed. */
  doubts(object: number): boolean {
    return this.doubted(object) !== null;
  }

  /** Which units of a page's text are letters that are not believed. */
  doubtfulIn(text: PageText, textPage: number): Set<number> {
    const { pdfium } = this.document;
    const found = new Set<number>();
    for (let i = 0; i < text.text.length; i++) {
      const number = text.characters[i] ?? -1;
      if (number < 0) continue;
      const doubted = this.doubted(callsOf(pdfium).FPDFText_GetTextObject(textPage, number));
      if (doubted && (doubted.isWhole || doubted.letters.has(text.text[i] ?? ''))) found.add(i);
    }
    return found;
  }

  /** These letters were read where they are shown, and are what the text says. */
  believe(text: PageText, textPage: number, units: readonly number[]): void {
    const { pdfium } = this.document;
    for (const i of units) {
      const number = text.characters[i] ?? -1;
      const doubted = this.doubted(callsOf(pdfium).FPDFText_GetTextObject(textPage, number));
      const letter = text.text[i] ?? '';
      if (doubted && !doubted.ambiguous.has(letter)) doubted.letters.delete(letter);
    }
  }

  private doubted(object: number): Doubted | null {
    const { pdfium } = this.document;
    const font = object === 0 ? 0 : callsOf(pdfium).FPDFTextObj_GetFont(object);
    if (font === 0) return null;
    const known = this.fonts.get(font);
    if (known !== undefined) return known;
    const doubted = this.look(pdfium, font);
    this.fonts.set(font, doubted);
    return doubted;
  }

  private look(pdfium: Pdfium, font: number): Doubted | null {
    const { document, claims } = this;
    const isEmbedded = pdfium.FPDFFont_GetIsEmbedded(font) === 1;
    // A font of the reader's own, told by its encoding, shows what it says; a subset that is not
    // there shows whatever the reader has instead.
    if (!isEmbedded && (!claims.hasMeanings || SUBSET.test(nameOf(pdfium, font)))) return null;
    this.pins.push(pdfium.FPDFPageObj_CreateTextObj(document.pointer, font, 1));
    if (this.fonts.size >= MOST_FONTS)
      return { letters: new Set(), ambiguous: new Set(), isWhole: true };
    const codes = [...SHORT_CODES, ...claims.codes.slice(0, MOST_CODES)];
    const glyphs = glyphsOf(
      document,
      font,
      codes,
      (claim) => this.said[claim.charCodeAt(0)] === 1 && isTellable(claim),
    );
    const letters = new Set([...doubtsOf(pdfium, glyphs)].map(firstOf));
    if (letters.size === 0) return null;
    const known = new Set<string>();
    const ambiguous = new Set<string>();
    for (const first of glyphs.map(({ claim }) => firstOf(claim))) {
      if (known.has(first)) ambiguous.add(first);
      known.add(first);
    }
    return { letters, ambiguous, isWhole: false };
  }

  /** Lets go of the fonts. */
  close(): void {
    for (const pin of this.pins) this.document.pdfium.FPDFPageObj_Destroy(pin);
  }
}

function nameOf(pdfium: Pdfium, font: number): string {
  return withMemory(pdfium, MOST_NAME, (memory) => {
    const length = pdfium.FPDFFont_GetBaseFontName(font, memory, MOST_NAME);
    const bytes = heapOf(pdfium).subarray(memory, memory + Math.min(length, MOST_NAME));
    return Buffer.from(bytes).toString('latin1');
  });
}

function firstOf([first = '']: string): string {
  return first;
}
