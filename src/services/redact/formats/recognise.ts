/**
 * The table of formats, and which one a file is. Content decides; the name decides among kinds of
 * plain text, which look alike. What is not in the table is refused, never half handled.
 */
import { Fault } from '../../../kernel/fault.ts';
import type { Format } from '../document.ts';
import { imageKindOf, jpeg } from './image/image.ts';
import { mailFormat } from './mail/eml.ts';
import { unlock } from './office/locked/unlock.ts';
import { officeKindOf } from './office/office.ts';
import { isXls, xls } from './office/xls.ts';
import { withAttachments } from './pdf/attached.ts';
import { pdf as plainPdf } from './pdf/pdf.ts';
import { csv } from './text/csv.ts';
import { decodeText } from './text/encoding.ts';
import { html } from './text/html.ts';
import { json } from './text/json.ts';
import { markdown, plainText } from './text/plain.ts';

const eml = mailFormat(recognise);
const pdf = withAttachments(plainPdf, recognise);

const TEXT_BY_NAME: Readonly<Record<string, Format>> = {
  eml,
  ...{ csv, tsv: csv, html, htm: html, xhtml: html, json, jsonl: json, ndjson: json },
  ...{ geojson: json, md: markdown, markdown, txt: plainText, text: plainText, log: plainText },
};

/** Names whose text hides its letters in ways that we do not read. */
const OTHER_MARKUP = /\.(?:mbox|mht|mhtml|rtf|ps|eps|xml|svg|tex|vcf|ics|fodt|fods|uue)$/i;
const OTHER_CONTENT = /^\s{0,64}(?:\{\\rtf|%!PS|<\?xml|<svg|BEGIN:V)/i;
/** How a mail begins; RFC 5322 leaves the order open, mail programs begin with one of these. */
const MAIL_CONTENT = /^(?:Return-Path|Received|Delivered-To|MIME-Version|X-[\w-]{1,60}): /i;

/** A file as it is read, and what it is then. */
export interface Admitted {
  /** Without the encryption of an office file; other kinds open their own. */
  bytes: Uint8Array;
  format: Format;
}

/** Faults: as `recognise`, and `unreadable_file` for an office file that the password does not open. */
export function admit(bytes: Uint8Array, fileName: string, password?: string): Admitted {
  const plain = isXls(bytes) ? bytes : unlock(bytes, password);
  return { bytes: plain, format: recognise(plain, fileName) };
}

/** Fault `unsupported_file_type` where it is none of ours, `invalid_request` where it is empty. */
export function recognise(bytes: Uint8Array, fileName: string): Format {
  if (bytes.length === 0) throw new Fault('unreadable_file', 'The file is empty.');
  const image = imageKindOf(bytes);
  if (image) return image;
  const head = Buffer.from(bytes.subarray(0, 1024)).toString('latin1');
  if (head.includes('%PDF-')) return pdf;
  if (isXls(bytes)) return xls;
  if (head.startsWith('PK')) {
    const office = officeKindOf(bytes);
    if (office) return office;
  }
  const text = decodeText(bytes)?.text;
  if (text === undefined || OTHER_MARKUP.test(fileName) || OTHER_CONTENT.test(text)) {
    throw unsupported();
  }
  if (MAIL_CONTENT.test(text)) return eml;
  const extension = extensionOf(fileName);
  const named = TEXT_BY_NAME[extension];
  if (named) return named;
  return /^\s{0,64}<(?:!doctype html|html|head|body)\b/i.test(text) ? html : plainText;
}

function unsupported(): Fault {
  return new Fault(
    'unsupported_file_type',
    'This kind of file is not supported. Supported: pdf, docx, xlsx, xls, pptx, jpg, png, webp, txt, csv, json, html, md, eml.',
  );
}

export function extensionOf(fileName: string): string {
  return /\.([A-Za-z0-9]{1,10})$/.exec(fileName)?.[1]?.toLowerCase() ?? '';
}

/** `report.pdf` becomes `report_redacted.pdf`; the name carries nothing but its own letters. */
export function redactedName(fileName: string, format: Format): string {
  const extension = extensionOf(fileName);
  const stem = extension ? fileName.slice(0, -extension.length - 1) : fileName;
  const isSame =
    TEXT_BY_NAME[extension] === format || (format === jpeg && /^jpe?g$/.test(extension));
  const kept = isSame ? extension : format.extension;
  return `${stem || 'document'}_redacted.${kept}`;
}
