/** Mail's queue over time, by a clock that is moved: retries, giving up, ramps, pauses, webhooks. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { deliverJob } from '../../src/services/mail/outbound/deliver.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type SmtpSink, startSmtpSink } from '../harness/smtp-sink.ts';
import { expectError, type MailClient, mailClient, until } from './mail-client.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
let aheadMs = 0;
let server: TestServer;
let sink: SmtpSink;
let call: MailClient['call'];
let newAlias: MailClient['newAlias'];
let send: MailClient['send'];

beforeAll(async () => {
  sink = await startSmtpSink();
  server = await startTestServer({
    env: {
      CLOAKROOM_SMTP_URL: sink.url,
      CLOAKROOM_MAIL_DOMAIN: 'm.example.com',
      CLOAKROOM_WEBHOOK_ALLOW_PRIVATE: 'true',
    },
    clock: { now: () => new Date(Date.now() + aheadMs) },
  });
  ({ call, newAlias, send } = mailClient(server, await server.key('mail')));
});
afterEach(() => {
  sink.onRecipient = () => null;
});
afterAll(async () => {
  await server.stop();
  await sink.stop();
});

/** To the beginning of the next window, so that none ends in the middle of a test. */
function startOfNext(windowMs: number): void {
  aheadMs += windowMs - ((Date.now() + aheadMs) % windowMs);
}

interface Logged {
  status: string;
  error: string | null;
  events: { at: string; type: string }[];
}

async function read(id: string): Promise<Logged> {
  const { body } = await call('GET', `/emails?id=${id}`);
  return (body['emails'] as unknown as Logged[])[0] as Logged;
}

/** Time passes, and the queue looks at the message again. */
async function tryAfter(ms: number, id: string): Promise<Logged> {
  const { length } = (await read(id)).events;
  aheadMs += ms;
  await server.kernel.jobs.send(deliverJob, { messageId: id }, { singletonKey: `test ${aheadMs}` });
  return until(async () => {
    const message = await read(id);
    return message.events.length > length ? message : undefined;
  });
}

test('what is refused for now goes out when the hop takes it again', async () => {
  const { id: aliasId } = await newAlias();
  sink.onRecipient = () => [451, '4.2.0 <friend@rcpt.example> is busy'];
  const id = String((await send(aliasId)).body['id']);
  expect(await tryAfter(2 * MINUTE_MS, id)).toMatchObject({ status: 'queued' });
  sink.onRecipient = () => null;
  expect(await tryAfter(6 * MINUTE_MS, id)).toMatchObject({ status: 'sent', error: null });
  expect((await read(id)).events.map(({ type }) => type)).toEqual([
    'queued',
    'deferred',
    'deferred',
    'sent',
  ]);
  expect(sink.messages.filter(({ messageId }) => messageId.includes(id))).toHaveLength(1);
});

test('after 72 hours it has bounced, and the recipient may be written to again', async () => {
  const { id: aliasId } = await newAlias();
  sink.onRecipient = () => [451, '4.2.0 busy'];
  const id = String((await send(aliasId, { to: 'slow@rcpt.example' })).body['id']);
  expect(await tryAfter(71 * 60 * MINUTE_MS, id)).toMatchObject({ status: 'queued' });
  const last = await tryAfter(2 * 60 * MINUTE_MS, id);
  expect(last).toMatchObject({ status: 'failed', error: expect.stringContaining('72 h') });
  sink.onRecipient = () => null;
  expect((await send(aliasId, { to: 'slow@rcpt.example' })).body).toMatchObject({ status: 'sent' });
});

test('who unsubscribes while a message waits does not get it, and no bounce is counted', async () => {
  const { id: aliasId } = await newAlias();
  sink.onRecipient = () => [451, '4.2.0 busy'];
  const id = String((await send(aliasId, { to: 'leaving@rcpt.example' })).body['id']);
  sink.onRecipient = () => null;
  await call('POST', '/suppressions', { email: 'leaving@rcpt.example' });
  expect(await tryAfter(2 * MINUTE_MS, id)).toMatchObject({
    status: 'failed',
    error: 'the recipient is on the suppression list',
  });
  expect(sink.messages.filter(({ messageId }) => messageId.includes(id))).toEqual([]);
  expect((await call('GET', `/aliases?id=${aliasId}`)).body).toMatchObject({
    aliases: [{ stats: { emailsSent: 0, bounces: 0 } }],
  });
});

test('a full mailbox is a failure but no reason to write there never again', async () => {
  const { id } = await newAlias();
  sink.onRecipient = () => [552, '5.2.2 mailbox full'];
  expect((await send(id, { to: 'full@rcpt.example' })).body).toMatchObject({ status: 'failed' });
  sink.onRecipient = () => null;
  expect((await send(id, { to: 'full@rcpt.example' })).body).toMatchObject({ status: 'sent' });
});

test('a new alias sends ten single messages a minute, and is told when to come again', async () => {
  const { id } = await newAlias();
  startOfNext(MINUTE_MS);
  for (let i = 0; i < 10; i++) expect((await send(id)).status).toBe(201);
  expectError(await send(id), 429, /This alias at its age may send 10/);
  startOfNext(MINUTE_MS);
  expect((await send(id)).status).toBe(201);
});

test('a new alias sends fifty single messages a day', async () => {
  startOfNext(DAY_MS);
  const { id } = await newAlias();
  for (let minute = 0; minute < 5; minute++) {
    for (let i = 0; i < 10; i++) expect((await send(id)).status).toBe(201);
    startOfNext(MINUTE_MS);
  }
  expectError(await send(id), 429, /This alias at its age may send 50 of these a day/);
  startOfNext(DAY_MS);
  expect((await send(id)).status).toBe(201);
});

test('campaign mail is ramped: 10 on the first day, 20 on the second; single mail is not held up', async () => {
  startOfNext(DAY_MS);
  const { id } = await newAlias();
  const sendBulk = () => send(id, { bulk: true });
  const burst = async (count: number) => {
    for (let i = 0; i < count; i++) expect((await sendBulk()).status).toBe(201);
    expectError(await sendBulk(), 429, /a day/);
  };
  await burst(10);
  expect((await send(id)).status).toBe(201);
  aheadMs += DAY_MS;
  await burst(20);
});

test('a risky alias sends no campaign mail until looked at, but still answers single people', async () => {
  const { id } = await newAlias();
  await server.kernel.database.pool.query(
    `UPDATE mail.aliases SET health_status = 'risky' WHERE id = $1`,
    [id],
  );
  expectError(await send(id, { bulk: true }), 403, /risky/);
  expectError(await send(id, { cc: ['two@rcpt.example'] }), 403, /risky/);
  expect((await send(id)).status).toBe(201);
  // Whoever switches it on has looked at it.
  await call('PATCH', `/aliases?id=${id}`, { isActive: true });
  expect((await send(id, { bulk: true })).status).toBe(201);
});

test('links are measured where the message asks for it, and nowhere else', async () => {
  const { id } = await newAlias();
  const html = '<a href="https://shop.example/a?b=1">shop</a>';
  const rawOf = (messageId: unknown) =>
    sink.messages.find((m) => m.messageId.includes(String(messageId)))?.raw.replaceAll('=\r\n', '');
  const plain = rawOf((await send(id, { html })).body['id']);
  expect(plain).toContain('https://shop.example/a');
  const tracked = rawOf((await send(id, { html, trackLinks: true })).body['id']);
  expect(tracked).toContain(`${server.url}/c/`);
  expect(tracked).not.toContain('shop.example');
  expectError(await send('clxnone', { html, trackLinks: true }), 404);
});

test('nothing that was said or to whom stands readable in the database', async () => {
  const { id } = await newAlias();
  sink.onRecipient = (to) => (to.startsWith('secret') ? [550, `5.1.1 <${to}> unknown`] : null);
  const message = { to: 'secret@hidden.example', subject: 'Sesame', text: 'open-the-door' };
  const { body } = await send(id, message, { 'idempotency-key': 'at-rest' });
  expect(body).toMatchObject({ status: 'failed', error: expect.stringContaining('5.1.1') });
  const { pool } = server.kernel.database;
  const tables = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`,
  );
  for (const { name } of tables.rows) {
    const { rows } = await pool.query(`SELECT t::text AS row FROM ${name} t`);
    for (const { row } of rows as { row: string }[]) {
      for (const secret of ['secret@', 'Sesame', 'open-the-door']) {
        expect(`${name}: ${row}`).not.toContain(secret);
        expect(`${name}: ${row}`).not.toContain(Buffer.from(secret).toString('hex'));
      }
    }
  }
});

test('webhooks tell of a sent and a failed message and of a change of health', async () => {
  const events: Record<string, unknown>[] = [];
  const receiver = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    events.push(JSON.parse(text));
    response.end();
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  const { port } = receiver.address() as AddressInfo;
  // The first session has ended with the days that passed.
  const { email, password } = server.org;
  const { token } = await server.kernel.accounts.login(email, password, '127.0.0.1');
  const made = await fetch(`${server.url}/account/api/v1/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: `http://127.0.0.1:${port}/`, types: ['*'] }),
  });
  expect(made.status).toBe(201);
  const { id: aliasId } = await newAlias();
  aheadMs += 20 * DAY_MS;
  const { body: sent } = await send(aliasId);
  sink.onRecipient = (to) => (to.startsWith('no') ? [550, '5.1.1 no such user'] : null);
  const { body: failed } = await send(aliasId, { to: 'no1@rcpt.example' });
  for (let i = 0; i < 18; i++) expect((await send(aliasId)).status).toBe(201);
  const find = (type: string) =>
    until(() => events.find((e) => e['event'] === type && e['aliasId'] === aliasId));
  expect(await find('email.sent')).toMatchObject({ aliasId, timestamp: expect.any(String) });
  await until(() => events.find((e) => e['messageId'] === sent['id']));
  expect(await find('email.failed')).toMatchObject({
    messageId: failed['id'],
    error: expect.stringContaining('5.1.1'),
  });
  // 1 of 20 has bounced: 5 %.
  expect(await find('alias.health_changed')).toMatchObject({ healthStatus: 'risky' });
  await new Promise((done) => receiver.close(done));
});
