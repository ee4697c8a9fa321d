/**
 * Walks a page's content as a viewer would and notes where every glyph stands: in which string of
 * which operator of which stream, and where on the page. Forms are entered, each use on its own.
 */
import { PDFArray, PDFDict, PDFName, PDFNumber, PDFRawStream, PDFRef } from '@cantoo/pdf-lib';
import { contentsOf } from '../structure/flate.ts';
import { type FontMetrics, type Measure, nameAt, readFont } from './fonts.ts';
import { type Operation, readOperations, type Token } from './lexer.ts';
import {
  IDENTITY,
  lengthOf,
  type Matrix,
  multiply,
  type Point,
  shifted,
  transform,
  turn,
} from './matrix.ts';
import { PathReader, type Subpath } from './paths.ts';

export interface Glyph {
  operation: number;
  /** Which string of a TJ; 0 for a lone one. */
  element: number;
  byteStart: number;
  byteEnd: number;
  /** In page space. */
  origin: Point;
  /** From the origin to where the next glyph begins. */
  advance: Point;
  /** One em along the line and one upwards. */
  em: Point;
  up: Point;
  /** In text space, from where the operator began to show. */
  atText: number;
  /** In text space, to the next glyph. */
  advanceText: number;
  /** How much of it is word spacing. */
  wordSpacing: number;
  isSpace: boolean;
  isRemoved: boolean;
  /** How far it is to move along the line, in text space. */
  shift: number;
}

/** What a text-showing operator needs to be written anew. */
export interface Showing {
  /** The text matrix where it begins. */
  matrix: Matrix;
  fontSize: number;
  scale: number;
  /** Text space units along the line in a point of the page. */
  perPoint: number;
  font: PDFDict | null;
  /** The operator of the same content that set its word spacing, where that is not zero. */
  spacer: number | null;
  /** True where each of its glyphs is known. */
  isWhole: boolean;
  /** Its line is laid out anew: the word spacing that it had must not stay to be read. */
  isLaid: boolean;
}

/** A string of a line that was not asked for: where its letters begin and end. */
export interface Extent {
  origin: Point;
  em: Point;
  /** In points. */
  length: number;
}

export interface ContentNode {
  operations: Operation[];
  bytes: Uint8Array;
  resources: PDFDict;
  glyphs: Glyph[];
  extents: Extent[];
  showings: Map<number, Showing>;
  /** What is drawn of straight lines. */
  subpaths: readonly Subpath[];
  /** Operators that draw otherwise now, by their index. */
  redrawn: Map<number, string>;
  /** How many states it saves and does not restore. */
  unclosed: number;
  /** Forms painted here, by operation. */
  children: Map<number, ContentNode>;
  /** The form itself; absent for a page. */
  form?: PDFRawStream;
}

export interface Interpreted {
  root: ContentNode;
  /** False where text stood in a font that we cannot lay out. */
  isWhole: boolean;
  /** True where words are parted by spaces and not only by where they stand. */
  hasSpaces: boolean;
}

/** In prose one letter in six is a space. */
const SPACE_SHARE = 0.05;

/** Forms within forms go no deeper; more glyphs are no page. */
const DEEPEST = 12;
const MOST_GLYPHS = 400_000;
const MOST_FORMS = 5_000;

interface State {
  ctm: Matrix;
  font: FontMetrics | null;
  face: PDFDict | null;
  hasFont: boolean;
  size: number;
  characterSpacing: number;
  wordSpacing: number;
  spacer: number | null;
  scale: number;
  leading: number;
  rise: number;
}

const START: State = {
  ctm: IDENTITY,
  font: null,
  face: null,
  hasFont: false,
  size: 0,
  characterSpacing: 0,
  wordSpacing: 0,
  spacer: null,
  scale: 1,
  leading: 0,
  rise: 0,
};

/** Tells whether the glyphs of a line are asked for; the others are only measured. */
export type IsAsked = (origin: Point, em: Point, up: Point) => boolean;

export function interpretPage(
  bytes: Uint8Array,
  resources: PDFDict,
  isAsked: IsAsked,
  /** Shared by the pages of a document. */
  fonts: Map<PDFDict, FontMetrics | null>,
): Interpreted {
  const run = { fonts, isAsked, isWhole: true, glyphs: 0, spaces: 0, forms: 0 };
  const root = new Interpreter(run, bytes, resources, START, 0).node;
  return { root, isWhole: run.isWhole, hasSpaces: run.spaces > run.glyphs * SPACE_SHARE };
}

interface Run {
  fonts: Map<PDFDict, FontMetrics | null>;
  isAsked: IsAsked;
  isWhole: boolean;
  glyphs: number;
  spaces: number;
  forms: number;
}

class Interpreter {
  readonly node: ContentNode;
  private readonly run: Run;
  private readonly depth: number;
  private state: State;
  private readonly saved: State[] = [];
  private readonly paths = new PathReader();
  private textMatrix: Matrix = IDENTITY;
  private lineMatrix: Matrix = IDENTITY;
  /** How far the pen has moved since the operator began to show. */
  private moved = 0;

  constructor(run: Run, bytes: Uint8Array, resources: PDFDict, state: State, depth: number) {
    this.run = run;
    this.depth = depth;
    this.state = { ...state };
    const operations = readOperations(bytes);
    this.node = {
      operations,
      bytes,
      resources,
      glyphs: [],
      extents: [],
      showings: new Map(),
      subpaths: this.paths.subpaths,
      redrawn: new Map(),
      unclosed: 0,
      children: new Map(),
    };
    for (const [index, operation] of operations.entries()) this.step(index, operation);
    this.node.unclosed = this.saved.length;
  }

  private step(index: number, operation: Operation): void {
    const { operator, operands } = operation;
    this.paths.step(index, operation, this.state.ctm);
    const n = (i: number) => numberAt(operands, i);
    const { state } = this;
    switch (operator) {
      case 'q':
        if (this.saved.length < 1000) this.saved.push({ ...state });
        break;
      case 'Q':
        this.state = this.saved.pop() ?? state;
        break;
      case 'cm':
        state.ctm = multiply([n(0), n(1), n(2), n(3), n(4), n(5)], state.ctm);
        break;
      case 'gs':
        this.graphicsState(operands);
        break;
      case 'Do':
        this.paintForm(index, operands);
        break;
      default:
        this.textStep(index, operator, operands, n);
    }
  }

  private textStep(
    index: number,
    operator: string,
    operands: Token[],
    n: (i: number) => number,
  ): void {
    const { state } = this;
    switch (operator) {
      case 'BT':
        this.textMatrix = IDENTITY;
        this.lineMatrix = IDENTITY;
        break;
      case 'Tc':
        state.characterSpacing = n(0);
        break;
      case 'Tw':
        this.spaceWords(index, n(0));
        break;
      case 'Tz':
        state.scale = n(0) / 100;
        break;
      case 'TL':
        state.leading = n(0);
        break;
      case 'Ts':
        state.rise = n(0);
        break;
      case 'Tf':
        this.setFont(operands);
        break;
      case 'TD':
        state.leading = -n(1);
        this.moveLine(n(0), n(1));
        break;
      case 'Td':
        this.moveLine(n(0), n(1));
        break;
      case 'Tm':
        this.lineMatrix = [n(0), n(1), n(2), n(3), n(4), n(5)];
        this.textMatrix = this.lineMatrix;
        break;
      case 'T*':
        this.moveLine(0, -state.leading);
        break;
      case 'Tj':
      case 'TJ':
        this.show(index, operands[0]);
        break;
      case "'":
        this.moveLine(0, -state.leading);
        this.show(index, operands[0]);
        break;
      case '"':
        this.spaceWords(index, n(0));
        state.characterSpacing = n(1);
        this.moveLine(0, -state.leading);
        this.show(index, operands[2]);
        break;
    }
  }

  private spaceWords(index: number, spacing: number): void {
    this.state.wordSpacing = spacing;
    this.state.spacer = spacing === 0 ? null : index;
  }

  private moveLine(x: number, y: number): void {
    this.lineMatrix = shifted(this.lineMatrix, x, y);
    this.textMatrix = this.lineMatrix;
  }

  private setFont(operands: Token[]): void {
    const [name] = operands;
    this.state.size = numberAt(operands, 1);
    const fonts = this.node.resources.lookup(PDFName.of('Font'));
    const dict =
      name?.kind === 'name' && fonts instanceof PDFDict
        ? fonts.lookup(PDFName.of(name.value))
        : undefined;
    this.useFont(dict instanceof PDFDict ? dict : null);
  }

  private graphicsState(operands: Token[]): void {
    const [name] = operands;
    const states = this.node.resources.lookup(PDFName.of('ExtGState'));
    const dict =
      name?.kind === 'name' && states instanceof PDFDict
        ? states.lookup(PDFName.of(name.value))
        : undefined;
    const font = dict instanceof PDFDict ? dict.lookup(PDFName.of('Font')) : undefined;
    if (!(font instanceof PDFArray)) return;
    const [face, size] = [font.lookup(0), font.lookup(1)];
    if (size instanceof PDFNumber) this.state.size = size.asNumber();
    if (face instanceof PDFDict) this.useFont(face);
  }

  private useFont(dict: PDFDict | null): void {
    this.state.hasFont = true;
    this.state.face = dict;
    if (!dict) {
      this.state.font = null;
      return;
    }
    let font = this.run.fonts.get(dict);
    if (font === undefined) {
      font = readFont(dict);
      this.run.fonts.set(dict, font);
    }
    this.state.font = font;
  }

  private show(index: number, operand: Token | undefined): void {
    const { size, scale, ctm } = this.state;
    const along = turn(multiply(this.textMatrix, ctm), 1, 0);
    const perPoint = 1 / (lengthOf(along) || 1);
    const { face, spacer } = this.state;
    const known = { font: face, spacer, isWhole: true, isLaid: false };
    const matrix = this.textMatrix;
    this.moved = 0;
    this.node.showings.set(index, { matrix, fontSize: size, scale, perPoint, ...known });
    if (operand?.kind === 'string') this.showString(index, 0, operand.bytes);
    if (operand?.kind !== 'array') return;
    for (const [element, item] of operand.items.entries()) {
      if (item.kind === 'string') this.showString(index, element, item.bytes);
      else if (item.kind === 'number') this.moveOn((-item.value / 1000) * size * scale);
    }
  }

  private showString(operation: number, element: number, bytes: Uint8Array): void {
    const { font, size, scale, rise, characterSpacing, wordSpacing, ctm } = this.state;
    if (!font) {
      if (bytes.length > 0) this.run.isWhole = false;
      return;
    }
    const start = multiply(this.textMatrix, ctm);
    const [em, up] = [turn(start, size * scale, 0), turn(start, 0, size)];
    if (!this.run.isAsked(transform(start, 0, rise), em, up)) {
      this.measure(operation, font.measure(bytes), { start, em });
      return;
    }
    let [at, all] = [0, start];
    for (const { length, width, isWordSpace, isSpace } of font.split(bytes)) {
      const spacing = isWordSpace ? wordSpacing : 0;
      const advanceText = (width * size + characterSpacing + spacing) * scale;
      // Without spreading: a page has thousands of them.
      this.node.glyphs.push({
        operation,
        element,
        byteStart: at,
        byteEnd: at + length,
        origin: transform(all, 0, rise),
        advance: turn(all, advanceText, 0),
        em,
        up,
        atText: this.moved,
        advanceText,
        wordSpacing: spacing * scale,
        isSpace,
        isRemoved: false,
        shift: 0,
      });
      at += length;
      if (isSpace) this.run.spaces++;
      this.count(1);
      this.moveOn(advanceText);
      all = shifted(all, advanceText, 0);
    }
  }

  private measure(
    operation: number,
    { glyphs, width, wordSpaces, spaces, trailing }: Measure,
    { start, em }: { start: Matrix; em: Point },
  ): void {
    this.count(glyphs);
    this.run.spaces += spaces;
    const { size, scale, characterSpacing, wordSpacing } = this.state;
    const textOf = (ems: number, letters: number, spaces: number) =>
      (ems * size + letters * characterSpacing + spaces * wordSpacing) * scale;
    const behind = Math.min(trailing.glyphs, wordSpaces);
    const seen = textOf(width - trailing.width, glyphs - trailing.glyphs, wordSpaces - behind);
    const across = turn(start, seen, 0);
    const length = lengthOf(across);
    if (seen > 0) this.node.extents.push({ origin: transform(start, 0, 0), em, length });
    const showing = this.node.showings.get(operation);
    if (showing) showing.isWhole = false;
    this.moveOn(textOf(width, glyphs, wordSpaces));
  }

  private count(glyphs: number): void {
    this.run.glyphs += glyphs;
    if (this.run.glyphs > MOST_GLYPHS) throw new Error('too many glyphs on a page');
  }

  private moveOn(x: number): void {
    this.moved += x;
    this.textMatrix = shifted(this.textMatrix, x, 0);
  }

  private paintForm(index: number, operands: Token[]): void {
    const [name] = operands;
    const objects = this.node.resources.lookup(PDFName.of('XObject'));
    if (name?.kind !== 'name' || !(objects instanceof PDFDict) || this.depth >= DEEPEST) return;
    const form = objects.lookup(PDFName.of(name.value));
    if (!(form instanceof PDFRawStream) || nameAt(form.dict, 'Subtype') !== 'Form') return;
    if (++this.run.forms > MOST_FORMS) throw new Error('too many forms on a page');
    const own = form.dict.lookup(PDFName.of('Resources'));
    const resources = own instanceof PDFDict ? own : this.node.resources;
    const ctm = multiply(formMatrix(form.dict), this.state.ctm);
    const bytes = contentsOf(form);
    const { node } = new Interpreter(
      this.run,
      bytes,
      resources,
      { ...this.state, ctm, spacer: null },
      this.depth + 1,
    );
    this.node.children.set(index, { ...node, form });
  }
}

function formMatrix(dict: PDFDict): Matrix {
  const array = dict.lookup(PDFName.of('Matrix'));
  if (!(array instanceof PDFArray) || array.size() !== 6) return IDENTITY;
  const n = (i: number) => {
    const value = array.lookup(i);
    return value instanceof PDFNumber ? value.asNumber() : 0;
  };
  return [n(0), n(1), n(2), n(3), n(4), n(5)];
}

function numberAt(operands: Token[], i: number): number {
  const token = operands[i];
  return token?.kind === 'number' ? token.value : 0;
}

/** All nodes of a page, the page itself first. */
export function* allNodes(node: ContentNode): Generator<ContentNode> {
  yield node;
  for (const child of node.children.values()) yield* allNodes(child);
}

/** Contents of a page, one stream or several, as one. */
export function contentOf(page: PDFDict): Uint8Array {
  const contents = page.lookup(PDFName.of('Contents'));
  const streams =
    contents instanceof PDFArray
      ? Array.from({ length: contents.size() }, (_, i) => contents.lookup(i))
      : [contents];
  const pieces = streams.flatMap((stream) =>
    stream instanceof PDFRawStream ? [contentsOf(stream), Uint8Array.of(10)] : [],
  );
  return Buffer.concat(pieces);
}

/** Resources of a page, inherited ones included (ISO 32000-1, 7.7.3.4). */
export function resourcesOf(page: PDFDict): PDFDict | null {
  let node: PDFDict | undefined = page;
  for (let depth = 0; node && depth < 50; depth++) {
    const own = node.lookup(PDFName.of('Resources'));
    if (own instanceof PDFDict) return own;
    const parent: unknown = node.get(PDFName.of('Parent'));
    const found: unknown = parent instanceof PDFRef ? node.context.lookup(parent) : parent;
    node = found instanceof PDFDict ? found : undefined;
  }
  return null;
}
