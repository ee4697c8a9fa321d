/**
 * The next hop. A relay where one is set; else the recipient's own mail servers (mx-transport.ts);
 * and, where neither a relay nor a real domain is configured, the development mailbox: a folder.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import { withoutAddresses } from '../address.ts';

export interface Envelope {
  from: string;
  to: string;
}

/** What became of it: taken, refused for good, or refused for now. */
export type Handed =
  | { kind: 'taken' }
  | { kind: 'refused'; reason: string; bounce: 'hard' | 'soft' }
  | { kind: 'deferred'; reason: string };

export interface Transport {
  send(envelope: Envelope, raw: Buffer): Promise<Handed>;
  close(): void;
}

export const TIMEOUTS = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 30_000,
};

export function relayTransport(url: string): Transport {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const relay = nodemailer.createTransport({
    ...TIMEOUTS,
    pool: true,
    maxConnections: 5,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (secure ? 465 : 587)),
    secure,
    auth: username
      ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
      : undefined,
    tls: { minVersion: 'TLSv1.2' },
  });
  return {
    send: (envelope, raw) => hand(() => relay.sendMail({ envelope: { ...envelope }, raw })),
    close: () => relay.close(),
  };
}

/** One file a message, readable by any mail program; durable before it counts as taken. */
export function mailboxTransport(dir: string): Transport {
  return {
    async send({ from, to }, raw) {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const path = join(dir, `${Date.now()}-${randomUUID()}.eml`);
      const file = await open(`${path}.part`, 'wx', 0o600);
      try {
        await file.writeFile(`Return-Path: <${from}>\r\nDelivered-To: ${to}\r\n`);
        await file.writeFile(raw);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.part`, path);
      return { kind: 'taken' };
    },
    close: () => {},
  };
}

/** The commands whose refusal is about this message; what comes before is about the connection. */
const OF_THE_MESSAGE = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

/** What the hop's answer means. A relay that refuses our login, say, says nothing of the recipient. */
export async function hand(send: () => Promise<unknown>): Promise<Handed> {
  try {
    await send();
    return { kind: 'taken' };
  } catch (error) {
    const { permanent, response, command = '', code, message } = error as NodemailerError;
    const answer = response ?? `no connection (${code ?? message})`;
    const reason = withoutAddresses(answer);
    if (!permanent || !OF_THE_MESSAGE.has(command)) return { kind: 'deferred', reason };
    // A full mailbox may be emptied, and a refused sender is not the recipient's fault.
    const isSoft = command === 'MAIL FROM' || /\b5\.2\.2\b/.test(answer);
    return { kind: 'refused', reason, bounce: isSoft ? 'soft' : 'hard' };
  }
}

/** What nodemailer attaches to its errors. */
interface NodemailerError extends Error {
  /** Of an SMTP answer: whether the same message would be refused again. */
  permanent?: boolean;
  response?: string;
  command?: string;
  code?: string;
}
