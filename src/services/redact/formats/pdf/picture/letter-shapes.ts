/**
 * Whether letters look like what they say. Each is compared with how the standard fonts draw theirs:
 * one that is nearly another letter, and nothing like itself in any of them, is not what it says.
 * This is no reading: some letters of unusual fonts fail it, too, and are read before they are
 * believed or not.
 */
import { type Pdfium, PdfiumDocument } from '../engine.ts';
import { type Glyph, glyphsOf } from './glyph-grid.ts';

/** Upright and slanted, with serifs and without, of one width. */
const FACES = [
  ...['Helvetica', 'Helvetica-Bold', 'Helvetica-Oblique', 'Times-Roman', 'Times-Bold'],
  ...['Times-Italic', 'Courier'],
];
/** Letters and signs that one font draws as another one draws another. */
const ALIKE = [
  ...['0oqdc', "1lijt|!/\\[](){}-_r7fy,.;:'`", '2z', '5s$6', '83b&', '9gq', '6b', 'uvyn', 'ceg(<'],
  ...['hnbk', 'aoeq', 'pd', 'rtc', 'xk*', 'mnw', '#h'],
];

type Shapes = ReadonlyMap<string, readonly Glyph[]>;

let known: Shapes | undefined;

/** How the standard fonts draw letters, digits and the signs of ASCII. */
function knownShapes(pdfium: Pdfium): Shapes {
  known ??= drawShapes(pdfium);
  return known;
}

function drawShapes(pdfium: Pdfium): Shapes {
  const document = PdfiumDocument.blank(pdfium);
  try {
    const codes = Array.from({ length: 94 }, (_, i) => i + 33);
    const shapes = new Map<string, Glyph[]>();
    for (const face of FACES) {
      const font = pdfium.FPDFText_LoadStandardFont(document.pointer, face);
      for (const glyph of glyphsOf(document, font, codes, () => true)) {
        const letter = glyph.claim.toLowerCase();
        shapes.set(letter, [...(shapes.get(letter) ?? []), glyph]);
      }
      pdfium.FPDFFont_Close(font);
    }
    return shapes;
  } finally {
    document.close();
  }
}

/** Their letters are drawn as Latin ones. */
const LOOKALIKES =
  /[\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}\p{Script=Lisu}]/u;
const BLANK = /^[\s\p{Cf}\p{Zs}]*$/u;

/** False for what cannot be told by looks. */
export function isTellable(claim: string): boolean {
  return !LOOKALIKES.test(claim);
}

const LETTER = /[a-z0-9]/;

/** How far from itself a letter is in unusual fonts, how near to another one when it is that one. */
const OWN = 0.2;
const NEAR = 0.3;
const APART = 0.1;
/** What says that it is a sign, or several letters, is only doubted where it plainly is a letter. */
const VERY_NEAR = 0.12;
/** Ems; a letter of that width is a word. */
const WORD_WIDTH = 2.2;
/** So many letters of a font that are others are no accident. */
const LEAST_LETTERS = 3;

/** What letters of this font say and do not look like; empty where the font is believed. */
export function doubtsOf(pdfium: Pdfium, glyphs: readonly Glyph[]): Set<string> {
  const shapes = knownShapes(pdfium);
  const doubts = new Set<string>();
  const drawn = new Set<string>();
  const strangers = new Set<string>();
  let letters = 0;
  for (const glyph of glyphs) {
    const look = `${glyph.left} ${glyph.right} ${glyph.top} ${glyph.bottom} ${glyph.ink[29]}`;
    // Codes that a subset does not have are all painted as the same box.
    if (strangers.has(look)) continue;
    const verdict = isWord(glyph) ? 'other' : verdictOn(glyph, shapes);
    if (verdict === 'stranger') strangers.add(look);
    if (verdict !== 'other') continue;
    doubts.add(glyph.claim);
    if (!drawn.has(look)) letters += isWord(glyph) ? LEAST_LETTERS : 1;
    drawn.add(look);
  }
  return letters >= LEAST_LETTERS ? doubts : new Set();
}

function isWord({ claim, left, right }: Glyph): boolean {
  return right - left > WORD_WIDTH && (BLANK.test(claim) || /^[\p{L}\p{N}]$/u.test(claim));
}

/** A stranger is like no letter at all. */
function verdictOn(glyph: Glyph, shapes: Shapes): 'itself' | 'other' | 'stranger' {
  const letter = glyph.claim.normalize('NFKC').toLowerCase();
  if (nearest(glyph, shapes.get(letter) ?? []) < OWN) return 'itself';
  const { alike, others } = sortedFor(letter, shapes);
  const own = nearest(glyph, alike);
  if (own < OWN) return 'itself';
  const near = nearest(glyph, others);
  if (near >= NEAR && own >= NEAR) return 'stranger';
  const isNear = near < (shapes.has(letter) ? NEAR : VERY_NEAR);
  return isNear && near + APART < own ? 'other' : 'itself';
}

interface Sorted {
  /** How the letter, and those that may look like it, are drawn. */
  alike: Glyph[];
  /** All other letters and digits. */
  others: Glyph[];
}

const sorted = new Map<string, Sorted>();
/** A font may say anything. */
const MOST_SORTED = 2000;

function sortedFor(letter: string, shapes: Shapes): Sorted {
  const made = sorted.get(letter);
  if (made) return made;
  const lists: Sorted = { alike: [], others: [] };
  for (const [other, drawn] of shapes) {
    if (isAlike(letter, other)) lists.alike.push(...drawn);
    else if (LETTER.test(other)) lists.others.push(...drawn);
  }
  if (sorted.size < MOST_SORTED) sorted.set(letter, lists);
  return lists;
}

/** With accents, or within a ligature, it is itself. */
function isAlike(letter: string, other: string): boolean {
  if (letter === other || letter.normalize('NFKD').includes(other)) return true;
  return ALIKE.some((alike) => letter !== '' && alike.includes(letter) && alike.includes(other));
}

function nearest(glyph: Glyph, drawn: readonly Glyph[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const one of drawn) least = Math.min(least, distance(glyph, one));
  return least;
}

/** Letters that lie so far apart are not compared. */
const FAR = 0.5;

/** 0 for the same shape at the same place; 1 for shapes that have nothing in common. */
function distance(a: Glyph, b: Glyph): number {
  const apart =
    (Math.abs(a.top - b.top) + Math.abs(a.bottom - b.bottom)) * 0.6 +
    Math.abs(a.right - a.left - b.right + b.left) * 0.3;
  if (apart > FAR) return 1;
  let product = 0;
  const [one, other] = [a.ink, b.ink];
  for (let i = 0; i < one.length; i++) product += (one[i] as number) * (other[i] as number);
  return 1 - product + apart;
}
