/** Judges a document that somebody else has redacted. Nothing is sent anywhere, nothing is changed. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import type { Inspection } from '../services/redact/index.ts';
import { type Command, defineCommand, EXIT, UsageError } from './command.ts';
import { table } from './output.ts';

/** Beside the usual ones: the document was read, and holds more than it shows. */
const EXIT_HIDDEN = 3;

const inspect = defineCommand({
  name: 'inspect',
  summary: 'Tell whether a redacted PDF still holds what it hides.',
  details:
    'Looks for text under boxes, hatchings, pictures and notes, in the colour of its ground, painted invisibly, outside of the page or too small to see, for parts of pictures under boxes, for marks that were never carried out and for earlier revisions. Ends with 3 where something is hidden. Hidden text is shown masked.',
  arguments: [{ name: 'FILE', meaning: 'A PDF.' }],
  options: {
    reveal: { type: 'boolean', meaning: 'Show the hidden text as it is.' },
    'password-stdin': {
      type: 'boolean',
      meaning: "Read the document's password from standard input.",
    },
  },
  examples: ['inspect filing.pdf', 'inspect filing.pdf --reveal --json'],
  async run({ positionals: [file = ''], values, out }) {
    const bytes = await readDocument(file);
    const password = values['password-stdin']
      ? (await readAll(process.stdin)).replace(/\r?\n$/, '')
      : undefined;
    const { inspectDocument, mask } = await import('../services/redact/index.ts');
    const found = await inspectDocument(bytes, basename(file), {
      password,
      onProgress: ({ done, total }) => out.progress(`Page ${done} of ${total} …`),
    });
    const places = values.reveal
      ? found.places
      : found.places.map((place) => ({ ...place, text: place.text && mask(place.text) }));
    const shown = { ...found, places };
    out.result(report(shown), shown);
    return places.length > 0 ? EXIT_HIDDEN : EXIT.ok;
  },
});

export const inspectCommands: readonly Command[] = [inspect];

function report({ places, remains, notExamined }: Inspection): string {
  const rows = places.map(({ page, text, why }) => [String(page), text || '-', why]);
  const carried = remains.map(
    ({ what, count, names }) =>
      `${count} ${WORDS[what]}${names.length ? ` (${names.join(', ')})` : ''}`,
  );
  return [
    ...(places.length === 0
      ? ['Nothing is hidden on its pages.']
      : [`${places.length} place(s) hide something.`, '', table(['PAGE', 'TEXT', 'WHY'], rows)]),
    ...(carried.length === 0 ? [] : ['', `Also in the file: ${carried.join('; ')}.`]),
    `Not looked into: ${notExamined.join(', ')}.`,
  ].join('\n');
}

const WORDS: Record<Inspection['remains'][number]['what'], string> = {
  information: 'entries about the document',
  xmp: 'XMP record(s)',
  attachments: 'attachment(s)',
  scripts: 'script(s)',
  comments: 'comment(s)',
  fields: 'form field(s)',
  xfa: 'XFA part(s)',
  revisions: 'earlier revision(s)',
};

async function readDocument(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsageError(`there is no file ${file}`);
    if (code === 'EISDIR') throw new UsageError(`${file} is a folder`);
    throw error;
  }
}
