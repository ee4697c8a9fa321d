/**
 * The one attacker of the corpus. A sample is written twice, of a person with a short name and of
 * one with a long one; both are redacted, and then taken apart with programs that are not ours.
 *
 * - bytes: every byte, part, object and stream, in every way of writing (secret.ts);
 * - text: poppler's, in the order of the content and in that of the page;
 * - pixels: poppler's pages and the pictures stored in the file, read by Tesseract;
 * - width: the two outputs show the same words at the same places, and the same pixels;
 * - neighbours: the text outside, character by character, and the pixels outside of the lines.
 *
 * It says what it has against a sample, in words; nothing is what a test wants to hear.
 */
import { join } from 'node:path';
import type { Options } from '../../../../src/services/redact/index.ts';
import { redactDocument } from '../../../../src/services/redact/index.ts';
import { contentsOf } from './contents.ts';
import { BLOT, type Box, differences, read } from './eye.ts';
import { type PdfViews, viewsOf, type Word } from './pdf.ts';
import {
  LONG,
  needlesOf,
  optionsFor,
  type Person,
  SHORT,
  shownIn,
  toldBy,
  without,
} from './secret.ts';
import { inScratch, together } from './tools.ts';

export interface Sample {
  name: string;
  /** The file about a person. */
  of(person: Person): Buffer | Promise<Buffer>;
  fileName?: string;
  options?: Options;
  /** The person stands nowhere on the pages, or not so that a machine reads it. */
  isUnseen?: boolean;
  /**
   * What the two outputs have in common. `all`: every word's place and every pixel. `gap`: the
   * program laid the page out around the name (it justifies, centres, wraps), so only the distance
   * from `before` to `after` is ours. `text`: the words alone (pages that became pictures).
   */
  width?: 'all' | 'gap' | 'text';
  /** Degrees, clockwise, by which the lines of its pages are turned. */
  turned?: Turn;
  /** Words that are no text: the page becomes a picture, with what was read in it as its text. */
  isDrawn?: boolean;
  /** Boxes that may change besides the lines of the person, in points from the upper left. */
  mayChange?: Box[];
}

type Turn = 0 | 90 | 180 | 270;

/** Whoever redacts: in the attacker's own test, somebody who does it badly. */
export type Redactor = (
  bytes: Uint8Array,
  fileName: string,
  options: Options,
) => Promise<{ bytes: Uint8Array }>;

interface Twin {
  person: Person;
  output: Buffer;
  before: PdfViews;
  after: PdfViews;
}

interface Tried {
  sample: Sample;
  twins: Twin[];
  complaints: string[];
}

/** What is to be said against each sample, by its name. */
export async function attack(
  samples: readonly Sample[],
  redact: Redactor = redactDocument,
): Promise<ReadonlyMap<string, string[]>> {
  return inScratch(async (folder) => {
    const tried = await together(samples, (sample, i) =>
      trial(sample, join(folder, String(i)), redact),
    );
    const pages = tried.flatMap(({ twins }) =>
      twins.flatMap(({ person, before, after }) => [
        ...after.upright,
        ...after.images,
        ...(person === LONG ? before.upright : []),
      ]),
    );
    const words = await read(pages, folder);
    for (const one of tried) one.complaints.push(...complaintsOfEyes(one, words));
    return new Map(tried.map(({ sample, complaints }) => [sample.name, complaints]));
  });
}

async function trial(sample: Sample, path: string, redact: Redactor): Promise<Tried> {
  const complaints: string[] = [];
  const twins: Twin[] = [];
  for (const person of [SHORT, LONG]) {
    try {
      const twin = await redacted(sample, person, `${path}-${person.name.length}`, redact);
      twins.push(twin);
      complaints.push(...complaintsOf(twin, sample).map((text) => `${person.name}: ${text}`));
    } catch (error) {
      const { message, internal = '', stderr = '' } = error as Error & Record<string, string>;
      complaints.push(`${person.name}: ${message} ${internal} ${stderr}`.trim());
    }
  }
  const [short, long] = twins;
  if (short && long) complaints.push(...complaintsOfWidth(short, long, sample.width ?? 'all'));
  return { sample, twins, complaints };
}

async function redacted(
  sample: Sample,
  person: Person,
  path: string,
  redact: Redactor,
): Promise<Twin> {
  const input = await sample.of(person);
  const { turned = 0, options: { password = '' } = {} } = sample;
  const options = optionsFor(person, sample.options);
  const redaction = await redact(input, sample.fileName ?? 'a.pdf', options);
  const output = Buffer.from(redaction.bytes);
  const before = await viewsOf(input, `${path}-in`, { password, turned });
  const after = await viewsOf(output, `${path}-out`, { isOutput: true, turned });
  return { person, output, before, after };
}

function complaintsOf(twin: Twin, sample: Sample): string[] {
  const { person, output, after } = twin;
  return [
    ...complaintsOfBytes(output, person),
    ...complaintsOfBytes(after.objects, person),
    ...complaintsOfText('in the order of the content', after.raw, person),
    ...complaintsOfText('in the order of the page', after.layout, person),
    ...complaintsOfNeighbours(twin, sample),
    ...complaintsOfPixels(twin, sample),
  ];
}

export function complaintsOfBytes(file: Buffer, person: Person): string[] {
  const needles = needlesOf(person);
  return contentsOf(file).flatMap(({ where, bytes }) => {
    const found = needles.find((needle) => bytes.includes(needle.bytes));
    return found ? [`${where} holds ${found.bytes.toString('latin1')} (${found.way})`] : [];
  });
}

function complaintsOfText(where: string, text: string, person: Person): string[] {
  return shownIn(text, person).map((piece) => `the text ${where} shows ${piece}`);
}

/** The text outside is there, character by character, in the content's order or the page's. */
function complaintsOfNeighbours({ before, after, person }: Twin, sample: Sample): string[] {
  const [expected, is] = [without(before.raw, person), without(after.raw, person)];
  if (expected === is) return [];
  if (without(before.layout, person) === without(after.layout, person)) return [];
  if (sample.isDrawn) {
    const lost = [...linesOf(before.raw, person), 'before', 'after'].filter(
      (line) => !is.includes(line),
    );
    return lost.map((line) => `${line} cannot be found any more in ${is}`);
  }
  const [was, now] = [before, after].map(({ raw }) => linesOf(raw, person));
  if (JSON.stringify(was) === JSON.stringify(now)) return [];
  return [`text outside was ${expected} and is ${is}`];
}

const linesOf = (text: string, person: Person) =>
  text
    .split(/[\n\f]/)
    .map((line) => without(line, person))
    .filter(Boolean)
    .toSorted();

/** Points around a line that its box reaches: it covers what a letter of the font can. */
const MARGIN = { x: 4, y: 4.5 };

/** From a word to the end of its line, by the way the line runs. */
const TAIL: Readonly<Record<Turn, Partial<Box>>> = {
  0: { right: Number.POSITIVE_INFINITY },
  90: { bottom: Number.POSITIVE_INFINITY },
  180: { left: 0 },
  270: { top: 0 },
};

/** Where words of the person stand, and the tails of their lines, which move. */
function linesWith(words: readonly Word[], person: Person, turned: Turn): Box[] {
  const parts = `${person.name} ${person.mail}`.split(' ');
  return words
    .filter(({ text }) => parts.some((part) => text.includes(part)))
    .map(({ left, top, right, bottom }) => ({
      ...{ left: left - MARGIN.x, right: right + MARGIN.x },
      ...{ top: top - MARGIN.y, bottom: bottom + MARGIN.y },
      ...TAIL[turned],
    }));
}

function complaintsOfPixels({ before, after, person }: Twin, sample: Sample): string[] {
  if (before.pages.length !== after.pages.length)
    return [`${before.pages.length} pages became ${after.pages.length}`];
  return before.pages.flatMap((was, i) => {
    const is = after.pages[i];
    const words = before.words.filter(({ page }) => page === i);
    const boxes = [...linesWith(words, person, sample.turned ?? 0), ...(sample.mayChange ?? [])];
    const count = is ? differences(was, is, boxes, sample.isDrawn ? BLOT : 1) : 0;
    return count > 0 ? [`${count} pixels outside of the lines differ on page ${i + 1}`] : [];
  });
}

/** A hundredth of a point: programs round. */
const EQUAL = 0.02;

function complaintsOfWidth(short: Twin, long: Twin, width: 'all' | 'gap' | 'text'): string[] {
  const [one, other] = [short.after, long.after];
  if (width === 'gap') {
    const [narrow, wide] = [gapsIn(one.words), gapsIn(other.words)];
    const isSame = narrow.every((gap, i) => Math.abs(gap - (wide[i] ?? Number.NaN)) < 0.1);
    return isSame && narrow.length > 0 && narrow.length === wide.length
      ? []
      : [`gaps of the two are ${narrow.map(String)} and ${wide.map(String)}`];
  }
  if (width === 'text') {
    return without(one.raw, short.person) === without(other.raw, long.person)
      ? []
      : [`texts of the two differ: ${one.raw} and ${other.raw}`];
  }
  const moved = one.words.filter((word, i) => !isSamePlace(word, other.words[i]));
  const complaints = moved.map(({ text, left }, i) => {
    const there = other.words[one.words.indexOf(moved[i] as Word)];
    return `"${text}" stands at ${left} with the short name, "${there?.text}" at ${there?.left} with the long one`;
  });
  if (one.words.length !== other.words.length)
    complaints.push(`${one.words.length} and ${other.words.length} words`);
  for (const [i, page] of one.pages.entries()) {
    const count = other.pages[i] ? differences(page, other.pages[i]) : 0;
    if (count > 0) complaints.push(`${count} pixels of page ${i + 1} depend on the name`);
  }
  return complaints;
}

function isSamePlace(a: Word, b: Word | undefined): boolean {
  return (
    b !== undefined &&
    a.text === b.text &&
    (['left', 'top', 'right', 'bottom'] as const).every(
      (side) => Math.abs(a[side] - b[side]) < EQUAL,
    )
  );
}

/** Distances from each `before` to the `after` that follows it in the same line. */
function gapsIn(words: readonly Word[]): number[] {
  return words.flatMap((word, i) => {
    const next = words.slice(i + 1).find(({ text }) => text === 'after');
    const isPair = word.text === 'before' && next && Math.abs(next.top - word.top) < 1;
    return isPair ? [next.left - word.right] : [];
  });
}

/** Nobody reads the person in the output; in the input, everybody did. */
function complaintsOfEyes({ sample, twins }: Tried, words: ReadonlyMap<string, string>): string[] {
  const textOf = (pages: { digest: string }[]) =>
    pages.map(({ digest }) => words.get(digest) ?? '').join('\n');
  return twins.flatMap(({ person, before, after }) => {
    const told = toldBy(textOf([...after.upright, ...after.images]), person);
    const complaints = told ? [`${person.name}: pixels show ${told}`] : [];
    if (person === LONG && !sample.isUnseen && !toldBy(textOf(before.upright), person))
      complaints.push(`the eye cannot read the sample itself: ${textOf(before.upright)}`);
    return complaints;
  });
}
