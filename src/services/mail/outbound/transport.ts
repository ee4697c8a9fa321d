/**
 * The next hop. A relay where one is set; else the recipient's own mail servers (MX, RFC 5321 5.1);
 * and, where neither a relay nor a real domain is configured, the development mailbox: a folder.
 */
import { randomUUID } from 'node:crypto';
import type { promises as dns, MxRecord } from 'node:dns';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import type { SentMessageInfo } from 'nodemailer/lib/smtp-transport/index.js';

export interface Envelope {
  from: string;
  to: string;
}

/** What became of it: taken, refused for good, or refused for now. */
export type Handed =
  | { kind: 'taken' }
  | { kind: 'refused'; reason: string }
  | { kind: 'deferred'; reason: string };

export interface Transport {
  send(envelope: Envelope, raw: Buffer): Promise<Handed>;
  close(): void;
}

const TIMEOUTS = {
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
    send: (envelope, raw) =>
      hand(() => relay.sendMail({ envelope: { ...envelope }, raw }) as Promise<SentMessageInfo>),
    close: () => relay.close(),
  };
}

/** Straight to the recipient, encrypted where the server offers it (opportunistic TLS, RFC 7435). */
export function mxTransport(resolver: Pick<dns.Resolver, 'resolveMx'>): Transport {
  return {
    async send(envelope, raw) {
      const domain = envelope.to.slice(envelope.to.lastIndexOf('@') + 1);
      const hosts = await mailServers(domain, resolver);
      if (!Array.isArray(hosts)) return hosts;
      let last: Handed = { kind: 'deferred', reason: `${domain} has no mail server that answers` };
      for (const host of hosts) {
        const server = nodemailer.createTransport({
          ...TIMEOUTS,
          host,
          port: 25,
          opportunisticTLS: true,
          tls: { rejectUnauthorized: false },
        });
        last = await hand(
          () => server.sendMail({ envelope: { ...envelope }, raw }) as Promise<SentMessageInfo>,
        );
        server.close();
        if (last.kind !== 'deferred') return last;
      }
      return last;
    },
    close: () => {},
  };
}

async function mailServers(
  domain: string,
  resolver: Pick<dns.Resolver, 'resolveMx'>,
): Promise<string[] | Handed> {
  let records: MxRecord[];
  try {
    records = await resolver.resolveMx(domain);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND') return { kind: 'refused', reason: `5.1.2 ${domain} does not exist` };
    // Without an MX the domain itself is the server (RFC 5321 5.1).
    if (code === 'ENODATA') return [domain];
    return { kind: 'deferred', reason: `4.4.3 the name servers did not answer for ${domain}` };
  }
  const isNull = records.length === 1 && (records[0]?.exchange ?? '') === '';
  if (isNull) return { kind: 'refused', reason: `5.1.10 ${domain} takes no mail (RFC 7505)` };
  return records.sort((a, b) => a.priority - b.priority).map(({ exchange }) => exchange);
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

async function hand(send: () => Promise<SentMessageInfo>): Promise<Handed> {
  try {
    await send();
    return { kind: 'taken' };
  } catch (error) {
    const { responseCode, response, message, code } = error as {
      responseCode?: number;
      response?: string;
      message: string;
      code?: string;
    };
    const reason = (
      response ?? (responseCode ? message : `no connection (${code ?? 'failed'})`)
    ).slice(0, 500);
    const isForGood = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH';
    return { kind: isForGood ? 'refused' : 'deferred', reason };
  }
}
