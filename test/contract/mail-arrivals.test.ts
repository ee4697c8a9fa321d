/** What strangers' servers may send us, and what must not come of it. */
import { X509Certificate } from 'node:crypto';
import { on, once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import nodemailer from 'nodemailer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DnsServer, startDnsServer } from '../harness/dns-server.ts';
import { OWNER, startTestServer, type TestServer } from '../harness/server.ts';
import { type SmtpSink, startSmtpSink } from '../harness/smtp-sink.ts';
import { type MailClient, mailClient, settled, until } from './mail-client.ts';

let server: TestServer;
let sink: SmtpSink;
let names: DnsServer;
let call: MailClient['call'];
let newAlias: MailClient['newAlias'];
let send: MailClient['send'];

beforeAll(async () => {
  [sink, names] = await Promise.all([startSmtpSink(), startDnsServer()]);
  server = await startTestServer({
    env: {
      CLOAKROOM_SMTP_URL: sink.url,
      CLOAKROOM_MAIL_DOMAIN: 'm.example.com',
      CLOAKROOM_DNS_SERVERS: names.address,
    },
  });
  ({ call, newAlias, send } = mailClient(server, await server.key('mail')));
});
afterAll(async () => {
  await server.stop();
  await Promise.all([sink.stop(), names.stop()]);
});

/** A stranger's mail server talks to ours; throws what ours refuses with. */
async function deliver(to: string, raw: string, { from = 'stranger@rcpt.example', ...more } = {}) {
  const client = nodemailer.createTransport({
    ...{ host: '127.0.0.1', port: server.smtpPort, secure: false, ignoreTLS: true },
    ...more,
  });
  try {
    await client.sendMail({ envelope: { from, to: [to] }, raw: raw.replaceAll(/\r?\n/g, '\r\n') });
  } finally {
    client.close();
  }
}

/** What the server shows after STARTTLS, as PEM. */
async function certificateOf(): Promise<string> {
  const plain = connect(server.smtpPort, '127.0.0.1');
  const said = async (words: RegExp) => {
    for await (const [data] of on(plain, 'data')) if (words.test(String(data))) return;
  };
  await said(/^220/);
  plain.write('STARTTLS\r\n');
  await said(/^220/);
  const secure = connectTls({ socket: plain, rejectUnauthorized: false });
  await once(secure, 'secureConnect');
  const { raw } = secure.getPeerCertificate();
  secure.destroy();
  return new X509Certificate(raw).toString();
}

const letter = (to: string, more = '', body = 'Hello', from = 'friend@rcpt.example') =>
  `From: Friend <${from}>\nTo: ${to}\nSubject: A letter\n${more}\n${body}`;
const inbound = async (aliasId: string) =>
  (await call('GET', `/emails?aliasId=${aliasId}&direction=INBOUND`)).body['emails'] as unknown as {
    id: string;
    from: string;
    subject: string;
  }[];
const arrived = (aliasId: string) => until(async () => (await inbound(aliasId))[0]);
const forwarded = (words: string) =>
  until(() => sink.messages.find(({ to, raw }) => to[0] === OWNER.email && raw.includes(words)));

test('STARTTLS is offered with a certificate that nobody else has the key of', async () => {
  const { id, email } = await newAlias();
  const tls = {
    rejectUnauthorized: true,
    servername: 'm.example.com',
    ca: await certificateOf(),
  };
  expect(new X509Certificate(tls.ca).subject).toBe('CN=m.example.com');
  await deliver(email, letter(email), { ignoreTLS: false, requireTLS: true, tls } as object);
  expect(await arrived(id)).toMatchObject({ from: 'friend@rcpt.example', subject: 'A letter' });
});

test('the same message taken twice at once is one', async () => {
  const { id, email } = await newAlias();
  const raw = letter(email, `Message-ID: <twice-${id}@rcpt.example>\n`);
  await Promise.all(Array.from({ length: 6 }, () => deliver(email, raw)));
  await settled(server);
  expect(await inbound(id)).toHaveLength(1);
});

test('what no parser can read reaches the owner as a file', async () => {
  const { id, email } = await newAlias();
  const nested = Array.from(
    { length: 80 },
    (_, n) => `Content-Type: multipart/mixed; boundary="b${n}"\n\n--b${n}`,
  ).join('\n');
  await deliver(email, `From: x@rcpt.example\nSubject: deep\nMIME-Version: 1.0\n${nested}\n\nend`);
  expect(await arrived(id)).toMatchObject({ from: 'stranger@rcpt.example' });
  expect((await forwarded('too deeply nested')).raw).toContain('message.eml');
});

test('a message that went through the alias before ends there', async () => {
  const { id, email } = await newAlias();
  await deliver(email, letter(email, `X-Loop: ${email}\n`, 'round and round'));
  await arrived(id);
  await settled(server);
  expect(sink.messages.filter(({ raw }) => raw.includes('round and round'))).toEqual([]);
  const { rows } = await server.kernel.database.pool.query(
    `SELECT raw IS NOT NULL AS kept FROM mail.messages WHERE alias_id = $1 AND direction = 'INBOUND'`,
    [id],
  );
  expect(rows).toEqual([{ kept: true }]);
});

test('an empty envelope sender is a machine: kept, and no reply', async () => {
  const { id, email } = await newAlias();
  await send(id);
  await deliver(email, letter(email), { from: '' });
  await arrived(id);
  await settled(server);
  expect((await call('GET', `/aliases?id=${id}`)).body).toMatchObject({
    aliases: [{ stats: { repliesReceived: 0 } }],
  });
});

test("the owner's vacation notice stays here, and a quotation shows no reverse alias", async () => {
  const { email } = await newAlias();
  await deliver(email, letter(email, '', `a question of ${email}`));
  const { raw } = await forwarded(`a question of ${email}`);
  const reverse = /<(r\.[^>]+)>/.exec(raw)?.[1] ?? '';
  const answer = (more: string, body: string) =>
    deliver(reverse, letter(reverse, more, body, OWNER.email), { from: OWNER.email });
  await answer('Auto-Submitted: auto-replied\n', `on the beach, ${email}`);
  await answer('', `indeed, ${email}\n\nOn Monday, Friend via ${email} <${reverse}> wrote:\n> a`);
  const out = await until(() =>
    sink.messages.find((m) => m.to[0] === 'friend@rcpt.example' && m.raw.includes('indeed')),
  );
  expect(out.raw.replaceAll('=\r\n', '')).toContain('<friend@rcpt.example> wrote');
  expect(out.raw).not.toContain(reverse.slice(0, 20));
  await settled(server);
  expect(sink.messages.filter((m) => m.raw.includes('on the beach'))).toEqual([]);
});

test("who claims to be the owner while the owner's domain denies it is not passed on", async () => {
  const { email } = await newAlias();
  await deliver(email, letter(email, '', `bait of ${email}`));
  const reverse = /<(r\.[^>]+)>/.exec((await forwarded(`bait of ${email}`)).raw)?.[1] ?? '';
  names.txt.set('_dmarc.example.com', ['v=DMARC1; p=reject']);
  await deliver(reverse, letter(reverse, '', 'forged by mallory', OWNER.email), {
    from: 'mallory@evil.example',
  });
  await settled(server);
  names.txt.delete('_dmarc.example.com');
  expect(sink.messages.filter((m) => m.raw.includes('forged by mallory'))).toEqual([]);
});

test('SPF, DKIM, DMARC and ARC results are kept with the message', async () => {
  const { id, email } = await newAlias();
  names.txt.set('good.example', ['v=spf1 ip4:127.0.0.1 -all']);
  names.txt.set('_dmarc.good.example', ['v=DMARC1; p=reject']);
  await deliver(email, letter(email, '', 'x', 'a@good.example'), { from: 'a@good.example' });
  await arrived(id);
  const { rows } = await server.kernel.database.pool.query(
    `SELECT authentication FROM mail.messages WHERE alias_id = $1 AND direction = 'INBOUND'`,
    [id],
  );
  const results = { spf: 'pass', dkim: 'none', dmarc: 'pass', arc: 'none' };
  expect(rows).toEqual([{ authentication: results }]);
});

test.each([
  ['pass', (raw: string) => raw],
  // The last one: the signature may have these letters, too.
  ['neutral', (raw: string) => raw.replace(/Hi(?![\s\S]*Hi)/, 'Hi, send money')],
])('a signature is checked against DNS and the content: %s', async (dkim, change) => {
  const { id: from } = await newAlias();
  const { id, email } = await newAlias();
  const { body } = await send(from);
  const sent = sink.messages.find((m) => m.messageId.includes(String(body['id'])));
  const [domain] = (await call('GET', '/domains')).body['domains'] as unknown as {
    records: { purpose: string; name: string; value: string }[];
  }[];
  for (const { purpose, name, value } of domain?.records ?? [])
    if (purpose === 'dkim') names.txt.set(name, [value]);
  await deliver(email, change(sent?.raw ?? ''));
  await arrived(id);
  const { rows } = await server.kernel.database.pool.query(
    `SELECT authentication->>'dkim' AS dkim FROM mail.messages
     WHERE alias_id = $1 AND direction = 'INBOUND'`,
    [id],
  );
  expect(rows).toEqual([{ dkim }]);
});

test('a mail to the unsubscribe address does what the link does', async () => {
  const { id } = await newAlias();
  const { body } = await send(id, { to: 'bye@rcpt.example', bulk: true });
  const { raw = '' } = sink.messages.find((m) => m.messageId.includes(String(body['id']))) ?? {};
  const address = /<mailto:(u-[^>]+)>/.exec(raw.replaceAll(/\r\n[ \t]+/g, ' '))?.[1] ?? '';
  await deliver(address, letter(address), { from: 'bye@rcpt.example' });
  await until(async () =>
    JSON.stringify((await call('GET', '/suppressions')).body).includes('bye@rcpt.example'),
  );
});

test('a complaint that reaches an alias counts by the return path that it reports, or not at all', async () => {
  const { id, email } = await newAlias();
  const report = (returnPath: string) =>
    `From: fbl@rcpt.example\nTo: ${email}\nSubject: complaint\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Mail-From: <${returnPath}>\n--b--\n`;
  const { body } = await send(id, { to: 'angry@rcpt.example' });
  const sent = sink.messages.find((m) => m.messageId.includes(String(body['id'])));
  const forged = sent?.from.replace(/.@/, (end) => (end === '0@' ? '1@' : '0@')) ?? '';
  const events = async () =>
    JSON.stringify((await call('GET', `/emails?id=${body['id']}`)).body['emails']);
  await deliver(email, report(forged));
  await settled(server);
  expect(await events()).not.toContain('complained');
  await deliver(email, report(sent?.from ?? ''));
  await until(async () => (await events()).includes('complained'));
});

test("with a domain's next owner, mail for the former one's aliases is refused and not signed", async () => {
  const { pool } = server.kernel.database;
  const other = await server.otherOrg();
  const { id, email } = await newAlias();
  const move = (to: string) =>
    pool.query(`UPDATE mail.domains SET organization_id = $1 WHERE name = 'm.example.com'`, [to]);
  await move(other.id);
  try {
    await expect(deliver(email, letter(email))).rejects.toThrow(/550 5\.1\.1/);
    expect((await send(id)).body).toMatchObject({
      status: 'queued',
      error: expect.stringContaining('not verified any more'),
    });
  } finally {
    await move(server.org.id);
  }
});
