/**
 * Takes mail for the addresses that are ours. Whom it is for is asked at RCPT, so that strangers'
 * mail is refused before it is sent; "250" is said only after the message is in the database. While
 * that is away the answer is 451, and the sender's server keeps the message.
 */
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { isDatabaseAway } from '../../../kernel/db/index.ts';
import { newId } from '../../../kernel/ids.ts';
import type { MailDeps } from '../deps.ts';
import { insertArrival } from '../store/arrival-store.ts';
import { makeCertificate, readCertificate } from './certificate.ts';
import { receiveJob } from './receive.ts';
import { type Refusal, resolveTarget, type Target } from './targets.ts';

const MAX_MESSAGE_BYTES = 25 * 1024 * 1024;
const MAX_RECIPIENTS = 50;
const MAX_CONNECTIONS = 100;
/** Of all messages that are being taken, together. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;
/** From one address. */
const CONNECTIONS_PER_MINUTE = 60;
const UNKNOWN_PER_MINUTE = 20;

const AWAY: Refusal = { code: 451, text: '4.3.0 This server cannot take mail for the moment' };
const NO_ROOM: Refusal = { code: 452, text: '4.3.1 Too much mail at once, come again in a minute' };
const TOO_BIG: Refusal = { code: 552, text: '5.3.4 The message is larger than 25 MB' };
const TOO_OFTEN: Refusal = {
  code: 421,
  text: '4.7.0 Too many connections, come again in a minute',
};

export interface Inbound {
  port: number;
  stop(): Promise<void>;
}

/** What the envelope said, kept with the message for SPF and DMARC. */
export interface Client {
  ip: string;
  helo: string;
  sender: string;
}

export async function startInbound(deps: MailDeps): Promise<Inbound> {
  const { kernel } = deps;
  const targets = new WeakMap<object, Target[]>();
  const held = { bytes: 0 };
  const name = kernel.config.bounceDomain ?? kernel.config.mailDomain ?? 'localhost';
  const server = new SMTPServer({
    name,
    ...(await certificate(deps, name)),
    banner: 'Cloakroom',
    size: MAX_MESSAGE_BYTES,
    maxClients: MAX_CONNECTIONS,
    authOptional: true,
    disabledCommands: ['AUTH'],
    disableReverseLookup: true,
    socketTimeout: 60_000,
    logger: false,
    onConnect(session, callback) {
      answer(callback, () => limit(deps, session, 'connect', CONNECTIONS_PER_MINUTE));
    },
    onRcptTo({ address }, session, callback) {
      answer(callback, async () => {
        const envelope = session.envelope as object;
        const known = targets.get(envelope) ?? [];
        if (known.length >= MAX_RECIPIENTS) return { code: 452, text: '4.5.3 Too many recipients' };
        const target = await resolveTarget(deps, address);
        if ('code' in target) {
          // Guessing addresses is stopped; whoever has one is not.
          return (await limit(deps, session, 'unknown', UNKNOWN_PER_MINUTE)) ?? target;
        }
        targets.set(envelope, [...known, target]);
        return null;
      });
    },
    onData(stream, session, callback) {
      answer(callback, () =>
        take(deps, stream, session, targets.get(session.envelope as object) ?? [], held),
      );
    },
  });
  server.on('error', (err) => kernel.log.warn({ err }, 'the SMTP server met an error'));
  await new Promise<void>((done, fail) => {
    server.server.once('error', fail);
    server.listen(kernel.config.smtpPort, kernel.config.host, () => done());
  });
  return {
    port: (server.server.address() as AddressInfo).port,
    stop: () => new Promise((done) => server.close(() => done())),
  };
}

/** The configured certificate, else a self-made one. */
async function certificate({ kernel }: MailDeps, name: string) {
  const { smtpTlsCert, smtpTlsKey } = kernel.config;
  if (!smtpTlsCert || !smtpTlsKey) return makeCertificate(name, kernel.clock.now());
  return readCertificate(smtpTlsCert, smtpTlsKey);
}

type Callback = (error?: Error | null) => void;

/** A refusal in SMTP's words; whatever fails by itself is a temporary failure. */
function answer(callback: Callback, work: () => Promise<Refusal | null>): void {
  const refuse = ({ code, text }: Refusal) =>
    callback(Object.assign(new Error(text), { responseCode: code }));
  work().then(
    (refusal) => (refusal ? refuse(refusal) : callback()),
    () => refuse(AWAY),
  );
}

async function limit(
  { kernel }: MailDeps,
  session: SMTPServerSession,
  what: string,
  perMinute: number,
): Promise<Refusal | null> {
  const from = kernel.keyring.mac('smtp-clients', session.remoteAddress).toString('base64url');
  const { allowed } = await kernel.limiter.take(`mail:smtp:${what}:${from}`, perMinute, 60);
  return allowed ? null : TOO_OFTEN;
}

async function take(
  deps: MailDeps,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  targets: Target[],
  held: { bytes: number },
): Promise<Refusal | null> {
  const chunks: Buffer[] = [];
  let [sizeBytes, keptBytes] = [0, 0];
  let refusal: Refusal | null = null;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_MESSAGE_BYTES) refusal = TOO_BIG;
      else if (held.bytes + chunk.length > MAX_HELD_BYTES) refusal ??= NO_ROOM;
      // What is refused is read to its end, so that the refusal is heard, and kept nowhere.
      if (refusal) continue;
      chunks.push(chunk);
      keptBytes += chunk.length;
      held.bytes += chunk.length;
    }
    return refusal ?? (await keep(deps, session, targets, Buffer.concat(chunks)));
  } finally {
    held.bytes -= keptBytes;
  }
}

/** Null once the message and its job are in the database. */
async function keep(
  { kernel, vault }: MailDeps,
  session: SMTPServerSession,
  targets: Target[],
  raw: Buffer,
): Promise<Refusal | null> {
  const createdAt = kernel.clock.now();
  const id = newId('arr_', createdAt);
  const { mailFrom } = session.envelope;
  const client: Client = {
    ip: session.remoteAddress,
    helo: session.hostNameAppearsAs,
    sender: mailFrom ? mailFrom.address : '',
  };
  try {
    await kernel.database.tx(async (tx) => {
      await insertArrival(tx, {
        ...{ id, targets, createdAt },
        envelope: vault.seal(JSON.stringify(client), `${id}:envelope`),
        raw: vault.seal(raw, `${id}:raw`),
      });
      await kernel.jobs.send(receiveJob, { arrivalId: id }, { tx, singletonKey: id });
    });
  } catch (err) {
    if (!isDatabaseAway(err)) kernel.log.error({ err }, 'an arriving message could not be kept');
    return AWAY;
  }
  return null;
}
