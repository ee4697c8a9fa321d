/**
 * Takes out of fonts what belongs to letters that are shown no more: their meaning (ToUnicode), their
 * names, their widths, their outlines, the lists of what a subset holds; a font that shows nothing goes as a whole.
 */
import {
  PDFArray,
  PDFDict,
  type PDFDocument,
  PDFName,
  PDFNumber,
  PDFRawStream,
} from '@cantoo/pdf-lib';
import { usedCodes } from '../content/font-use.ts';
import { forgetOutlines } from '../fonts/forget-outlines.ts';
import { contentsOf, flateStream } from './flate.ts';
import { arrayOf, dictOf, drop, nameOf, numberOf } from './library.ts';
import { withoutCodes } from './meanings.ts';

export function cleanFonts(document: PDFDocument, fonts: Iterable<PDFDict>): void {
  const offered = offeredFonts(document);
  const meant = [...fonts].filter((font) => isTelling(font) && !offered.has(font));
  const use = usedCodes(document, meant);
  forgetOutlines(document, new Map([...use].map(([font, { codes }]) => [font, codes])));
  for (const [font, { codes }] of use) {
    if (codes.size === 0) removeFont(document, font);
    else cleanFont(document, font, codes);
  }
}

/** All fonts of a document. */
export function allFonts({ context }: PDFDocument): PDFDict[] {
  return context
    .enumerateIndirectObjects()
    .flatMap(([, object]) =>
      object instanceof PDFDict && nameOf(object, 'Type') === 'Font' && !isDescendant(object)
        ? [object]
        : [],
    );
}

function isDescendant(font: PDFDict): boolean {
  return nameOf(font, 'Subtype')?.startsWith('CIDFont') ?? false;
}

/** A standard font holds every letter, whatever it shows. */
function isTelling(font: PDFDict): boolean {
  return ['ToUnicode', 'Widths', 'DescendantFonts', 'CharProcs', 'FontDescriptor'].some((key) =>
    font.has(PDFName.of(key)),
  );
}

/** Fonts of fields are for what will be filled in. */
function offeredFonts({ catalog }: PDFDocument): Set<PDFDict> {
  const form = dictOf(catalog, 'AcroForm');
  const resources = form && dictOf(form, 'DR');
  const fonts = resources && dictOf(resources, 'Font');
  return new Set(
    fonts?.keys().flatMap((key) => {
      const font = fonts.lookup(key);
      return font instanceof PDFDict ? [font] : [];
    }),
  );
}

function removeFont({ context }: PDFDocument, font: PDFDict): void {
  for (const [, object] of context.enumerateIndirectObjects()) {
    const dict = object instanceof PDFRawStream ? object.dict : object;
    if (!(dict instanceof PDFDict)) continue;
    for (const fonts of [dict, dictOf(dict, 'Font'), fontsOf(dict)]) {
      for (const key of fonts?.keys() ?? []) {
        if (fonts?.lookup(key) === font) fonts.delete(key);
      }
    }
  }
}

function fontsOf(dict: PDFDict): PDFDict | undefined {
  const resources = dictOf(dict, 'Resources');
  return resources && dictOf(resources, 'Font');
}

function cleanFont(document: PDFDocument, font: PDFDict, codes: ReadonlySet<number>): void {
  const { context } = document;
  const map = font.lookup(PDFName.of('ToUnicode'));
  if (map instanceof PDFRawStream) {
    const cleaned = flateStream(context, withoutCodes(latin(contentsOf(map)), codes));
    font.set(PDFName.of('ToUnicode'), context.register(cleaned));
  }
  const names = cleanNames(font, codes);
  const glyphs = dictOf(font, 'CharProcs');
  for (const key of glyphs?.keys() ?? []) {
    if (names && !names.has(key.decodeText())) glyphs?.delete(key);
  }
  cleanWidths(font, codes);
  for (const dict of [font, arrayOf(font, 'DescendantFonts')?.lookup(0)]) {
    if (!(dict instanceof PDFDict)) continue;
    const descriptor = dictOf(dict, 'FontDescriptor');
    if (descriptor) drop(descriptor, 'CharSet', 'CIDSet');
    if (dict !== font && nameOf(font, 'Encoding') === 'Identity-H') cleanCidWidths(dict, codes);
  }
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Names of the codes that stay; null where it names none. */
function cleanNames(font: PDFDict, codes: ReadonlySet<number>): Set<string> | null {
  const encoding = dictOf(font, 'Encoding');
  const differences = encoding && arrayOf(encoding, 'Differences');
  if (!encoding || !differences) return null;
  const kept: (number | PDFName)[] = [];
  const names = new Set<string>();
  let [code, last] = [0, -2];
  for (let i = 0; i < differences.size(); i++) {
    const item = differences.lookup(i);
    if (item instanceof PDFNumber) code = item.asNumber();
    if (!(item instanceof PDFName)) continue;
    if (codes.has(code)) {
      if (code !== last + 1) kept.push(code);
      kept.push(item);
      names.add(item.decodeText());
      last = code;
    }
    code++;
  }
  // The encoding may be that of other fonts, too.
  const own = encoding.clone(font.context);
  own.set(PDFName.of('Differences'), font.context.obj(kept));
  font.set(PDFName.of('Encoding'), own);
  return names;
}

function cleanWidths(font: PDFDict, codes: ReadonlySet<number>): void {
  const widths = arrayOf(font, 'Widths');
  const first = numberOf(font, 'FirstChar') ?? 0;
  if (!widths) return;
  const kept = widths.asArray().map((width, i) => (codes.has(first + i) ? width : PDFNumber.of(0)));
  font.set(PDFName.of('Widths'), font.context.obj(kept));
}

/** `W` with the codes that stay, which are their own numbers in this encoding. */
function cleanCidWidths(descendant: PDFDict, codes: ReadonlySet<number>): void {
  const widths = arrayOf(descendant, 'W');
  if (!widths) return;
  const kept: (number | PDFArray)[] = [];
  const keep = (cid: number, width: unknown) => {
    if (codes.has(cid) && width instanceof PDFNumber) {
      kept.push(cid, descendant.context.obj([width.asNumber()]));
    }
  };
  for (let i = 0; i < widths.size(); ) {
    const [first, second] = [widths.lookup(i), widths.lookup(i + 1)];
    if (!(first instanceof PDFNumber)) return;
    if (second instanceof PDFArray) {
      for (let j = 0; j < second.size(); j++) keep(first.asNumber() + j, second.lookup(j));
      i += 2;
      continue;
    }
    const last = second instanceof PDFNumber ? Math.min(second.asNumber(), 0xffff) : -1;
    for (let cid = first.asNumber(); cid <= last; cid++) keep(cid, widths.lookup(i + 2));
    i += 3;
  }
  descendant.set(PDFName.of('W'), descendant.context.obj(kept));
}
