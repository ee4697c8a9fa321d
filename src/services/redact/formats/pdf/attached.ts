/**
 * PDFs with files in them: each file is opened, edited and judged by its own kind, like a document of
 * its own, and put back under a clean name. One of a kind that is none of ours, that does not open,
 * or that cannot be proven clean is left out, and counted.
 */
import { parse } from 'node:path';
import { Fault } from '../../../../kernel/fault.ts';
import type { Edit, Format, OpenDocument, OpenOptions, Reread, TextPart } from '../../document.ts';
import { editedText, mergedEdits } from '../edits.ts';
import { type AttachedFile, type Attachments, attachFiles } from './structure/attachments.ts';
import { loadDocument, saveDocument } from './structure/library.ts';

/** A PDF that says which files it has. */
export interface Holder {
  attachments: Attachments;
}

/** Which format a file is; throws where it is none of ours. */
type Recognise = (bytes: Uint8Array, fileName: string) => Format;

/** Files within files go no deeper. */
const DEEPEST = 3;
/** What stands in a name or a description where something was. */
const GONE = 'REDACTED';

interface Child {
  /** `attachment 1`. */
  label: string;
  file: AttachedFile;
  format: Format;
  document: OpenDocument;
  /** Where its parts begin among all: name and description first. */
  from: number;
}

interface OpenHolder extends OpenDocument {
  core: OpenDocument;
  children: readonly Child[];
  /** Labels of those that are left out. */
  failed: Set<string>;
  /** The PDF itself was objected to. */
  isObjected: boolean;
}

interface RereadHolder extends Reread {
  core: Reread;
  again: ReadonlyMap<string, Reread>;
}

/** Name and description. */
const OWN_PARTS = 2;

export function withAttachments(core: Format, recognise: Recognise): Format {
  const open = async (bytes: Uint8Array, options: OpenOptions): Promise<OpenDocument> => {
    const document = await core.open(bytes, options);
    const { attachments } = document as OpenDocument & Holder;
    if (attachments.files.length + attachments.unread === 0) return document;
    try {
      return await openHolder(document, attachments, recognise, options);
    } catch (error) {
      document.close();
      throw error;
    }
  };
  return {
    ...core,
    open,
    reread: (bytes, options) => rereadHolder(core, recognise, bytes, options),
    judge: (before, edits, after) => judgeHolder(core, before, edits, after),
    async countPages(bytes, options) {
      const pages = (await core.countPages?.(bytes, options)) ?? 0;
      if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('EmbeddedFile'))
        return pages;
      const document = await open(bytes, options);
      document.close();
      return document.pageCount;
    },
  };
}

async function openHolder(
  core: OpenDocument,
  attachments: Attachments,
  recognise: Recognise,
  { depth = 0, strict }: OpenOptions,
): Promise<OpenHolder> {
  const children: Child[] = [];
  let { unread } = attachments;
  let from = core.parts.length;
  try {
    for (const file of attachments.files) {
      const format = depth < DEEPEST ? kindOf(recognise, file) : null;
      const document = format && (await openFile(format, file.bytes, { depth: depth + 1, strict }));
      if (!format || !document) {
        unread++;
        continue;
      }
      children.push({ label: `attachment ${children.length + 1}`, file, format, document, from });
      from += OWN_PARTS + document.parts.length;
    }
  } catch (error) {
    for (const { document } of children) document.close();
    throw error;
  }
  return holderOf(core, children, unread);
}

function holderOf(core: OpenDocument, children: readonly Child[], unread: number): OpenHolder {
  const failed = new Set<string>();
  const childAt = (part: number) => children.findLast(({ from }) => from <= part);
  const holder: OpenHolder = {
    ...{ core, children, failed, isObjected: false },
    parts: [...core.parts, ...children.flatMap(partsOf)],
    pageCount: children.reduce((sum, { document }) => sum + document.pageCount, core.pageCount),
    get removed() {
      const count = unread + failed.size;
      return [
        ...(count > 0 ? [`${count} attachment(s)`] : []),
        ...(core.removed ?? []),
        ...children.flatMap(({ document }) => document.removed ?? []),
      ];
    },
    locate(part, start, end) {
      const child = childAt(part);
      if (!child) return core.locate?.(part, start, end) ?? {};
      const own = part - child.from - OWN_PARTS;
      return own < 0 ? {} : (child.document.locate?.(own, start, end) ?? {});
    },
    spread(edits) {
      const ours = editsOfCore(core, edits);
      return [
        ...(core.spread?.(ours) ?? ours),
        ...children.flatMap((child) => spreadWithin(child, edits)),
      ];
    },
    async write(edits, onProgress) {
      return withFiles(await core.write(editsOfCore(core, edits), onProgress), holder, edits);
    },
    async writeAgain(edits) {
      const ours = editsOfCore(core, edits);
      // Where only files were objected to, they are left out, and the pages stay as they are.
      const isSpared = failed.size > 0 && !holder.isObjected;
      const bytes = await (isSpared ? core.write(ours) : (core.writeAgain ?? core.write)(ours));
      return withFiles(bytes, holder, edits);
    },
    close() {
      for (const { document } of [{ document: core }, ...children]) document.close();
    },
  };
  return holder;
}

function kindOf(recognise: Recognise, { bytes, name }: AttachedFile): Format | null {
  try {
    return recognise(bytes, name);
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

/** Null for a file that is damaged, locked or of a kind that only looked like ours. */
async function openFile(
  format: Format,
  bytes: Uint8Array,
  options: OpenOptions,
): Promise<OpenDocument | null> {
  try {
    return await format.open(bytes, options);
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

function partsOf({ label, file, document }: Child): TextPart[] {
  const beside = { pageNumber: 1 };
  return [
    { ...beside, part: `name of ${label}`, text: wordsOfName(file.name) },
    { ...beside, part: `description of ${label}`, text: file.description },
    ...document.parts.map((part) => ({
      ...part,
      part: part.part ? `${label}, ${part.part}` : label,
    })),
  ];
}

/** The name without its extension; other signs stand for spaces in it. */
function wordsOfName(name: string): string {
  return parse(name).name.replace(/[_+]/g, ' ');
}

function editsOfCore(core: OpenDocument, edits: readonly Edit[]): Edit[] {
  return edits.filter(({ part }) => part < core.parts.length);
}

/** The edits of what is in a file, in its own counting; what goes for nothing has its kind's mark. */
function editsWithin({ document, format, from }: Child, edits: readonly Edit[]): Edit[] {
  const first = from + OWN_PARTS;
  return edits
    .filter(({ part }) => part >= first && part < first + document.parts.length)
    .map((edit) => ({
      ...edit,
      part: edit.part - first,
      replacement: edit.replacement ?? format.mark,
    }));
}

function spreadWithin(child: Child, edits: readonly Edit[]): Edit[] {
  const within = editsWithin(child, edits);
  const first = child.from + OWN_PARTS;
  const spread = child.document.spread?.(within) ?? within;
  const beside = edits.filter(({ part }) => part >= child.from && part < first);
  return [...beside, ...spread.map((edit) => ({ ...edit, part: edit.part + first }))];
}

async function withFiles(
  bytes: Uint8Array,
  { children, failed, parts }: OpenHolder,
  edits: readonly Edit[],
): Promise<Uint8Array> {
  const values = edits.map(({ part, start, end }) => parts[part]?.text.slice(start, end) ?? '');
  const files: AttachedFile[] = [];
  for (const child of children) {
    if (failed.has(child.label)) continue;
    const written = await writeFile(child, edits);
    if (!written) failed.add(child.label);
    else files.push({ ...namesOf(child, edits, values), bytes: written });
  }
  if (files.length === 0) return bytes;
  const document = await loadDocument(bytes);
  attachFiles(document, files);
  return saveDocument(document);
}

async function writeFile(child: Child, edits: readonly Edit[]): Promise<Uint8Array | null> {
  try {
    return await child.document.write(editsWithin(child, edits));
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

function namesOf(
  { label, file, format, from }: Child,
  edits: readonly Edit[],
  values: readonly string[],
): Pick<AttachedFile, 'name' | 'description'> {
  const edited = (text: string, part: number) =>
    editedText(
      text,
      mergedEdits(edits, part).map((edit) => ({ ...edit, replacement: edit.replacement ?? GONE })),
    );
  const { name: stem, ext } = parse(file.name);
  const name = edited(stem, from) + ext;
  const letters = lettersOf(name);
  // Written otherwise than in the text, a name is as good as none.
  const isTelling = values.some((value) => {
    const own = lettersOf(value);
    return own.length >= LEAST_LETTERS && letters.includes(own);
  });
  const neutral = `${label.replace(' ', '-')}.${format.extension}`;
  const kept = isTelling || name === '' ? neutral : name;
  // An old workbook comes back as a new one.
  const isOld = format.extension === 'xlsx' && /\.xls$/i.test(kept);
  return { name: isOld ? `${kept}x` : kept, description: edited(file.description, from + 1) };
}

const LEAST_LETTERS = 4;

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

async function rereadHolder(
  core: Format,
  recognise: Recognise,
  bytes: Uint8Array,
  options: Parameters<Format['reread']>[1],
): Promise<RereadHolder> {
  const read = await core.reread(bytes, options);
  const again = new Map<string, Reread>();
  const close = () => {
    for (const one of [read, ...again.values()]) one.close?.();
  };
  try {
    const { files } = (read as Reread & Holder).attachments;
    const parts = [...read.parts];
    const names = files.flatMap(({ name, description }) => [wordsOfName(name), description]);
    for (const [i, { name, description, bytes: own }] of files.entries()) {
      const file = await recognise(own, name).reread(own);
      again.set(`attachment ${i + 1}`, file);
      const beside = [wordsOfName(name), description].map((text) => ({ pageNumber: 1, text }));
      parts.push(...beside, ...file.parts);
    }
    const all = [...again.values()];
    const count = `${files.length} attachment(s), each by its kind`;
    return {
      ...{ core: read, again, close, parts },
      texts: [...read.texts, ...all.flatMap(({ texts }) => texts), ...names],
      streams: [...read.streams, ...all.flatMap(({ streams }) => streams)],
      examined: files.length > 0 ? [...read.examined, count] : read.examined,
      notExamined: [read, ...all].flatMap(({ notExamined }) => notExamined),
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Files that are objected to are left out of the next writing. */
function judgeHolder(
  core: Format,
  before: OpenDocument,
  edits: readonly Edit[],
  after: Reread,
): string[] {
  const { core: read, again } = after as RereadHolder;
  if (!isHolder(before)) return core.judge(before, edits, read);
  const objections = core.judge(before.core, editsOfCore(before.core, edits), read);
  before.isObjected = objections.length > 0;
  const left = before.children.filter(({ label }) => !before.failed.has(label));
  for (const [i, child] of left.entries()) {
    const found = judgeFile(child, edits, again.get(`attachment ${i + 1}`));
    if (found.length > 0) before.failed.add(child.label);
    objections.push(...found.map((objection) => `${child.label}: ${objection}`));
  }
  return objections;
}

function judgeFile(child: Child, edits: readonly Edit[], again: Reread | undefined): string[] {
  if (!again) return ['it is not there any more'];
  return child.format.judge(child.document, editsWithin(child, edits), again);
}

function isHolder(document: OpenDocument): document is OpenHolder {
  return 'children' in document;
}
