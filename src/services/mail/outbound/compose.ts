/**
 * The message as bytes (RFC 5322, MIME), by nodemailer's composer. The composer may read neither
 * files nor addresses of the web, whatever a request names.
 */
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { invalidField } from '../../../kernel/fault.ts';

export interface Attachment {
  filename: string;
  contentType?: string;
  content: Buffer;
  /** By which the HTML part shows it, without the angle brackets. */
  cid?: string;
}

export interface Draft {
  from: { address: string; name?: string };
  to: string[];
  cc?: string[];
  replyTo?: string;
  subject: string;
  text?: string;
  html?: string;
  inReplyTo?: string;
  references?: string[];
  headers?: Record<string, string>;
  attachments?: Attachment[];
  /** Without the angle brackets. */
  messageId: string;
  date: Date;
}

export function compose(draft: Draft): Promise<Buffer> {
  const bracketed = (id: string) => `<${id.replace(/^<|>$/g, '')}>`;
  const composer = new MailComposer({
    from: { name: draft.from.name ?? '', address: draft.from.address },
    to: draft.to,
    cc: draft.cc,
    replyTo: draft.replyTo,
    subject: draft.subject,
    text: withLineEnds(draft.text),
    html: withLineEnds(draft.html),
    inReplyTo: draft.inReplyTo && bracketed(draft.inReplyTo),
    references: draft.references?.map(bracketed),
    headers: draft.headers,
    attachments: draft.attachments?.map(({ filename, contentType, content, cid }) => ({
      ...{ filename, contentType, content, cid },
    })),
    messageId: bracketed(draft.messageId),
    date: draft.date,
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'windows',
  });
  return composer.compile().build();
}

/** A return alone would become a line's end on the way, behind the signature's back. */
function withLineEnds(text: string | undefined): string | undefined {
  return text?.replaceAll(/\r\n?|\n/g, '\r\n');
}

/** Headers that say who sent what to whom, or how to read it: those are ours. */
const RESERVED =
  /^(from|to|cc|bcc|sender|reply-to|return-path|subject|date|message-id|in-reply-to|references|received|mime-version|content-.*|dkim-signature|arc-.*|authentication-results|list-unsubscribe.*|resent-.*|delivered-to)$/i;

/** Fault `invalid_request` for a header that is reserved, malformed, or would begin a second one. */
export function checkHeaders(headers: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    const field = `headers.${name.replace(/[^\w-]/g, '?').slice(0, 60)}`;
    if (!/^[A-Za-z][A-Za-z0-9-]{0,75}$/.test(name) || RESERVED.test(name)) {
      throw invalidField(field, `The ${field} field is not a header that can be set`);
    }
    if (value.length > 900 || /[\u0000-\u001f\u007f]/.test(value)) {
      throw invalidField(field, `The ${field} field must be one line of at most 900 characters`);
    }
  }
  return headers;
}

/** Fault `invalid_request` where a line break would begin another header. */
export function oneLine(text: string, field: string): string {
  if (!/[\u0000-\u001f\u007f]/.test(text)) return text;
  throw invalidField(field, `The ${field} field must be one line without control characters`);
}
