/**
 * The attacker of office files: every part in every way of writing, the two twins part for part (what
 * a part weighs or counts must not tell of the name either), and the redacted files opened by
 * LibreOffice, read and looked at.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { redactDocument } from '../../../../src/services/redact/index.ts';
import { convert } from '../made/libreoffice.ts';
import { complaintsOfBytes, type Redactor, type Sample } from './attack.ts';
import { read } from './eye.ts';
import { viewsOf } from './pdf.ts';
import { LONG, optionsFor, type Person, SHORT, shownIn, toldBy, without } from './secret.ts';
import { inScratch, together } from './tools.ts';

/** What stands where something was removed, as shown by LibreOffice without white space. */
const MARK = /\[?REDACTED\]?/g;

interface Tried {
  sample: Sample;
  /** The file about the long name, and its redacted copy; none where one could not be redacted. */
  before: string;
  after: string | null;
  complaints: string[];
}

/** What is to be said against each sample, by its name. */
export async function attackOffice(
  samples: readonly Sample[],
  redact: Redactor = redactDocument,
): Promise<ReadonlyMap<string, string[]>> {
  return inScratch(async (folder) => {
    const [before, after] = [join(folder, 'before'), join(folder, 'after')];
    await Promise.all([mkdir(before), mkdir(after)]);
    const tried = await together(samples, (sample, i) =>
      trial(sample, { before: join(before, String(i)), after: join(after, String(i)) }, redact),
    );
    const whole = tried.filter((one) => one.after !== null);
    await convert(folder, 'pdf', before, [...whole.map((one) => one.before)]);
    await convert(folder, 'pdf', after, [...whole.flatMap((one) => one.after ?? [])]);
    await lookAt(whole, folder);
    return new Map(tried.map(({ sample, complaints }) => [sample.name, complaints]));
  });
}

/** `paths`: of the files, without their endings. */
async function trial(
  sample: Sample,
  paths: { before: string; after: string },
  redact: Redactor,
): Promise<Tried> {
  const name = sample.fileName ?? 'a.docx';
  const [before = '', after = ''] = [paths.before, paths.after].map((path) =>
    name.replace(/^[^.]*/, path),
  );
  const complaints: string[] = [];
  const outputs: Buffer[] = [];
  for (const person of [SHORT, LONG]) {
    try {
      const input = await sample.of(person);
      await writeFile(before, input);
      const { bytes } = await redact(input, name, optionsFor(person, sample.options));
      const output = Buffer.from(bytes);
      complaints.push(...complaintsOfBytes(output, person));
      if (isText(name)) complaints.push(...complaintsOfText(input, output, person));
      outputs.push(output);
    } catch (error) {
      const { message, internal = '' } = error as Error & Record<string, string>;
      complaints.push(`${person.name}: ${message} ${internal}`.trim());
    }
  }
  const [short, long] = outputs;
  if (!short || !long) return { sample, before, after: null, complaints };
  complaints.push(...complaintsOfParts(short, long, sample));
  if (isText(name)) return { sample, before, after: null, complaints };
  await writeFile(after, long);
  return { sample, before, after, complaints };
}

/** What has nothing but text needs no suite to be read. */
const isText = (name: string) => /\.(?:csv|txt)$/.test(name);

function complaintsOfText(input: Buffer, output: Buffer, person: Person): string[] {
  const [expected, is] = [input, output].map((file) =>
    without(file.toString('utf8'), person).replace(MARK, ''),
  );
  return expected === is ? [] : [`text outside was ${expected} and is ${is}`];
}

/** A field's id: the suite draws it by lot, another one each time. */
const LOT = /(?<=<a:fld id="\{)[-0-9A-F]{36}(?=\}")/g;

/** Parts in which the two outputs differ; the breaks of lines are the suite's where words are all. */
function complaintsOfParts(short: Buffer, long: Buffer, { width }: Sample): string[] {
  const [one, other] = [partsOf(short), partsOf(long)];
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].flatMap((name) => {
    const [a = 'no part', b = 'no part'] = [one, other]
      .map((parts) => parts.get(name)?.replace(LOT, ''))
      .map((part) => (width === 'text' ? part?.replace(/\s+/g, ' ') : part));
    if (a === b) return [];
    let at = 0;
    while (a[at] === b[at]) at++;
    const [here, there] = [a, b].map((text) => text.slice(Math.max(0, at - 60), at + 60));
    return [`${name} depends on the name: ${here} | ${there}`];
  });
}

function partsOf(file: Buffer): Map<string, string> {
  if (file.readUInt16BE(0) !== 0x504b) return new Map([['file', file.toString('latin1')]]);
  const parts = Object.entries(unzipSync(file));
  return new Map(parts.map(([name, part]) => [name, strFromU8(part, true)]));
}

/** The text that stays, and the pages, as the suite shows them. */
async function lookAt(tried: readonly Tried[], folder: string): Promise<void> {
  const views = await together(tried, async ({ before, after }) => {
    const [was, is] = await Promise.all(
      [before, after ?? ''].map(async (path) => {
        const pdf = path.replace(/\w+$/, 'pdf');
        return viewsOf(await readFile(pdf), `${pdf}.view`);
      }),
    );
    return { was, is };
  });
  const words = await read(
    views.flatMap(({ is }) => is?.pages ?? []),
    folder,
  );
  for (const [i, { was, is }] of views.entries()) {
    const complaints = tried[i]?.complaints ?? [];
    for (const piece of shownIn(is?.raw ?? '', LONG)) complaints.push(`the suite shows ${piece}`);
    const [expected, left] = [was, is].map((one) =>
      without(one?.raw ?? '', LONG).replace(MARK, ''),
    );
    if (expected !== left) complaints.push(`text outside was ${expected} and is ${left}`);
    const told = toldBy((is?.pages ?? []).map(({ digest }) => words.get(digest)).join('\n'), LONG);
    if (told) complaints.push(`pixels show ${told}`);
  }
}
