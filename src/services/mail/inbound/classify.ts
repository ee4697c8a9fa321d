/**
 * What a message that came in is: a bounce (RFC 3464, or one of the common bodies that are none), a
 * complaint (ARF, RFC 5965), an automatic answer (RFC 3834), or somebody's mail. Read from the parsed
 * message; nothing in it is trusted further than this.
 */
import PostalMime, { type Email } from 'postal-mime';
import { withoutAddresses } from '../address.ts';

export type Arrived =
  | { kind: 'bounce'; bounce: 'hard' | 'soft'; detail: string }
  | { kind: 'delay' }
  | { kind: 'complaint'; feedbackType: string; returnPath: string }
  | { kind: 'auto_reply' }
  | { kind: 'mail' };

/** A tree of a thousand parts is an attack, not a letter. */
const MAX_DEPTH = 50;

export function parseMessage(raw: Buffer): Promise<Email> {
  return PostalMime.parse(raw, {
    attachmentEncoding: 'arraybuffer',
    maxNestingDepth: MAX_DEPTH,
    maxHeadersSize: 1024 * 1024,
  });
}

/** `sender`: of the envelope; an empty one is what machines answer with (RFC 5321 4.5.5). */
export function classify(email: Email, sender = 'unknown'): Arrived {
  const report = headerOf(email, 'content-type').toLowerCase();
  if (report.includes('report-type=feedback-report') || hasPart(email, 'message/feedback-report')) {
    const feedback = partText(email, 'message/feedback-report');
    return {
      kind: 'complaint',
      feedbackType: /^[a-z-]{1,40}/i.exec(field(feedback, 'Feedback-Type'))?.[0] ?? 'abuse',
      returnPath: field(feedback, 'Original-Mail-From').replaceAll(/[<>\s]/g, ''),
    };
  }
  const status =
    partText(email, 'message/delivery-status') || partText(email, 'message/global-delivery-status'); // RFC 6533
  if (status) return readStatus(status);
  if (isPlainBounce(email)) return readPlainBounce(email);
  return sender === '' || isAutomatic(email) ? { kind: 'auto_reply' } : { kind: 'mail' };
}

/** The per-recipient fields of RFC 3464 2.3. */
function readStatus(text: string): Arrived {
  const action = field(text, 'Action').toLowerCase();
  const status = /^Status:\s*([245])\.(\d{1,3})\.(\d{1,3})/im.exec(text);
  const diagnostic = field(text, 'Diagnostic-Code').replace(/^smtp;\s*/i, '');
  if (action === 'delivered' || action === 'relayed' || action === 'expanded')
    return { kind: 'auto_reply' };
  if (action === 'delayed') return { kind: 'delay' };
  const isHard = status?.[1] === '5' && !isFull(status[2], status[3]);
  const detail = diagnostic || status?.[0].replace(/^Status:\s*/i, '') || 'bounced';
  return { kind: 'bounce', bounce: isHard ? 'hard' : 'soft', detail: withoutAddresses(detail) };
}

/** A full mailbox (x.2.2) may be emptied: the address is good. */
function isFull(subject: string | undefined, detail: string | undefined): boolean {
  return subject === '2' && detail === '2';
}

function isPlainBounce(email: Email): boolean {
  const from = email.from?.address?.toLowerCase() ?? '';
  const isDaemon = /^(mailer-daemon|postmaster)@/.test(from);
  const saysSo =
    /undeliver|delivery (status notification|failure|has failed)|returned mail|mail delivery (failed|system)|failure notice|unzustellbar|non remis/i.test(
      email.subject ?? '',
    );
  return isDaemon && saysSo;
}

function readPlainBounce(email: Email): Arrived {
  const body = (email.text ?? '').slice(0, 20_000);
  const code =
    /\b([45])\d\d[ -]([45])\.(\d{1,3})\.(\d{1,3})\b/.exec(body) ?? /\b([45])\d\d\b/.exec(body);
  const unknown =
    /user unknown|no such (user|mailbox|recipient)|does not exist|mailbox (not found|unavailable)|unknown (user|recipient)|address rejected/i.test(
      body,
    );
  const isHard = unknown || (code?.[1] === '5' && !isFull(code[3], code[4]));
  const line =
    body.split('\n').find((text) => code && text.includes(code[0])) ?? email.subject ?? 'bounced';
  return {
    kind: 'bounce',
    bounce: isHard ? 'hard' : 'soft',
    detail: withoutAddresses(line.trim()),
  };
}

/** RFC 3834 5, and what common programs say instead. */
function isAutomatic(email: Email): boolean {
  const submitted = headerOf(email, 'auto-submitted').toLowerCase();
  if (submitted !== '' && submitted !== 'no') return true;
  if (/^(bulk|junk|auto_reply|list)$/i.test(headerOf(email, 'precedence'))) return true;
  const others = ['x-autoreply', 'x-autorespond', 'x-auto-response-suppress-reply', 'x-vacation'];
  if (others.some((name) => headerOf(email, name) !== '')) return true;
  if (/^<>$/.test(headerOf(email, 'return-path'))) return true;
  return /^(auto(matic)?[ -]?(reply|response)|out of (the )?office|abwesenheit|autoresponse|réponse automatique)\b/i.test(
    email.subject ?? '',
  );
}

export function headerOf(email: Email, name: string): string {
  return email.headers.find(({ key }) => key === name)?.value.trim() ?? '';
}

function hasPart(email: Email, mediaType: string): boolean {
  return email.attachments.some(({ mimeType }) => mimeType.toLowerCase() === mediaType);
}

function partText(email: Email, mediaType: string): string {
  const part = email.attachments.find(({ mimeType }) => mimeType.toLowerCase() === mediaType);
  if (!part) return '';
  const { content } = part;
  return typeof content === 'string'
    ? content
    : Buffer.from(content as ArrayBuffer).toString('utf8');
}

function field(text: string, name: string): string {
  return new RegExp(`^${name}:[ \\t]*([^\\r\\n]*)`, 'im').exec(text)?.[1]?.trim() ?? '';
}
