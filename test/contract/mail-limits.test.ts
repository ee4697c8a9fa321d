/** How much is too much: of a plan, a minute, a domain, a connection. The clock stands until moved. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deliverJob } from '../../src/services/mail/outbound/deliver.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type SmtpSink, startSmtpSink } from '../harness/smtp-sink.ts';
import { expectError, type MailClient, mailClient, until } from './mail-client.ts';
import { type Conversation, converse } from './mail-smtp.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
let nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
let server: TestServer;
let sink: SmtpSink;
let client: MailClient;

beforeAll(async () => {
  sink = await startSmtpSink();
  server = await startTestServer({
    env: { CLOAKROOM_SMTP_URL: sink.url, CLOAKROOM_MAIL_DOMAIN: 'm.example.com' },
    clock: { now: () => new Date(nowMs) },
  });
  client = mailClient(server, await server.key('mail'));
});
beforeEach(() => {
  nowMs += MINUTE_MS;
});
afterAll(async () => {
  await server.stop();
  await sink.stop();
});

/** Another organization on a plan, with a domain of its own. */
async function onPlan(plan: string, domain: string): Promise<MailClient & { id: string }> {
  const { id } = await server.otherOrg(plan);
  const theirs = mailClient(server, await server.key('mail', { organizationId: id }));
  const { body } = await theirs.call('POST', '/domains', { name: domain });
  await server.kernel.database.pool.query(
    'UPDATE mail.domains SET verified_at = now() WHERE id = $1',
    [body['id']],
  );
  return { ...theirs, id };
}

describe('a plan', () => {
  test('ends the number of aliases, of thirty at once too; a deleted one makes room', async () => {
    const { call } = await onPlan('starter', 'few.example.org');
    const made = await Promise.all(Array.from({ length: 30 }, () => call('POST', '/aliases', {})));
    expect(made.filter(({ status }) => status === 201)).toHaveLength(25);
    for (const refused of made.filter(({ status }) => status !== 201))
      expectError(refused, 403, /plan Starter allows 25 aliases/);
    const [first] = made.filter(({ status }) => status === 201);
    await call('DELETE', `/aliases?id=${first?.body['id']}`);
    expect((await call('POST', '/aliases', {})).status).toBe(201);
    expectError(await call('POST', '/aliases', {}), 403);
  });

  test('ends the sends of a month, each recipient one, of many at once too; the next month begins anew', async () => {
    const { id: organizationId, newAlias, send } = await onPlan('starter', 'month.example.org');
    const { id } = await newAlias();
    const { ledger, database } = server.kernel;
    const spend = (count: number) =>
      database.tx((tx) => ledger.take(tx, organizationId, 'mail.sends', count));
    await spend(4995);
    expect((await send(id, { cc: ['b@rcpt.example'] })).status).toBe(201);
    expectError(
      await send(id, { cc: ['b@rcpt.example', 'c@rcpt.example', 'd@rcpt.example'] }),
      403,
      /sends of this month are used up on your plan Starter/,
    );
    const replies = await Promise.all(Array.from({ length: 8 }, () => send(id)));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(3);
    for (const refused of replies.filter(({ status }) => status !== 201)) expectError(refused, 403);
    nowMs += 32 * DAY_MS;
    expect((await send(id)).status).toBe(201);
  });
});

describe('a minute', () => {
  /** Campaign mail to fifty, each a domain's. */
  const fifty = (aliasId: string, domain: (n: number) => string) => {
    const [to, ...cc] = Array.from({ length: 50 }, (_, n) => `f${n}@${domain(n)}`);
    return client.send(aliasId, { to, cc });
  };
  const logOf = async (id: unknown) => {
    const { body } = await client.call('GET', `/emails?id=${id}`);
    return (body['emails'] as unknown as { status: string; error: string | null }[])[0];
  };

  test('takes 600 of an organization, of which 300 go to one domain and the rest waits for the next', async () => {
    const { id } = await client.newAlias();
    nowMs += 30 * DAY_MS;
    await Promise.all(Array.from({ length: 6 }, () => fifty(id, () => 'crowd.example')));
    const copies = () => sink.messages.filter(({ to }) => to[0]?.endsWith('@crowd.example'));
    await until(() => copies().length === 300);
    const { body: waiting } = await client.send(id, { to: 'last@crowd.example' });
    expect(waiting).toMatchObject({
      ...{ status: 'queued', error: 'waiting: crowd.example has had enough for now' },
    });
    expect((await client.send(id, { to: 'a@quiet.example' })).body).toMatchObject({
      status: 'sent',
    });
    // 302 so far.
    await Promise.all(Array.from({ length: 5 }, () => fifty(id, (n) => `d${n}.example`)));
    expectError(await fifty(id, (n) => `d${n}.example`), 429, /organization may send 600/);
    const rest = Array.from({ length: 47 }, (_, n) => `g${n}@d${n}.example`);
    expect((await client.send(id, { to: 'g@d.example', cc: rest })).status).toBe(201);
    expectError(await client.send(id), 429, /Your organization may send 600 of these a minute/);
    expect(copies()).toHaveLength(300);
    const other = await onPlan('unlimited', 'others.example.org');
    const theirs = await other.newAlias();
    expect((await other.send(theirs.id, { to: 'b@crowd.example' })).body).toMatchObject({
      status: 'sent',
    });
    nowMs += 2 * MINUTE_MS;
    expect((await client.send(id)).status).toBe(201);
    const data = { messageId: String(waiting['id']) };
    await server.kernel.jobs.send(deliverJob, data, { singletonKey: 'the next minute' });
    await until(async () => (await logOf(waiting['id']))?.status === 'sent');
  });
});

describe('the SMTP server', () => {
  const open: Conversation[] = [];
  async function dial() {
    const talk = await converse(server.smtpPort);
    open.push(talk);
    return talk;
  }
  const hangUp = () => {
    for (const talk of open.splice(0)) talk.cutOff();
  };

  test('takes 60 connections a minute from one address', async () => {
    for (let i = 0; i < 60; i++) {
      const talk = await dial();
      expect(talk.greeting).toMatch(/^220 /);
      hangUp();
    }
    expect((await dial()).greeting).toMatch(/^421 4\.7\.0 Too many connections/);
    hangUp();
    nowMs += MINUTE_MS;
    expect((await dial()).greeting).toMatch(/^220 /);
    hangUp();
  });

  test('holds 100 connections at a time', async () => {
    for (let i = 0; i < 100; i++) {
      if (i === 60) nowMs += MINUTE_MS;
      expect((await dial()).greeting).toMatch(/^220 /);
    }
    expect((await dial()).greeting).toMatch(/^(421|closed)/);
    hangUp();
    nowMs += MINUTE_MS;
    await until(async () => (await dial()).greeting.startsWith('220'));
    hangUp();
  });

  test('stops guessing after 20 unknown addresses a minute, and whoever knows one gets through', async () => {
    const { email } = await client.newAlias();
    const talk = await dial();
    await talk.say('EHLO x.example');
    await talk.say('MAIL FROM:<a@rcpt.example>');
    for (let i = 0; i < 20; i++)
      expect(await talk.say(`RCPT TO:<guess${i}@m.example.com>`)).toMatch(/^550 5\.1\.1/);
    expect(await talk.say('RCPT TO:<guess@m.example.com>')).toMatch(/^421 4\.7\.0/);
    const other = await dial();
    await other.say('EHLO x.example');
    await other.say('MAIL FROM:<a@rcpt.example>');
    expect(await other.say('RCPT TO:<guess@m.example.com>')).toMatch(/^421 4\.7\.0/);
    const third = await dial();
    await third.say('EHLO x.example');
    await third.say('MAIL FROM:<a@rcpt.example>');
    expect(await third.say(`RCPT TO:<${email}>`)).toMatch(/^250/);
    hangUp();
  });

  test('takes 50 recipients, and no message that says it is larger than 25 MB', async () => {
    const { email } = await client.newAlias();
    const talk = await dial();
    expect(await talk.say('EHLO x.example')).toMatch(/SIZE 26214400/);
    expect(await talk.say('MAIL FROM:<a@rcpt.example> SIZE=26214401')).toMatch(/^552/);
    expect(await talk.say('MAIL FROM:<a@rcpt.example> SIZE=26214400')).toMatch(/^250/);
    for (let i = 0; i < 50; i++) expect(await talk.say(`RCPT TO:<${email}>`)).toMatch(/^250/);
    expect(await talk.say(`RCPT TO:<${email}>`)).toMatch(/^452 4\.5\.3/);
    hangUp();
  });

  test('offers STARTTLS and no login, and relays for nobody', async () => {
    const talk = await dial();
    const offers = await talk.say('EHLO x.example');
    expect(offers).toMatch(/STARTTLS/);
    expect(offers).not.toMatch(/AUTH/);
    expect(await talk.say('AUTH PLAIN AGEAYg==')).toMatch(/^5/);
    await talk.say('MAIL FROM:<a@rcpt.example>');
    expect(await talk.say('RCPT TO:<victim@elsewhere.example>')).toMatch(/^550 5\.1\.1/);
    expect(await talk.say('RCPT TO:<victim%elsewhere.example@m.example.com>')).toMatch(/^550/);
    hangUp();
  });
});
