/**
 * The front functions: what a document holds, and the document without it. Pure: bytes in, bytes
 * out, nothing on the disk, no database. HTTP, jobs and the command line all come through here.
 */
import { parse } from 'node:path';
import { Fault } from '../../kernel/fault.ts';
import { type Replaced, StandIns } from './anonymize/stand-ins.ts';
import { detectAll, planSearch, type Search } from './detect/detect.ts';
import { withoutValues } from './detect/file-name.ts';
import type { Edit, Finding, Format, OpenDocument, Options } from './document.ts';
import { findAll } from './find-all.ts';
import { admit, redactedName } from './formats/recognise.ts';
import { type Item, itemsOf, type Summary, summaryOf } from './items.ts';
import { type Stages, stagesOf } from './progress.ts';
import { type Certificate, sha256, VERSIONS, verify } from './verify/verify.ts';

export interface Examination {
  mediaType: string;
  pageCount: number;
  items: Item[];
  summary: Summary;
}

export interface Redacted {
  bytes: Uint8Array;
  fileName: string;
  mediaType: string;
  pageCount: number;
  items: Item[];
  summary: Summary;
  certificate: Certificate;
  /** Values and their stand-ins, earlier ones included; empty unless anonymized. */
  mapping: Replaced[];
}

export interface RedactOptions extends Options {
  /** Stand-ins given to earlier files of the same job. */
  mapping?: readonly Replaced[];
}

/** Removing can make the rest read otherwise; what the second scan finds goes in another round. */
const MOST_ROUNDS = 4;

/** How many credits a document costs, without looking for anything. */
export async function countPages(
  bytes: Uint8Array,
  fileName: string,
  { password }: Pick<Options, 'password'> = {},
): Promise<number> {
  const { bytes: plain, format } = admit(bytes, fileName, password);
  if (format.countPages) return format.countPages(plain, { password });
  const document = await format.open(plain, { password });
  document.close();
  return document.pageCount;
}

/**
 * What the document holds.
 * Faults: `unsupported_file_type`, `unreadable_file`, `invalid_request` for options that are none.
 */
export async function examine(
  bytes: Uint8Array,
  fileName: string,
  options: Options = {},
): Promise<Examination> {
  const search = planSearch(options);
  const { bytes: plain, format } = admit(bytes, fileName, options.password);
  const document = await format.open(plain, options);
  try {
    const findings = await detectAll(document.parts, search);
    const items = itemsOf(document, document.distinct?.(findings) ?? findings);
    const { mediaType } = format;
    return { mediaType, pageCount: document.pageCount, items, summary: summaryOf(items) };
  } finally {
    document.close();
  }
}

interface Round {
  output: Uint8Array;
  findings: Finding[];
  items: Item[];
  pageCount: number;
  missed: number;
  checks: string[];
  notExamined: string[];
  removedWhole: readonly string[];
}

/**
 * The document without what it held, proven.
 * Faults: as `examine`, and `verification_failed` where the proof does not hold.
 */
export async function redactDocument(
  bytes: Uint8Array,
  fileName: string,
  options: RedactOptions = {},
): Promise<Redacted> {
  const search = planSearch(options);
  const { bytes: plain, format } = admit(bytes, fileName, options.password);
  const standIns = new StandIns(options.style ?? 'label', options.mapping);
  const values = new Set<string>();
  const stages = stagesOf(options.onProgress);
  const rounds: Round[] = [];
  let input = plain;
  do {
    const last = await redactOnce({ input, format, options, search, standIns, values, stages });
    rounds.push(last);
    input = last.output;
    if (last.missed > 0 && rounds.length === MOST_ROUNDS) {
      throw unproven(`the second scan still finds ${last.missed} item(s)`);
    }
  } while ((rounds.at(-1)?.missed ?? 0) > 0);
  const items = rounds.flatMap((round) => round.items);
  const summary = summaryOf(items);
  const pageCount = rounds[0]?.pageCount ?? 0;
  return {
    ...{ bytes: input, mediaType: format.mediaType },
    fileName: redactedName(cleanName(fileName, rounds), format),
    ...{
      pageCount,
      items,
      summary,
      mapping: options.method === 'anonymize' ? standIns.list() : [],
    },
    certificate: {
      version: 1,
      versions: VERSIONS,
      format: format.kind,
      framework: options.framework ?? 'pii',
      method: options.method ?? 'redact',
      input: { sha256: sha256(bytes), sizeBytes: bytes.length },
      output: { sha256: sha256(input), sizeBytes: input.length },
      pageCount,
      removed: summary.byType,
      rounds: rounds.length,
      checks: rounds.at(-1)?.checks ?? [],
      notExamined: rounds.at(-1)?.notExamined ?? [],
      removedWhole: [...new Set(rounds.flatMap((round) => round.removedWhole))],
    },
  };
}

/** The file's name without what was found in the file. */
function cleanName(fileName: string, rounds: readonly Round[]): string {
  const { name, ext } = parse(fileName);
  return (
    withoutValues(
      name,
      rounds.flatMap(({ findings }) => findings),
    ) + ext
  );
}

interface RoundInput {
  input: Uint8Array;
  format: Format;
  options: RedactOptions;
  search: Search;
  standIns: StandIns;
  values: Set<string>;
  stages: Stages;
}

async function redactOnce(round: RoundInput): Promise<Round> {
  const { input, format, options, search, standIns, values, stages } = round;
  const before = await format.open(input, { ...options, onProgress: stages.reading });
  try {
    const { findings, edits } = await findAll(before, {
      search,
      stays: (text, place) => isWithinOneOf(standIns.list(), text, place),
      editOf: (finding) => editOf(finding, round),
    });
    const items = itemsOf(before, findings);
    for (const { text } of findings) values.add(text);
    const replaced = standIns.list().map(({ standIn }) => standIn);
    const judged = (output: Uint8Array) =>
      verify({
        ...{ format, before, edits, output, search, onProgress: stages.rereading },
        values: withoutStandIns(values, replaced),
        standIns: options.method === 'anonymize' ? replaced : [],
      });
    let output = await before.write(edits, stages.writing);
    stages.written();
    let verdict = await judged(output);
    if (verdict.objections.length > 0 && before.writeAgain) {
      output = await before.writeAgain(edits);
      verdict = await judged(output);
    }
    if (verdict.objections.length > 0) throw unproven(verdict.objections.join('; '));
    const { pageCount, removed: removedWhole = [] } = before as OpenDocument;
    const { checks, missed, notExamined } = verdict;
    return {
      ...{ output, findings, items, pageCount, missed: missed.length, checks, notExamined },
      removedWhole,
    };
  } finally {
    before.close();
  }
}

function editOf(finding: Finding, { format, options, standIns }: RoundInput): Edit {
  const { part, start, end, type, text } = finding;
  if (options.method !== 'anonymize') return { part, start, end, replacement: format.mark };
  const standIn = standIns.of(type, text, options.framework === 'pci-dss');
  return { part, start, end, replacement: standIn };
}

/** True where a finding is a whole stand-in, or a piece of one that stands there whole. */
function isWithinOneOf(
  given: readonly Replaced[],
  text: string,
  { start, end }: { start: number; end: number },
): boolean {
  const value = text.slice(start, end).toLowerCase();
  return given.some((one) => {
    const standIn = one.standIn.toLowerCase();
    for (let at = standIn.indexOf(value); at >= 0; at = standIn.indexOf(value, at + 1)) {
      const from = start - at;
      if (text.slice(Math.max(0, from), from + standIn.length).toLowerCase() === standIn)
        return true;
    }
    return false;
  });
}

/** A made-up value may be what another one was, or hold it; that is no leftover. */
function withoutStandIns(values: ReadonlySet<string>, standIns: readonly string[]): Set<string> {
  const given = standIns.map((standIn) => standIn.toLowerCase());
  return new Set(
    [...values].filter((value) => !given.some((one) => one.includes(value.toLowerCase()))),
  );
}

function unproven(internal: string): Fault {
  return new Fault(
    'verification_failed',
    'The output could not be proven clean, so it is not given out.',
    { internal },
  );
}
