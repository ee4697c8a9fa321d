/** What reaches the owner whatever aliases there are, and what the owner's answers cost. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DnsServer, startDnsServer } from '../harness/dns-server.ts';
import { OWNER, startTestServer, type TestServer } from '../harness/server.ts';
import { type SmtpSink, startSmtpSink } from '../harness/smtp-sink.ts';
import { handIn, type MailClient, mailClient, settled, until } from './mail-client.ts';
import { beginData } from './mail-smtp.ts';

let server: TestServer;
let sink: SmtpSink;
let names: DnsServer;
let call: MailClient['call'];
let newAlias: MailClient['newAlias'];

beforeAll(async () => {
  [sink, names] = await Promise.all([startSmtpSink(), startDnsServer()]);
  server = await startTestServer({
    env: {
      CLOAKROOM_SMTP_URL: sink.url,
      CLOAKROOM_MAIL_DOMAIN: 'm.example.com',
      CLOAKROOM_BOUNCE_DOMAIN: 'bounce.example.com',
      CLOAKROOM_DNS_SERVERS: names.address,
    },
  });
  ({ call, newAlias } = mailClient(server, await server.key('mail')));
});
afterAll(async () => {
  await server.stop();
  await Promise.all([sink.stop(), names.stop()]);
});

const letter = (to: string, body: string, from = 'friend@rcpt.example', more = '') =>
  `From: Friend <${from}>\nTo: ${to}\nSubject: A letter\nMessage-ID: <${randomUUID()}@x.example>\n${more}\n${body}`;
const arriving = (words: string, owner = OWNER.email) =>
  until(() => sink.messages.find(({ to, raw }) => to[0] === owner && raw.includes(words)));
const reverseOf = (raw: string) => /<(r\.[^>]+)>/.exec(raw)?.[1] ?? '';

test.each([
  'postmaster@m.example.com',
  'Postmaster@M.example.com',
  'abuse@m.example.com',
  'postmaster@bounce.example.com',
])('mail to %s reaches the owner, before there is any alias (RFC 5321 4.5.1)', async (to) => {
  const words = `about ${to} ${randomUUID()}`;
  expect(await handIn(server, to, letter(to, words))).toBe('250');
  const { raw } = await arriving(words);
  expect(raw).toMatch(/^From: "?Friend via (postmaster|abuse)@m\.example\.com/m);
});

test('the postmaster without a domain is the one of the server (RFC 5321 4.1.1.3)', async () => {
  const words = randomUUID();
  const talk = await beginData(server.smtpPort, 'Postmaster');
  expect(await talk.say(`From: a@rcpt.example\r\n\r\n${words}\r\n.`)).toMatch(/^250/);
  talk.cutOff();
  await arriving(words);
});

test('a bounce that reaches postmaster, too, and it changes nothing else', async () => {
  const words = `lost ${randomUUID()}`;
  const raw = `From: mailer-daemon@x.example\nTo: postmaster@m.example.com\nSubject: Undelivered\n\n${words}\n550 5.1.1 unknown`;
  expect(await handIn(server, 'postmaster@m.example.com', raw, '')).toBe('250');
  await arriving(words);
  expect((await call('GET', '/suppressions')).body).toMatchObject({ suppressions: [] });
});

test('postmaster is on no list, counts in no figure, cannot be changed, and its mail is logged', async () => {
  const { body } = await call('GET', '/emails?direction=INBOUND');
  const [first] = body['emails'] as unknown as { to: string; aliasId: string }[];
  expect(first?.to).toBe('postmaster@m.example.com');
  const id = first?.aliasId;
  expect((await call('GET', '/aliases')).body).toMatchObject({ pagination: { total: 0 } });
  expect((await call('GET', '/analytics')).body).toMatchObject({ overview: { totalAliases: 0 } });
  expect((await call('GET', '/campaigns')).body).toMatchObject({ campaigns: [{ aliasCount: 0 }] });
  expect((await call('PATCH', `/aliases?id=${id}`, { isActive: false })).status).toBe(404);
  expect((await call('DELETE', `/aliases?id=${id}`)).status).toBe(404);
  expect((await call('POST', '/aliases', { email: 'postmaster@m.example.com' })).status).toBe(400);
});

test("postmaster of a domain is its present owner's; of an unproven one, nobody's", async () => {
  const to = 'postmaster@moved.example.org';
  const other = await server.otherOrg();
  const first = (await call('POST', '/domains', { name: 'moved.example.org' })).body;
  expect(await handIn(server, to, letter(to, 'early'))).toMatch(/^550 5\.1\.1/);
  const { pool } = server.kernel.database;
  await pool.query('UPDATE mail.domains SET verified_at = now() WHERE id = $1', [first['id']]);
  const before = randomUUID();
  expect(await handIn(server, to, letter(to, before))).toBe('250');
  await arriving(before);
  await pool.query('UPDATE mail.domains SET organization_id = $1 WHERE id = $2', [
    other.id,
    first['id'],
  ]);
  const after = randomUUID();
  expect(await handIn(server, to, letter(to, after))).toBe('250');
  await arriving(after, other.email);
});

test('the log says that the owner has it, or why not, and then it is kept', async () => {
  const { id, email } = await newAlias();
  const words = randomUUID();
  expect(await handIn(server, email, letter(email, words))).toBe('250');
  await arriving(words);
  await settled(server);
  sink.onRecipient = (to) => (to === OWNER.email ? [550, '5.7.1 looks like spam'] : null);
  expect(await handIn(server, email, letter(email, 'refused'))).toBe('250');
  await settled(server);
  sink.onRecipient = () => null;
  const { body } = await call('GET', `/emails?aliasId=${id}`);
  const at = expect.any(String);
  expect(body['emails']).toMatchObject([
    {
      events: [
        { at, type: 'received', detail: null },
        { at, type: 'forward_failed', detail: '550 5.7.1 looks like spam' },
      ],
    },
    {
      events: [
        { at, type: 'received', detail: null },
        { at, type: 'forwarded', detail: null },
      ],
    },
  ]);
  const { rows } = await server.kernel.database.pool.query(
    `SELECT status, raw IS NOT NULL AS kept FROM mail.messages
     WHERE alias_id = $1 AND kind = 'forward' ORDER BY created_at`,
    [id],
  );
  expect(rows).toEqual([
    { status: 'sent', kept: false },
    { status: 'failed', kept: true },
  ]);
});

async function reverseAddress(
  from = 'friend@rcpt.example',
  alias?: { id: string; email: string },
): Promise<{ aliasId: string; email: string; reverse: string }> {
  const { id, email } = alias ?? (await newAlias());
  const words = randomUUID();
  expect(await handIn(server, email, letter(email, words, from))).toBe('250');
  return { aliasId: id, email, reverse: reverseOf((await arriving(words)).raw) };
}
const answer = (reverse: string, raw: string) => handIn(server, reverse, raw, OWNER.email);
const goneOut = (words: string) =>
  sink.messages.filter(({ to, raw }) => to[0] === 'friend@rcpt.example' && raw.includes(words));
const used = async () =>
  (await server.kernel.ledger.balance(server.kernel.database.db, server.org.id, 'mail.sends')).used;

test("the owner's answer counts as one send, and one that is handed in twice goes out once", async () => {
  const { reverse } = await reverseAddress();
  const words = randomUUID();
  const raw = letter(reverse, words, OWNER.email);
  const before = await used();
  for (let i = 0; i < 2; i++) expect(await answer(reverse, raw)).toBe('250');
  expect(await answer(reverse, letter(reverse, `${words} again`, OWNER.email))).toBe('250');
  await until(() => goneOut(`${words} again`)[0]);
  await settled(server);
  expect(goneOut(words)).toHaveLength(2);
  expect((await used()) - before).toBe(2);
});

test('one answer to two correspondents goes to both, each from the alias', async () => {
  const { aliasId: id, email, reverse } = await reverseAddress();
  const { reverse: second } = await reverseAddress('second@rcpt.example', { id, email });
  const words = randomUUID();
  const raw = letter(`${reverse}, ${second}`, words, OWNER.email);
  for (const one of [reverse, second]) expect(await answer(one, raw)).toBe('250');
  for (const to of ['friend@rcpt.example', 'second@rcpt.example']) {
    const { raw: out } = await until(() =>
      sink.messages.find((m) => m.to[0] === to && m.raw.includes(words)),
    );
    expect(out).toContain(`From: ${email}`);
    expect(out).not.toContain(reverse.slice(0, 20));
  }
});

test('an answer past the sends of the month goes to nobody, and the owner is told', async () => {
  const { reverse } = await reverseAddress();
  const { database, accounts, ledger } = server.kernel;
  await database.tx((tx) => accounts.setPlan(tx, server.org.id, 'starter', 'test'));
  try {
    const { available } = await ledger.balance(database.db, server.org.id, 'mail.sends');
    await database.tx((tx) => ledger.take(tx, server.org.id, 'mail.sends', available));
    const words = randomUUID();
    expect(await answer(reverse, letter(reverse, words, OWNER.email))).toBe('250');
    const { raw } = await arriving('Not sent: A letter');
    expect(raw).toMatch(/used up on your plan/);
    await settled(server);
    expect(goneOut(words)).toEqual([]);
  } finally {
    await database.tx((tx) => accounts.setPlan(tx, server.org.id, 'unlimited', 'test'));
  }
});

test('an answer through an alias that is inactive or deleted is refused, not swallowed', async () => {
  const { aliasId, reverse } = await reverseAddress();
  const raw = letter(reverse, 'late', OWNER.email);
  await call('PATCH', `/aliases?id=${aliasId}`, { isActive: false });
  expect(await answer(reverse, raw)).toMatch(/^550 5\.2\.1/);
  await call('DELETE', `/aliases?id=${aliasId}`);
  expect(await answer(reverse, raw)).toMatch(/^550 5\.1\.1/);
});
