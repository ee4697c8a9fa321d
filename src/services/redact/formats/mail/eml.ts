/**
 * Mails (RFC 5322, RFC 2045 to 2047). A mail is taken apart into texts and files, each is read and
 * written by its own kind, and a new mail is put together from them: of the old one nothing comes
 * along but what was looked at. Who handled it (Received, signatures, programs, ids) is not among that.
 */
import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import PostalMime, { decodeWords, type Email } from 'postal-mime';
import { Fault } from '../../../../kernel/fault.ts';
import type { Edit, Format, OpenDocument, OpenOptions, Reread } from '../../document.ts';
import { html } from '../text/html.ts';
import { plainText } from '../text/plain.ts';
import { headerLine, rawMail } from './raw.ts';

const MARK = '[REDACTED]';
/** What a reader of the mail sees of its head, in this order. */
const HEADERS = ['From', 'Sender', 'Reply-To', 'To', 'Cc', 'Bcc', 'Date', 'Subject'] as const;
/** Mails within mails go no deeper. */
const DEEPEST = 3;

/** Which format a file is; throws where it is none of ours. */
type Recognise = (bytes: Uint8Array, fileName: string) => Format;

/** One of the texts and files that the mail consists of. */
interface Piece {
  /** `Subject`, `text`, `html`, `attachment 1`, `name of attachment 1`. */
  label: string;
  format: Format;
  bytes: Uint8Array;
  document?: OpenDocument;
}

interface Child extends Piece {
  document: OpenDocument;
  /** Where its parts begin among all. */
  from: number;
}

interface OpenMail extends OpenDocument {
  children: readonly Child[];
}

interface RereadMail extends Reread {
  again: ReadonlyMap<string, Reread>;
}

interface Content {
  pieces: Piece[];
  files: FileOf[];
  /** How many attachments nobody can look into. */
  unread: number;
}

interface FileOf {
  label: string;
  mediaType: string;
  contentId?: string;
}

/** `recognise` says what an attachment is. */
export function mailFormat(recognise: Recognise, depth = 0): Format {
  const kindOf = (bytes: Uint8Array, name: string, mediaType: string): Format | null => {
    const isMail = mediaType === 'message/rfc822' || /\.eml$/i.test(name);
    if (isMail) return depth < DEEPEST ? mailFormat(recognise, depth + 1) : null;
    try {
      return recognise(bytes, name);
    } catch (error) {
      if (error instanceof Fault) return null;
      throw error;
    }
  };
  return {
    ...{ kind: 'eml', mediaType: 'message/rfc822', extension: 'eml', mark: MARK },
    open: (bytes, options) => openMail(bytes, kindOf, options),
    async reread(bytes): Promise<RereadMail> {
      const { pieces } = await contentOf(bytes, kindOf);
      const again = new Map<string, Reread>();
      for (const { label, format, bytes: own } of pieces) {
        again.set(label, await format.reread(own));
      }
      const all = [...again.values()];
      const raw = rawMail(bytes);
      return {
        again,
        parts: all.flatMap(({ parts }) => parts),
        texts: [...all.flatMap(({ texts }) => texts), ...raw.texts],
        streams: [...all.flatMap(({ streams }) => streams), ...raw.streams, bytes],
        examined: ['headers, texts and attachments by their kinds', 'bytes of all parts'],
        notExamined: all.flatMap(({ notExamined }) => notExamined),
        close() {
          for (const one of all) one.close?.();
        },
      };
    },
    judge: (before, edits, after) => judgeMail(before as OpenMail, edits, after as RereadMail),
  };
}

type KindOf = (bytes: Uint8Array, name: string, mediaType: string) => Format | null;

async function openMail(
  bytes: Uint8Array,
  kindOf: KindOf,
  options: OpenOptions,
): Promise<OpenMail> {
  const { depth = 0 } = options;
  const open = (format: Format, data: Uint8Array) => openFile(format, data, depth + 1);
  const content = await contentOf(bytes, kindOf, depth < DEEPEST ? open : async () => null);
  const { unread } = content;
  const children: Child[] = [];
  let from = 0;
  for (const piece of content.pieces) {
    const document = piece.document ?? (await piece.format.open(piece.bytes, {}));
    children.push({ ...piece, document, from });
    from += document.parts.length;
  }
  const pageCount = children.reduce(
    (sum, { label, document }) => sum + (/^name|^[A-Z]/.test(label) ? 0 : document.pageCount),
    0,
  );
  options.onProgress?.({ done: Math.max(1, pageCount), total: Math.max(1, pageCount) });
  return {
    children,
    parts: children.flatMap(partsOf),
    pageCount: Math.max(1, pageCount),
    removed: [
      ...(unread > 0 ? [`${unread} attachment(s)`] : []),
      ...children.flatMap(({ document }) => document.removed ?? []),
    ],
    locate: (part, start, end) => {
      const child = children.findLast(({ from: first }) => first <= part);
      return child?.document.locate?.(part - child.from, start, end) ?? {};
    },
    spread: (edits) =>
      children.flatMap((child) => {
        const own = editsOf(child, edits, MARK);
        const spread = child.document.spread?.(own) ?? own;
        return spread.map((edit) => ({ ...edit, part: edit.part + child.from }));
      }),
    write: (edits) => compose(bytes, content, children, edits),
    close() {
      for (const { document } of children) document.close();
    },
  };
}

/** Null for an attachment that is damaged, locked or of a kind that only looked like ours. */
async function openFile(
  format: Format,
  bytes: Uint8Array,
  depth: number,
): Promise<OpenDocument | null> {
  try {
    return await format.open(bytes, { depth });
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

function partsOf({ label, document }: Child) {
  return document.parts.map((part) => ({
    ...part,
    pageNumber: 1,
    part: part.part ? `${label}, ${part.part}` : label,
    contextAt: (index: number) => `${label} ${part.contextAt?.(index) ?? ''}`,
  }));
}

/** The edits of one child, in its counting; `mark` is what it has instead of ours. */
function editsOf({ document, from }: Child, edits: readonly Edit[], mark: string | null): Edit[] {
  return edits
    .filter(({ part }) => part >= from && part < from + document.parts.length)
    .map((edit) => ({
      ...edit,
      part: edit.part - from,
      replacement: edit.replacement === MARK && mark === null ? null : edit.replacement,
    }));
}

const own = (child: Child, edits: readonly Edit[]) => editsOf(child, edits, child.format.mark);

/** With `open`, attachments that do not open are left away. */
async function contentOf(
  bytes: Uint8Array,
  kindOf: KindOf,
  open?: (format: Format, bytes: Uint8Array) => Promise<OpenDocument | null>,
): Promise<Content> {
  const mail = await parse(bytes);
  const content: Content = { pieces: [], files: [], unread: 0 };
  const add = (label: string, format: Format, text: string | undefined) => {
    // Line ends and the last of them are the transport's.
    const plain = text?.replace(/\r\n?/g, '\n').trimEnd();
    if (plain) content.pieces.push({ label, format, bytes: Buffer.from(plain, 'utf8') });
  };
  for (const name of HEADERS) add(name, plainText, headerOf(mail, name));
  add('text', plainText, mail.text);
  add('html', html, mail.html);
  for (const file of mail.attachments) {
    const data = Buffer.from(file.content as ArrayBuffer);
    const [label, name] = [`attachment ${content.files.length + 1}`, file.filename ?? ''];
    const format = kindOf(data, name, file.mimeType);
    const document = format && open ? await open(format, data) : undefined;
    if (!format || document === null) {
      content.unread++;
      continue;
    }
    add(`name of ${label}`, plainText, name);
    content.pieces.push({ label, format, bytes: data, document });
    content.files.push({ label, mediaType: format.mediaType, contentId: file.contentId });
  }
  return content;
}

async function parse(bytes: Uint8Array): Promise<Email> {
  try {
    return await PostalMime.parse(bytes, {
      attachmentEncoding: 'arraybuffer',
      forceRfc822Attachments: true,
      maxNestingDepth: 32,
      maxHeadersSize: 1 << 20,
    });
  } catch (cause) {
    throw new Fault('unreadable_file', 'The mail is damaged, or nested too deeply.', { cause });
  }
}

/** All lines of the name, encoded words decoded, in one. */
function headerOf({ headers }: Email, name: string): string | undefined {
  const values = headers
    .filter(({ key }) => key === name.toLowerCase())
    .map(({ value }) => decodeWords(value));
  return values.length > 0 ? values.join(', ').replace(/\s{1,200}/g, ' ') : undefined;
}

async function compose(
  source: Uint8Array,
  { files }: Content,
  children: readonly Child[],
  edits: readonly Edit[],
): Promise<Uint8Array> {
  const written = new Map<string, Buffer>();
  for (const child of children) {
    written.set(child.label, Buffer.from(await child.document.write(own(child, edits))));
  }
  const textOf = (label: string) => written.get(label)?.toString('utf8');
  const headers = HEADERS.flatMap((name) => {
    const value = textOf(name);
    return value ? [headerLine(name, value)] : [];
  });
  const attachments = files.flatMap(({ label, mediaType, contentId }) => {
    const content = written.get(label);
    if (!content) return [];
    const filename = textOf(`name of ${label}`) ?? (false as const);
    const place = contentId ? { cid: contentId.replace(/^<|>$/g, '') } : {};
    return [{ ...{ content, contentType: mediaType, filename }, ...place }];
  });
  const body = await new MailComposer({
    ...{ text: textOf('text'), html: textOf('html'), attachments, newline: '\r\n' },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })
    .compile()
    .build();
  const id = createHash('sha256').update(source).digest('hex').slice(0, 32);
  headers.push(headerLine('Message-ID', `<${id}@redacted.invalid>`));
  return Buffer.concat([Buffer.from(headers.join(''), 'latin1'), withoutEnvelope(body)]);
}

/** What the composer says of the content; of date, id and addresses it knows nothing. */
function withoutEnvelope(message: Buffer): Buffer {
  const end = message.indexOf('\r\n\r\n');
  const head = message.subarray(0, end + 2).toString('latin1');
  const kept = head.split(/(?<=\r\n)(?![ \t])/).filter((line) => /^(?:content-|mime-)/i.test(line));
  return Buffer.concat([Buffer.from(kept.join(''), 'latin1'), message.subarray(end + 2)]);
}

function judgeMail(before: OpenMail, edits: readonly Edit[], after: RereadMail): string[] {
  return before.children.flatMap((child) => {
    const again = after.again.get(child.label);
    if (!again) return [`${child.label} is not there any more`];
    const found = child.format.judge(child.document, own(child, edits), again);
    return found.map((objection) => `${child.label}: ${objection}`);
  });
}
