/**
 * Writes a content stream anew without the removed glyphs. Operators that are not touched are copied
 * as they stood; a touched one becomes a TJ whose numbers put what remains where the layout says.
 */
import { PDFDict, PDFName, type PDFRef } from '@cantoo/pdf-lib';
import type { ContentNode, Glyph, Showing } from './interpret.ts';
import type { Operation, Token } from './lexer.ts';
import { writtenName } from './properties.ts';

/** Text space differences below this are not worth a number. */
const EPSILON = 0.002;
const MOVES = new Set(['BT', 'Td', 'TD', 'Tm', 'T*']);
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
    } else if (writer.step(operation, byOperation.get(index) ?? [], node.showings.get(index))) {
      isChanged = true;
    }
  }
  return isChanged ? { bytes: writer.finish(), resources: writer.resources } : null;
}

class Writer {
  resources: PDFDict;
  private readonly node: ContentNode;
  private readonly pieces: Buffer[] = [];
  private copiedTo = 0;
  /** How far the pen is from where it was in the original, in text space. */
  private displaced = 0;
  private forms = 0;

  constructor(node: ContentNode) {
    this.node = node;
    this.resources = node.resources;
  }

  /** True where the operator was written anew. */
  step(operation: Operation, glyphs: readonly Glyph[], showing: Showing | undefined): boolean {
    const { operator } = operation;
    if (MOVES.has(operator)) this.displaced = 0;
    if (!SHOWS.has(operator) || !showing) return false;
    if (operator === "'" || operator === '"') this.displaced = 0;
    const isTouched = glyphs.some(
      ({ isRemoved, shift }) => isRemoved || Math.abs(shift - this.displaced) > EPSILON,
    );
    if (!isTouched) return false;
    this.replace(operation, this.showing(operation, glyphs, showing));
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
    this.pieces.push(Buffer.from(source, 'latin1'));
    this.copiedTo = end;
  }

  private copyTo(position: number): void {
    if (position > this.copiedTo)
      this.pieces.push(Buffer.from(this.node.bytes.subarray(this.copiedTo, position)));
    this.copiedTo = Math.max(position, this.copiedTo);
  }

  private showing(
    { operator, operands }: Operation,
    glyphs: readonly Glyph[],
    showing: Showing,
  ): string {
    const head =
      operator === '"'
        ? `${written(operands[0])} Tw ${written(operands[1])} Tc T* `
        : operator === "'"
          ? 'T* '
          : '';
    const operand = operator === '"' ? operands[2] : operands[0];
    const items: Token[] = operand?.kind === 'array' ? operand.items : operand ? [operand] : [];
    const array = new ArrayWriter(showing, this.displaced);
    for (const [element, item] of items.entries()) {
      if (item.kind === 'number') array.number(item.value);
      if (item.kind === 'string')
        array.string(
          item.bytes,
          glyphs.filter((glyph) => glyph.element === element),
        );
    }
    this.displaced = array.displaced;
    return `${head}[${array.source()}] TJ`;
  }
}

function paintedName({ operands: [name] }: Operation): string {
  return name?.kind === 'name' ? name.value : '';
}

/** Builds the array of a TJ. Numbers are thousandths of text space units, leftwards. */
class ArrayWriter {
  displaced: number;
  private readonly unit: number;
  private readonly parts: string[] = [];
  private hex = '';
  private pending = 0;

  constructor({ fontSize, scale }: Showing, displaced: number) {
    this.displaced = displaced;
    this.unit = -1000 / (fontSize * scale || 1);
  }

  number(value: number): void {
    this.pending += value;
  }

  string(bytes: Uint8Array, glyphs: readonly Glyph[]): void {
    for (const glyph of glyphs) {
      if (glyph.isRemoved) {
        // Its own kerning goes with it: what stands in the array is only where the rest begins.
        this.displaced -= glyph.advanceText;
        continue;
      }
      const move = glyph.shift - this.displaced;
      if (Math.abs(move) > EPSILON) {
        this.pending += move * this.unit;
        this.displaced = glyph.shift;
      }
      this.flushNumber();
      this.hex += Buffer.from(bytes.subarray(glyph.byteStart, glyph.byteEnd)).toString('hex');
    }
  }

  source(): string {
    this.flushNumber();
    this.flushString();
    return this.parts.join(' ');
  }

  private flushNumber(): void {
    if (this.pending === 0) return;
    this.flushString();
    this.parts.push(decimal(this.pending));
    this.pending = 0;
  }

  private flushString(): void {
    if (this.hex !== '') this.parts.push(`<${this.hex}>`);
    this.hex = '';
  }
}

function written(token: Token | undefined): string {
  if (token?.kind === 'number') return decimal(token.value);
  if (token?.kind === 'name') return writtenName(token.value);
  return '0';
}

function decimal(value: number): string {
  return Number(value.toFixed(3)).toString().includes('e')
    ? '0'
    : Number(value.toFixed(3)).toString();
}
