/** Documents without a server: what one holds, and one without it. Nothing is sent anywhere. */
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Options } from '../services/redact/index.ts';
import { type Command, defineCommand, EXIT, UsageError } from './command.ts';
import { type Output, table } from './output.ts';
import { readAsSet } from './reading.ts';

/** As Redact names them; its code is only loaded by a command that needs it. */
export const FRAMEWORK_NAMES = ['pii', 'hipaa', 'pci-dss', 'gdpr'] as const;
export const METHOD_NAMES = ['redact', 'anonymize'] as const;
export const STYLE_NAMES = ['label', 'realistic'] as const;
async function loadRedact() {
  await readAsSet();
  return import('../services/redact/index.ts');
}

const FILE_ARGUMENT = {
  name: 'FILE',
  meaning: 'The document. Its type is taken from its content.',
};

const SEARCH_OPTIONS = {
  framework: {
    type: 'string',
    value: 'NAME',
    meaning: `What is looked for: ${FRAMEWORK_NAMES.join(', ')}; default: ${FRAMEWORK_NAMES[0]}.`,
  },
  entity: { type: 'string', value: 'TYPE', multiple: true, meaning: 'Only this type, say email.' },
  exclude: { type: 'string', value: 'TYPE', multiple: true, meaning: 'A type that stays.' },
  term: {
    type: 'string',
    value: 'TEXT',
    multiple: true,
    meaning: 'A word of your own to be found, or a /pattern/.',
  },
  'min-confidence': {
    type: 'string',
    value: 'NUMBER',
    meaning: "0 to 1: how sure a finding must be. Default: the framework's own.",
  },
  'password-stdin': {
    type: 'boolean',
    meaning: "Read the document's password from standard input.",
  },
} as const;

interface SearchValues {
  framework?: string;
  entity?: string[];
  exclude?: string[];
  term?: string[];
  'min-confidence'?: string;
  'password-stdin'?: boolean;
}

const scan = defineCommand({
  name: 'scan',
  summary: 'Show what sensitive data a document holds.',
  details:
    'Values are shown masked. Works without a server and changes nothing. Pictures are read, and names found, as CLOAKROOM_OCR_LANGUAGES, CLOAKROOM_OCR_DATA_DIR and CLOAKROOM_NER_MODEL say.',
  arguments: [FILE_ARGUMENT],
  options: SEARCH_OPTIONS,
  examples: ['scan letter.pdf', 'scan list.csv --framework gdpr --json'],
  async run({ positionals: [file = ''], values, out }) {
    const redact = await loadRedact();
    const options = await searchOf(values, redact.ENTITY_TYPES, out);
    const found = await redact.examine(await readDocument(file), basename(file), options);
    const rows = found.items.map(({ type, value, confidence, location }) => [
      ...[type, value, `page ${location.pageNumber}`, confidence.toFixed(2)],
    ]);
    const list = table(['TYPE', 'VALUE', 'PLACE', 'CONFIDENCE'], rows);
    out.result(rows.length === 0 ? 'Nothing was found.' : list, found);
    return EXIT.ok;
  },
});

const redact = defineCommand({
  name: 'redact',
  summary: 'Write a copy of a document without its sensitive data.',
  details:
    'The content is removed, not covered. The copy is opened again by another reader and searched for every removed value; where one is left, nothing is written.',
  arguments: [FILE_ARGUMENT],
  options: {
    output: {
      type: 'string',
      short: 'o',
      value: 'OUT',
      meaning: 'Where the copy goes; - is standard output. Default: NAME_redacted.EXT beside FILE.',
    },
    force: { type: 'boolean', meaning: 'Replace OUT where there is one already.' },
    method: {
      type: 'string',
      value: 'METHOD',
      meaning: 'redact (default), or anonymize: put stand-ins such as [PERSON_1] in place.',
    },
    style: {
      type: 'string',
      value: 'STYLE',
      meaning: 'Of stand-ins: label (default) or realistic.',
    },
    strict: {
      type: 'boolean',
      meaning: 'PDF: every page from which something goes becomes a picture of itself.',
    },
    certificate: {
      type: 'string',
      value: 'PATH',
      meaning: 'Write the certificate there, as JSON.',
    },
    ...SEARCH_OPTIONS,
  },
  examples: [
    'redact letter.pdf',
    'redact list.csv -o clean.csv --framework pci-dss --certificate clean.json',
    'redact notes.txt --method anonymize --style realistic -o -',
  ],
  async run({ positionals: [file = ''], values, out }) {
    const method = oneOf('method', values.method ?? 'redact', METHOD_NAMES);
    const style = oneOf('style', values.style ?? 'label', STYLE_NAMES);
    const { strict } = values;
    const { ENTITY_TYPES, redactDocument } = await loadRedact();
    const options = { ...(await searchOf(values, ENTITY_TYPES, out)), method, style, strict };
    const done = await redactDocument(await readDocument(file), basename(file), options);
    const target = values.output ?? join(dirname(file), done.fileName);
    if (target === '-') {
      process.stdout.write(done.bytes);
    } else {
      await writeWhole(target, done.bytes, values.force ?? false);
    }
    const { certificate, summary, pageCount, mediaType } = done;
    if (values.certificate !== undefined) {
      const json = Buffer.from(`${JSON.stringify(certificate, null, 2)}\n`);
      await writeWhole(values.certificate, json, values.force ?? false);
    }
    const said = `Removed ${summary.totalItems} item(s) from ${pageCount} page(s), proven gone: ${target}`;
    if (target === '-') out.say(said);
    else out.result(said, { output: target, mediaType, pageCount, summary, certificate });
    return EXIT.ok;
  },
});

export const documentCommands: readonly Command[] = [scan, redact];

async function searchOf(
  values: SearchValues,
  known: readonly string[],
  out: Output,
): Promise<Options> {
  for (const type of [...(values.entity ?? []), ...(values.exclude ?? [])]) {
    if (known.includes(type)) continue;
    throw new UsageError(`"${type}" is no type; write some of ${known.join(', ')}`);
  }
  const confidence = values['min-confidence'];
  return {
    framework: oneOf('framework', values.framework ?? FRAMEWORK_NAMES[0], FRAMEWORK_NAMES),
    entities: values.entity,
    exclude: values.exclude,
    terms: values.term,
    minConfidence: confidence === undefined ? undefined : shareOf(confidence),
    password: values['password-stdin']
      ? (await text(process.stdin)).replace(/\r?\n$/, '')
      : undefined,
    onProgress: ({ done, total }) => out.progress(`Page ${done} of ${total} …`),
  };
}

function shareOf(given: string): number {
  const share = Number(given);
  if (given.trim() !== '' && share >= 0 && share <= 1) return share;
  throw new UsageError('--min-confidence must be a number from 0 to 1');
}

function oneOf<T extends string>(option: string, given: string, allowed: readonly T[]): T {
  if ((allowed as readonly string[]).includes(given)) return given as T;
  throw new UsageError(`--${option} must be one of ${allowed.join(', ')}`);
}

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

/** Writes beside and renames: nobody finds half a document, and an old one stays until then. */
async function writeWhole(path: string, bytes: Uint8Array, force: boolean): Promise<void> {
  if (!force && (await exists(path))) {
    throw new UsageError(`${path} is there already; name another by -o, or replace it by --force`);
  }
  const draft = `${path}.${process.pid}.part`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
