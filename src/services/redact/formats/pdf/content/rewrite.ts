/**
 * Writes a content stream anew without the removed glyphs. Operators that are not touched are copied
 * as they stood. A text object with a line that is laid out anew says where each of its strings
 * begins and nothing else of where they were: its moves are gone, for a move tells how wide the words
 * before it were as well as a gap does.
 */
import { PDFDict, PDFName, type PDFRef } from '@cantoo/pdf-lib';
import type { ContentNode, Glyph, Showing } from './interpret.ts';
import type { Operation, Token } from './lexer.ts';
import { writtenName } from './properties.ts';

const MOVES = new Set(['Td', 'TD', 'Tm', 'T*']);
const SHOWS = new Set(['Tj', 'TJ', "'", '"']);

export interface Rewritten {
  bytes: Buffer;
  /** As the node's, with changed forms under new names. */
  resources: PDFDict;
}

/** Makes a form anew under its changed content; the caller registers it. */
export type MakeForm = (node: ContentNode, rewritten: Rewritten) => PDFRef;

/** Null where nothing of the node or its forms changes. */
export function rewriteNode(node: ContentNode, makeForm: MakeForm): Rewritten | null {
  const byOperation = new Map<number, Glyph[]>();
  for (const glyph of node.glyphs) {
    const same = byOperation.get(glyph.operation);
    if (same) same.push(glyph);
    else byOperation.set(glyph.operation, [glyph]);
  }
  const writer = new Writer(node);
  let isChanged = false;
  for (const [index, operation] of node.operations.entries()) {
    const child = node.children.get(index);
    const form = child && rewriteNode(child, makeForm);
    if (child && form) {
      writer.paint(operation, makeForm(child, form));
      isChanged = true;
    } else if (writer.step(index, operation, byOperation.get(index) ?? [])) {
      isChanged = true;
    }
  }
  return isChanged ? { bytes: writer.finish(), resources: writer.resources } : null;
}

/**
 * Operators that set the word spacing of lines that are laid out anew, and of no line whose glyphs are
 * not known: a justified line's spacing tells how wide its words were.
 */
function unspacedOf({ showings }: ContentNode): Set<number> {
  const laid = new Set<number>();
  const needed = new Set<number>();
  for (const { spacer, isLaid, isWhole } of showings.values()) {
    if (spacer === null) continue;
    if (isLaid) laid.add(spacer);
    if (!isWhole) needed.add(spacer);
  }
  for (const spacer of needed) laid.delete(spacer);
  return laid;
}

function laidObjects({ operations, showings }: ContentNode): Set<number> {
  const laid = new Set<number>();
  let begun = -1;
  for (const [index, { operator }] of operations.entries()) {
    if (operator === 'BT') begun = index;
    if (showings.get(index)?.isLaid) laid.add(begun);
  }
  return laid;
}

class Writer {
  resources: PDFDict;
  private readonly node: ContentNode;
  private readonly pieces: Buffer[] = [];
  private copiedTo = 0;
  private forms = 0;
  /** Operators whose word spacing is taken back. */
  private readonly unspaced: ReadonlySet<number>;
  /** Where text objects begin that are written anew; -1 for text outside of any. */
  private readonly laid: ReadonlySet<number>;
  /** Within one of them. */
  private isAnew: boolean;

  constructor(node: ContentNode) {
    this.node = node;
    this.resources = node.resources;
    this.unspaced = unspacedOf(node);
    this.laid = laidObjects(node);
    this.isAnew = this.laid.has(-1);
  }

  /** True where the operator was written anew. */
  step(index: number, operation: Operation, glyphs: readonly Glyph[]): boolean {
    const { operator, operands } = operation;
    const drawn = this.node.redrawn.get(index);
    if (drawn !== undefined) {
      this.replace(operation, drawn);
      return true;
    }
    if (operator === 'BT') this.isAnew = this.laid.has(index);
    if (!this.isAnew) return false;
    const showing = this.node.showings.get(index);
    if (MOVES.has(operator)) {
      // The leading that it sets is for later lines, too.
      this.replace(operation, operator === 'TD' ? `${decimal(-numberOf(operands[1]))} TL` : '');
    } else if (operator === 'Tw' && this.unspaced.has(index)) this.replace(operation, '0 Tw');
    else if (SHOWS.has(operator) && showing) {
      this.replace(operation, this.shown(operation, glyphs, showing));
    } else return false;
    return true;
  }

  /** Paints a changed form in place of the one that was. */
  paint(operation: Operation, form: PDFRef): void {
    const name = this.newName();
    const objects = this.resources.lookup(PDFName.of('XObject'));
    const { context } = this.resources;
    const copy = this.resources.clone(context);
    const own = objects instanceof PDFDict ? objects.clone(context) : context.obj({});
    own.set(PDFName.of(name), form);
    if (!this.isPaintedElsewhere(operation)) own.delete(PDFName.of(paintedName(operation)));
    copy.set(PDFName.of('XObject'), own);
    this.resources = copy;
    this.replace(operation, `/${name} Do`);
  }

  /** The form as it was is dropped with its last use: its text would still be in the file. */
  private isPaintedElsewhere(operation: Operation): boolean {
    const name = paintedName(operation);
    return this.node.operations.some(
      (other) =>
        other.start > operation.start && other.operator === 'Do' && paintedName(other) === name,
    );
  }

  finish(): Buffer {
    this.copyTo(this.node.bytes.length);
    return Buffer.concat(this.pieces);
  }

  private newName(): string {
    const objects = this.resources.lookup(PDFName.of('XObject'));
    for (;;) {
      const name = `CloakFm${++this.forms}`;
      if (!(objects instanceof PDFDict) || !objects.has(PDFName.of(name))) return name;
    }
  }

  private replace({ start, end }: Operation, source: string): void {
    this.copyTo(start);
    // Operators may stand side by side: `/F1 12 Tf(text)Tj`.
    this.pieces.push(Buffer.from(` ${source} `, 'latin1'));
    this.copiedTo = end;
  }

  private copyTo(position: number): void {
    if (position > this.copiedTo)
      this.pieces.push(Buffer.from(this.node.bytes.subarray(this.copiedTo, position)));
    this.copiedTo = Math.max(position, this.copiedTo);
  }

  /** A text-showing operator with a place of its own. */
  private shown(operation: Operation, glyphs: readonly Glyph[], showing: Showing): string {
    const { operator, operands } = operation;
    const isUnspaced = showing.spacer !== null && this.unspaced.has(showing.spacer);
    const [spacing, tracking] = operands;
    const head =
      operator === '"' ? `${isUnspaced ? 0 : written(spacing)} Tw ${written(tracking)} Tc ` : '';
    const operand = operands.at(-1);
    const items = operand?.kind === 'array' ? operand.items : operand ? [operand] : [];
    // What is on no line that was asked for stands where it stood.
    if (!showing.isWhole) return `${head}${matrixAt(showing, 0)} Tm ${arrayOf(items)} TJ`;
    const kept = glyphs.filter(({ isRemoved }) => !isRemoved);
    const [first] = kept;
    if (!first) return head;
    const at = matrixAt(showing, first.atText + first.shift);
    return `${head}${at} Tm ${laidArray(items, kept, showing, isUnspaced)} TJ`;
  }
}

function paintedName({ operands: [name] }: Operation): string {
  return name?.kind === 'name' ? name.value : '';
}

function matrixAt({ matrix: [a, b, c, d, e, f] }: Showing, x: number): string {
  return [a, b, c, d, e + a * x, f + b * x].map((value) => decimal(value, 6)).join(' ');
}

/** Strings and moves as they were. */
function arrayOf(items: readonly Token[]): string {
  const parts = items.map((item) =>
    item.kind === 'string' ? `<${Buffer.from(item.bytes).toString('hex')}>` : written(item),
  );
  return `[${parts.join(' ')}]`;
}

/** What stays of a string, each glyph at its new place: numbers are thousandths of an em, leftwards. */
function laidArray(
  items: readonly Token[],
  kept: readonly Glyph[],
  { fontSize, scale }: Showing,
  isUnspaced: boolean,
): string {
  const unit = -1000 / (fontSize * scale || 1);
  const parts: string[] = [];
  let hex = '';
  let pen = (kept[0]?.atText ?? 0) + (kept[0]?.shift ?? 0);
  for (const glyph of kept) {
    const { element, byteStart, byteEnd } = glyph;
    const item = items[element];
    if (item?.kind !== 'string') continue;
    const move = (glyph.atText + glyph.shift - pen) * unit;
    if (Math.abs(move) >= 0.0005) {
      if (hex !== '') parts.push(`<${hex}>`);
      parts.push(decimal(move));
      hex = '';
    }
    for (let i = byteStart; i < byteEnd; i++) hex += HEX[item.bytes[i] ?? 0];
    pen = glyph.atText + glyph.shift + glyph.advanceText - (isUnspaced ? glyph.wordSpacing : 0);
  }
  return `[${[...parts, `<${hex}>`].join(' ')}]`;
}

/** Of each byte, its two digits. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function written(token: Token | undefined): string {
  if (token?.kind === 'number') return decimal(token.value);
  if (token?.kind === 'name') return writtenName(token.value);
  return '0';
}

function numberOf(token: Token | undefined): number {
  return token?.kind === 'number' ? token.value : 0;
}

function decimal(value: number, digits = 3): string {
  const rounded = Number(value.toFixed(digits)) || 0;
  return Math.abs(rounded) < 1e-6 || Math.abs(rounded) > 1e20 ? '0' : String(rounded);
}
