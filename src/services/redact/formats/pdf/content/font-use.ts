/**
 * Which codes of a font are still shown anywhere in a document. A subset font holds the letters of
 * its text and often in the order of their first use: what is shown no more must not stay in it.
 */
import { PDFArray, PDFDict, type PDFDocument, PDFName, PDFRawStream } from '@cantoo/pdf-lib';
import { contentsOf } from '../structure/flate.ts';
import { dictOf, nameOf, numberOf } from '../structure/library.ts';
import { type FontMetrics, readFont } from './fonts.ts';
import { contentOf, resourcesOf } from './interpret.ts';
import { readOperations, type Token } from './lexer.ts';

export type FontUse = Map<PDFDict, { metrics: FontMetrics; codes: Set<number> }>;

/** Of these fonts, as far as we can read their strings. */
export function usedCodes(document: PDFDocument, fonts: Iterable<PDFDict>): FontUse {
  const use: FontUse = new Map();
  for (const font of fonts) {
    const metrics = readFont(font);
    if (metrics) use.set(font, { metrics, codes: new Set() });
  }
  if (use.size === 0) return use;
  const inherited = new Set<PDFDict>();
  for (const { node } of document.getPages()) {
    const resources = resourcesOf(node);
    if (!resources) continue;
    inherited.add(resources);
    if (holdsAny(resources, use)) note(contentOf(node), [resources], use);
  }
  for (const [, object] of document.context.enumerateIndirectObjects()) {
    if (object instanceof PDFDict && nameOf(object, 'Subtype') === 'Type3') noteGlyphs(object, use);
    if (!(object instanceof PDFRawStream) || !isPainted(object.dict)) continue;
    const own = dictOf(object.dict, 'Resources');
    // A form without resources of its own has those of whoever paints it.
    const all = own ? [own] : [...inherited];
    if (all.some((resources) => holdsAny(resources, use))) note(contentsOf(object), all, use);
  }
  return use;
}

function isPainted(dict: PDFDict): boolean {
  return nameOf(dict, 'Subtype') === 'Form' || numberOf(dict, 'PatternType') === 1;
}

/** Letters of a Type 3 font are contents, too. */
function noteGlyphs(font: PDFDict, use: FontUse): void {
  const resources = dictOf(font, 'Resources');
  const glyphs = dictOf(font, 'CharProcs');
  if (!resources || !glyphs || !holdsAny(resources, use)) return;
  for (const key of glyphs.keys()) {
    const glyph = glyphs.lookup(key);
    if (glyph instanceof PDFRawStream) note(contentsOf(glyph), [resources], use);
  }
}

function holdsAny(resources: PDFDict, use: FontUse): boolean {
  const fonts = dictOf(resources, 'Font');
  const states = dictOf(resources, 'ExtGState');
  const named = fonts?.keys().some((key) => isOf(fonts.lookup(key), use)) ?? false;
  return (
    named || (states?.keys().some((key) => isOf(fontOfState(states.lookup(key)), use)) ?? false)
  );
}

function isOf(font: unknown, use: FontUse): boolean {
  return font instanceof PDFDict && use.has(font);
}

function fontOfState(state: unknown): unknown {
  const font = state instanceof PDFDict ? state.lookup(PDFName.of('Font')) : undefined;
  return font instanceof PDFArray ? font.lookup(0) : undefined;
}

/** Notes what a content shows; of a name that stands for several fonts, all. */
function note(content: Uint8Array, all: readonly PDFDict[], use: FontUse): void {
  let current: PDFDict[] = [];
  const saved: PDFDict[][] = [];
  for (const { operator, operands } of readOperations(content)) {
    if (operator === 'q') saved.push(current);
    else if (operator === 'Q') current = saved.pop() ?? current;
    else if (operator === 'Tf' || operator === 'gs') {
      current = fontsNamed(operands[0], operator, all) ?? current;
    } else if (
      operator.endsWith('j') ||
      operator === 'TJ' ||
      operator === "'" ||
      operator === '"'
    ) {
      for (const font of current) for (const token of operands) noteShown(token, use.get(font));
    }
  }
}

function fontsNamed(
  token: Token | undefined,
  operator: string,
  all: readonly PDFDict[],
): PDFDict[] | null {
  if (token?.kind !== 'name') return null;
  const key = PDFName.of(token.value);
  const found = all.flatMap((resources) => {
    const font =
      operator === 'Tf'
        ? dictOf(resources, 'Font')?.lookup(key)
        : fontOfState(dictOf(resources, 'ExtGState')?.lookup(key));
    return font instanceof PDFDict ? [font] : [];
  });
  return found.length > 0 || operator === 'Tf' ? found : null;
}

function noteShown(
  token: Token,
  use: { metrics: FontMetrics; codes: Set<number> } | undefined,
): void {
  if (!use) return;
  if (token.kind === 'array') for (const item of token.items) noteShown(item, use);
  if (token.kind !== 'string') return;
  for (const { code } of use.metrics.split(token.bytes)) use.codes.add(code);
}
