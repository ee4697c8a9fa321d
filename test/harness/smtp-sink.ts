/** A real SMTP server that keeps what it is given, and refuses what a test tells it to. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface SunkMessage {
  from: string;
  to: string[];
  raw: string;
  messageId: string;
  /** Whether it came over TLS. */
  secure: boolean;
}

export interface SmtpSink {
  url: string;
  port: number;
  messages: SunkMessage[];
  /** What to answer to a recipient, e.g. `[550, '5.1.1 no such user']`; null accepts. */
  onRecipient: (address: string) => [code: number, text: string] | null;
  /** The same at the end of the data. */
  onData: (message: SunkMessage) => [code: number, text: string] | null;
  stop(): Promise<void>;
}

function refusal(answer: [number, string]): Error {
  return Object.assign(new Error(answer[1]), { responseCode: answer[0] });
}

/** `tls`: PEM for STARTTLS, which is not offered without. */
export async function startSmtpSink(
  port = 0,
  tls?: { key: string; cert: string },
): Promise<SmtpSink> {
  const sink = {
    messages: [] as SunkMessage[],
    onRecipient: () => null,
    onData: () => null,
  } as Omit<SmtpSink, 'url' | 'port' | 'stop'>;
  const server = new SMTPServer({
    authOptional: true,
    ...tls,
    disabledCommands: tls ? ['AUTH'] : ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo({ address }, _session, callback) {
      const answer = sink.onRecipient(address);
      callback(answer ? refusal(answer) : null);
    },
    onData(stream, { envelope, secure }, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const message = {
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          raw,
          secure,
          messageId: /^Message-ID:\s*(\S+)/im.exec(raw)?.[1] ?? '',
        };
        const answer = sink.onData(message);
        if (!answer) sink.messages.push(message);
        callback(answer ? refusal(answer) : null);
      });
    },
  });
  server.on('error', () => {});
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const listening = (server.server.address() as AddressInfo).port;
  return Object.assign(sink, {
    port: listening,
    url: `smtp://127.0.0.1:${listening}`,
    stop: () => new Promise<void>((done) => server.close(() => done())),
  });
}
