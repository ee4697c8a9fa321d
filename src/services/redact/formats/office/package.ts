/**
 * An office file as a package of parts (ECMA-376 part 2). Each XML part is edited where it stands;
 * parts that are not touched are copied as they were compressed. Documents within are opened by their
 * own kind; what cannot be looked into (controls, settings of printers, data models) is emptied.
 */
import { Fault } from '../../../../kernel/fault.ts';
import type { Edit, OpenDocument, OpenOptions, Reread, TextPart } from '../../document.ts';
import { differences, extendedEdits, mergedEdits } from '../edits.ts';
import { applyCuts, type Cut } from '../source-map.ts';
import { decodeText } from '../text/encoding.ts';
import { emptyPart, isThumbnail, withoutPeople } from './metadata.ts';
import { type PartText, plainTexts, readPart } from './part-text.ts';
import {
  BLANK,
  editsWithin,
  type Inner,
  isPicture,
  judgePictures,
  openPictures,
  type Pictures,
} from './pictures.ts';
import { pack, readZip, unpack, writeZip, type ZipEntry } from './zip.ts';

export interface OfficePart extends PartText {
  pageNumber: number;
}

/** What a kind of office file adds to what all have in common. */
export interface OfficeKind {
  /** The texts in the order in which they are read; parts not named are read plainly. */
  read(sources: ReadonlyMap<string, string>): OfficePart[];
  pageCount(sources: ReadonlyMap<string, string>, parts: readonly OfficePart[]): number;
}

/** Opens a document within the document; null where its kind is none of ours. */
export type OpenInner = (bytes: Uint8Array, name: string) => Promise<OpenDocument | null>;

export interface OpenPackage extends OpenDocument {
  /** The last parts are theirs. */
  pictures: readonly Inner[];
}

export const MARK = '[REDACTED]';

interface Content {
  entries: ZipEntry[];
  /** XML parts by name, cleaned of metadata. */
  sources: Map<string, string>;
  /** Parts that change whatever is found. */
  changed: Map<string, Uint8Array>;
  dropped: Set<string>;
  pictures: ZipEntry[];
  /** Parts that were emptied. */
  emptied: number;
}

const XML_PART = /\.(?:xml|rels|vml)$/i;
/** Typefaces hold no text. */
const TYPEFACE = /\/fonts\/[^/]*\.(?:odttf|fntdata|ttf|otf)$/i;

function readContent(bytes: Uint8Array): Content {
  const entries = readZip(bytes);
  const content: Content = {
    ...{ entries, sources: new Map(), changed: new Map(), dropped: new Set() },
    ...{ pictures: [], emptied: 0 },
  };
  for (const entry of entries) {
    const { name } = entry;
    if (/vbaProject|\/macrosheets\//i.test(name)) throw withMacros();
    if (isThumbnail(name)) content.dropped.add(name);
    else if (XML_PART.test(name)) content.sources.set(name, xmlSource(name, unpack(entry)));
    else if (isPicture(name)) content.pictures.push(entry);
  }
  return content;
}

function xmlSource(name: string, bytes: Uint8Array): string {
  const decoded = decodeText(bytes);
  if (!decoded) throw new Fault('unreadable_file', 'A part of the file is not readable as XML.');
  return emptyPart(name) ?? withoutPeople(name, decoded.text);
}

function withMacros(): Fault {
  return new Fault(
    'unsupported_file_type',
    'The file holds macros, which cannot be looked into. Save it without them.',
  );
}

export async function openPackage(
  bytes: Uint8Array,
  kind: OfficeKind,
  openInner: OpenInner,
  { onProgress, withoutPictures = false }: OpenOptions & { withoutPictures?: boolean },
): Promise<OpenPackage> {
  const content = readContent(bytes);
  const { sources } = content;
  const parts = kind.read(sources);
  const read = new Set(parts.map(({ map }) => map.file));
  for (const [name, source] of sources) {
    if (read.has(name)) continue;
    for (const part of readPart(name, source)) parts.push({ ...part, pageNumber: 1 });
  }
  const pageCount = Math.max(1, kind.pageCount(sources, parts));
  const embedded = await openEmbedded(content, openInner, parts.length);
  const count = embedded.reduce((sum, { document }) => sum + document.parts.length, parts.length);
  const pictures = await picturesOf(content, count, withoutPictures);
  const inner = [...embedded, ...pictures.read];
  onProgress?.({ done: pageCount, total: pageCount });
  return {
    parts: [
      ...parts.map(textPart),
      ...inner.flatMap(({ name, document }) => innerParts(name, document)),
    ],
    pageCount,
    pictures: pictures.read,
    removed: [
      ...removedFrom(content, pictures),
      ...embedded.flatMap(({ document }) => document.removed ?? []),
    ],
    locate(part, start) {
      const cell = parts[part]?.cellAt?.(start);
      return cell === undefined ? {} : { cell };
    },
    spread(edits) {
      const all = [...edits, ...linkedEdits(parts, edits)];
      return extendedEdits(
        parts.map(({ map }) => map),
        all,
      );
    },
    write: (edits) => write(content, parts, inner, edits),
    close() {
      for (const { document } of inner) document.close();
    },
  };
}

function textPart({ pageNumber, label, map, contextAt, hasNoPeople }: OfficePart): TextPart {
  return { pageNumber, part: label, text: map.text, contextAt, hasNoPeople };
}

function innerParts(name: string, { parts }: OpenDocument): TextPart[] {
  const file = name.replace(/^.*\//, '');
  return parts.map((part) => ({
    ...part,
    pageNumber: 1,
    part: part.part ? `${file} ${part.part}` : file,
  }));
}

/** Those of a document within the document are taken out: nobody would compare them afterwards. */
async function picturesOf(
  { pictures, changed }: Content,
  from: number,
  withoutPictures: boolean,
): Promise<Pictures> {
  const opened = withoutPictures
    ? { read: [], unread: pictures.map(({ name }) => name) }
    : await openPictures(pictures, from);
  for (const name of opened.unread) changed.set(name, BLANK);
  return opened;
}

function removedFrom({ emptied }: Content, { unread }: Pictures): string[] {
  return [
    ...(emptied > 0 ? [`${emptied} embedded file(s), control(s) or setting(s)`] : []),
    ...(unread.length > 0 ? [`${unread.length} picture(s), film(s) or sound(s)`] : []),
  ];
}

async function openEmbedded(
  content: Content,
  openInner: OpenInner,
  from: number,
): Promise<Inner[]> {
  const { entries, changed } = content;
  const inner: Inner[] = [];
  let next = from;
  for (const entry of entries) {
    const { name, sizeBytes } = entry;
    if (sizeBytes === 0 || XML_PART.test(name) || isPicture(name) || TYPEFACE.test(name)) continue;
    const document = await openInner(unpack(entry), entry.name);
    if (!document) {
      changed.set(entry.name, new Uint8Array(0));
      content.emptied++;
      continue;
    }
    inner.push({ name: entry.name, document, from: next });
    next += document.parts.length;
  }
  return inner;
}

/** A text that several places share changes in all of them. */
function linkedEdits(parts: readonly OfficePart[], edits: readonly Edit[]): Edit[] {
  const users = new Map<string, { part: number; start: number }[]>();
  for (const [part, { map }] of parts.entries()) {
    for (const { to, textStart } of map.links()) {
      const key = `${to.map.file} ${to.start}`;
      const same = users.get(key);
      if (same) same.push({ part, start: textStart });
      else users.set(key, [{ part, start: textStart }]);
    }
  }
  if (users.size === 0) return [];
  return edits.flatMap((edit) => {
    const link = parts[edit.part]?.map.linkAt(edit.start);
    if (!link) return [];
    const same = users.get(`${link.to.map.file} ${link.to.start}`) ?? [];
    return same
      .filter(({ part, start }) => part !== edit.part || start !== link.textStart)
      .map(({ part, start }) => {
        const by = start - link.textStart;
        return { ...edit, part, start: edit.start + by, end: edit.end + by };
      });
  });
}

async function write(
  { entries, sources, changed, dropped }: Content,
  parts: readonly OfficePart[],
  inner: readonly Inner[],
  edits: readonly Edit[],
): Promise<Uint8Array> {
  const cuts = new Map<string, Cut[]>();
  for (const [index, { map }] of parts.entries()) {
    for (const { start, end, replacement } of mergedEdits(edits, index)) {
      for (const cut of map.cuts(start, end, replacement ?? '')) {
        const same = cuts.get(cut.file);
        if (same) same.push(cut);
        else cuts.set(cut.file, [cut]);
      }
    }
  }
  const written = new Map(changed);
  for (const one of inner) {
    const mark = isPicture(one.name) ? MARK : null;
    written.set(one.name, await one.document.write(editsWithin(one, edits, mark)));
  }
  const result = entries
    .filter(({ name }) => !dropped.has(name))
    .map((entry) => {
      const source = sources.get(entry.name);
      if (source !== undefined)
        return rewritten(entry, applyCuts(source, cuts.get(entry.name) ?? []));
      const bytes = written.get(entry.name);
      return bytes ? pack(entry.name, bytes) : entry;
    });
  return writeZip(result);
}

/** The entry as it was where nothing has changed. XML is written as UTF-8. */
function rewritten(entry: ZipEntry, source: string): ZipEntry {
  const utf8 = Buffer.from(
    source.replace(/^(<\?xml[^>]{0,200}encoding=["'])[\w-]{1,20}/i, '$1UTF-8'),
    'utf8',
  );
  const packed = pack(entry.name, utf8);
  return packed.crc === entry.crc && packed.sizeBytes === entry.sizeBytes ? entry : packed;
}

/** In names of sheets a stand-in has no brackets, and a number where it stands a second time. */
export function samePackageText(text: string): string {
  return text.replace(/[[\]]/g, '').replace(/\bREDACTED \d{1,4}\b/g, 'REDACTED');
}

export function judgePackage(
  before: OpenPackage,
  edits: readonly Edit[],
  after: Reread & Pick<OpenPackage, 'pictures'>,
): string[] {
  const texts = before.pictures[0]?.from ?? before.parts.length;
  return [
    ...differences(before.parts.slice(0, texts), edits, after.parts, samePackageText),
    ...judgePictures(before.pictures, edits, after.pictures, MARK),
  ];
}

/** Texts of every part by plain expressions; the bytes of everything, unpacked. */
export function rereadRaw(bytes: Uint8Array): Pick<Reread, 'texts' | 'streams'> {
  const texts: string[] = [];
  const streams: Uint8Array[] = [];
  for (const entry of readZip(bytes)) {
    const content = unpack(entry);
    streams.push(content, Buffer.from(entry.name));
    if (XML_PART.test(entry.name)) texts.push(...plainTexts(content.toString('utf8')));
    else if (content.length > 22 && content.readUInt32BE(0) === 0x504b0304) {
      const inner = rereadRaw(content);
      texts.push(...inner.texts);
      streams.push(...inner.streams);
    }
  }
  return { texts, streams };
}
