/** From what happens to a mail, through SMTP, to a signed message at a real receiver. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestOrganization, type TestServer } from '../harness/server.ts';
import { type SmtpSink, type SunkMessage, startSmtpSink } from '../harness/smtp-sink.ts';
import { handIn, type MailClient, mailClient, settled, until } from './mail-client.ts';

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  event: Record<string, unknown>;
}
interface Receiver {
  url: string;
  received: Received[];
  secret: string;
}
type Verify = (secret: string, headers: IncomingHttpHeaders, body: string) => boolean;

let server: TestServer;
let sink: SmtpSink;
let client: MailClient;
let verify: Verify;
let all: Receiver;
let bouncesOnly: Receiver;
let others: Receiver;
const receivers: Server[] = [];

beforeAll(async () => {
  sink = await startSmtpSink();
  server = await startTestServer({
    env: {
      CLOAKROOM_SMTP_URL: sink.url,
      CLOAKROOM_MAIL_DOMAIN: 'm.example.com',
      CLOAKROOM_WEBHOOK_ALLOW_PRIVATE: 'true',
    },
  });
  client = mailClient(server, await server.key('mail'));
  verify = await documentedVerify();
  all = await receiver(server.org, ['*']);
  bouncesOnly = await receiver(server.org, ['email.bounced']);
  others = await receiver(await server.otherOrg(), ['*']);
});
afterAll(async () => {
  await server.stop();
  await sink.stop();
  for (const one of receivers) {
    one.close();
    one.closeAllConnections();
  }
});

/** The code that docs/webhooks.md gives to receivers. */
async function documentedVerify(): Promise<Verify> {
  const page = await readFile(resolve(import.meta.dirname, '../../docs/webhooks.md'), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).verify as Verify;
}

async function receiver({ token }: TestOrganization, types: string[]): Promise<Receiver> {
  const received: Received[] = [];
  const listener = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    received.push({ headers: request.headers, body, event: JSON.parse(body) });
    response.end();
  });
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  receivers.push(listener);
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
  const made = await fetch(`${server.url}/account/api/v1/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url, types }),
  });
  return { url, received, secret: ((await made.json()) as { secret: string }).secret };
}

async function sendOne(
  to: string,
): Promise<{ id: string; aliasId: string; email: string; message: SunkMessage }> {
  const { id: aliasId, email } = await client.newAlias();
  const { body } = await client.send(aliasId, { to });
  const id = String(body['id']);
  const message = sink.messages.find(({ messageId }) => messageId.includes(id));
  if (!message) throw new Error('not sent');
  return { id, aliasId, email, message };
}
const arrived = (type: string, messageId: string, at: Receiver = all) =>
  until(() =>
    at.received.find(({ event }) => event['event'] === type && event['messageId'] === messageId),
  );

const bounce = (to: string, status: string) => `From: mailer-daemon@rcpt.example
To: ${to}
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; rcpt.example

Final-Recipient: rfc822; lost@rcpt.example
Action: failed
Status: ${status}
Diagnostic-Code: smtp; 550 ${status} <lost@rcpt.example> said no
--b--
`;
const complaint = (to: string) => `From: fbl@rcpt.example
To: ${to}
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1
--b--
`;
const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

test.each([
  ['5.1.1', 'hard'],
  ['5.2.2', 'soft'],
])(
  'a bounce %s by SMTP is told as %s, signed, once, and names no address',
  async (status, kind) => {
    const { id, aliasId, message } = await sendOne('lost@rcpt.example');
    for (let i = 0; i < 2; i++)
      expect(await handIn(server, message.from, bounce(message.from, status), '')).toBe('250');
    const { headers, body, event } = await arrived('email.bounced', id);
    const error = `550 ${status} <[address]> said no`;
    expect(event).toEqual({
      ...{ event: 'email.bounced', messageId: id, aliasId, bounce: kind, error, timestamp },
    });
    expect(verify(all.secret, headers, body)).toBe(true);
    expect(verify(all.secret, headers, `${body} `)).toBe(false);
    expect(verify(bouncesOnly.secret, headers, body)).toBe(false);
    const also = await arrived('email.bounced', id, bouncesOnly);
    expect(verify(bouncesOnly.secret, also.headers, also.body)).toBe(true);
    await settled(server);
    const same = all.received.filter(
      (one) => one.event['event'] === 'email.bounced' && one.event['messageId'] === id,
    );
    expect(new Set(same.map((one) => one.headers['webhook-id'])).size).toBe(1);
    await client.call('DELETE', '/suppressions?email=lost@rcpt.example');
  },
);

test('a complaint by SMTP is told with its kind, signed', async () => {
  const { id, aliasId, message } = await sendOne('cross@rcpt.example');
  expect(await handIn(server, message.from, complaint(message.from), '')).toBe('250');
  const { headers, body, event } = await arrived('email.complained', id);
  expect(event).toEqual({
    ...{ event: 'email.complained', messageId: id, aliasId, feedbackType: 'abuse', timestamp },
  });
  expect(verify(all.secret, headers, body)).toBe(true);
});

test('an answer by SMTP is told with the message that it answers, signed; an automatic one is not', async () => {
  const { id, aliasId, email, message } = await sendOne('friend@rcpt.example');
  const answer = (more: string) =>
    `From: friend@rcpt.example\nTo: ${email}\nSubject: Re: Hello\nMessage-ID: <${randomUUID()}@x.example>\nIn-Reply-To: ${message.messageId}\n${more}\nYes.`;
  await handIn(server, email, answer('Auto-Submitted: auto-replied\n'), 'friend@rcpt.example');
  await settled(server);
  await handIn(server, email, answer(''), 'friend@rcpt.example');
  const { headers, body, event } = await arrived('email.replied', id);
  const { body: log } = await client.call('GET', `/emails?aliasId=${aliasId}&direction=INBOUND`);
  const [reply] = log['emails'] as unknown as { id: string }[];
  expect(event).toEqual({
    ...{ event: 'email.replied', messageId: id, replyId: reply?.id, aliasId, timestamp },
  });
  expect(verify(all.secret, headers, body)).toBe(true);
  const replies = all.received.filter((one) => one.event['event'] === 'email.replied');
  expect(replies).toHaveLength(1);
});

test('sending and failing are told, signed', async () => {
  const { id: aliasId } = await client.newAlias();
  const { body: sent } = await client.send(aliasId);
  sink.onRecipient = () => [550, '5.1.1 no such user'];
  const { body: failed } = await client.send(aliasId, { to: 'none@rcpt.example' });
  sink.onRecipient = () => null;
  const one = await arrived('email.sent', String(sent['id']));
  expect(one.event).toEqual({ event: 'email.sent', messageId: sent['id'], aliasId, timestamp });
  const other = await arrived('email.failed', String(failed['id']));
  const error = '550 5.1.1 no such user';
  expect(other.event).toEqual({
    ...{ event: 'email.failed', messageId: failed['id'], aliasId, error, timestamp },
  });
  for (const { headers, body } of [one, other])
    expect(verify(all.secret, headers, body)).toBe(true);
});

test('nobody is told what he did not ask for, nor what happened to another organization', () => {
  expect(others.received).toEqual([]);
  const types = new Set(bouncesOnly.received.map(({ event }) => event['event']));
  expect(types).toEqual(new Set(['email.bounced']));
});
