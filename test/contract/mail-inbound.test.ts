/** What comes in by SMTP, and what it changes: replies, forwards, answers, bounces, complaints. */
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type DnsServer, startDnsServer } from '../harness/dns-server.ts';
import { OWNER, startTestServer, type TestServer } from '../harness/server.ts';
import { type SmtpSink, type SunkMessage, startSmtpSink } from '../harness/smtp-sink.ts';
import { handIn, settled, until } from './mail-client.ts';

let server: TestServer;
let sink: SmtpSink;
let names: DnsServer;
let key: string;

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
});
beforeEach(async () => {
  key = await server.key('mail');
});
afterAll(async () => {
  await server.stop();
  await Promise.all([sink.stop(), names.stop()]);
});

type Body = Record<string, unknown>;

async function call(method: string, path: string, body?: unknown): Promise<Body> {
  const response = await fetch(`${server.url}/mail/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return (await response.json()) as Body;
}

const deliver = (to: string, raw: string, from?: string) => handIn(server, to, raw, from);

interface Sent {
  aliasId: string;
  email: string;
  id: string;
  message: SunkMessage;
}

async function sendOne(to = 'friend@rcpt.example'): Promise<Sent> {
  const alias = (await call('POST', '/aliases', {})) as { id: string; email: string };
  const { id } = await call('POST', '/emails', {
    aliasId: alias.id,
    to,
    subject: 'Offer',
    text: 'Interested?',
  });
  const message = sink.messages.find(({ messageId }) => messageId.includes(String(id)));
  if (!message) throw new Error('not sent');
  return { aliasId: alias.id, email: alias.email, id: String(id), message };
}

const eventsOf = async (id: string) => {
  const { emails } = (await call('GET', `/emails?id=${id}`)) as {
    emails: { events: { type: string }[] }[];
  };
  return emails[0]?.events.map(({ type }) => type) ?? [];
};
const statsOf = async (aliasId: string) => {
  const { aliases } = (await call('GET', `/aliases?id=${aliasId}`)) as {
    aliases: { stats: Body }[];
  };
  return aliases[0]?.stats;
};

describe('a reply', () => {
  test('is matched, counted once, forwarded to the owner, and the answer goes out from the alias', async () => {
    const { aliasId, email, id, message } = await sendOne();
    const reply = (n: number) =>
      `From: "Fred Friend" <friend@rcpt.example>\nTo: ${email}\nSubject: Re: Offer\nMessage-ID: <r${n}-${id}@rcpt.example>\nIn-Reply-To: ${message.messageId}\nReceived: from secret.rcpt.example\n\nYes, tell me more.`;
    expect(await deliver(email, reply(1))).toBe('250');
    expect(await deliver(email, reply(1))).toBe('250'); // sent twice by a server that missed our 250
    const forward = await until(() =>
      sink.messages.find(
        ({ to, raw }) =>
          to[0] === OWNER.email && raw.includes('tell me more') && raw.includes(email),
      ),
    );
    expect(forward.raw).toMatch(/^From: "?Fred Friend via [^<]+<r\.[0-9a-f]+@m\.example\.com>/m);
    expect(forward.raw).not.toContain('secret.rcpt.example');
    expect(forward.raw).not.toContain(`r1-${id}`);
    expect(await statsOf(aliasId)).toMatchObject({ repliesReceived: 1 });
    const inbound = await call('GET', `/emails?aliasId=${aliasId}&direction=INBOUND`);
    expect(inbound).toMatchObject({
      emails: [
        {
          direction: 'INBOUND',
          status: 'received',
          from: 'friend@rcpt.example',
          to: email,
          subject: 'Re: Offer',
        },
      ],
      pagination: { total: 1 },
    });

    const reverse = /<(r\.[^>]+)>/.exec(forward.raw)?.[1] ?? '';
    const answer = `From: Olga Owner <${OWNER.email}>\nTo: ${reverse}\nSubject: Re: Offer\nMessage-ID: <private@home.example>\nReceived: from home.example\nX-Originating-IP: 10.1.2.3\n\nHere you are.\n-- \nOlga, ${OWNER.email}`;
    expect(await deliver(reverse, answer, OWNER.email)).toBe('250');
    const out = await until(() =>
      sink.messages.find(
        ({ to, raw }) => to[0] === 'friend@rcpt.example' && raw.includes('Here you are'),
      ),
    );
    expect(out.raw).toMatch(new RegExp(`^From: ${email.replaceAll('.', '\\.')}\\r?$`, 'm'));
    for (const secret of [OWNER.email, 'home.example', '10.1.2.3', 'Olga Owner'])
      expect(out.raw).not.toContain(secret);
    expect(out.from).not.toContain(OWNER.email);
  });

  test('without a reference is matched by its sender; an automatic one is kept but not counted', async () => {
    const { aliasId, email } = await sendOne();
    const auto = `From: friend@rcpt.example\nTo: ${email}\nSubject: Out of office\nAuto-Submitted: auto-replied\nMessage-ID: <a-${aliasId}@x.example>\n\nI am away.`;
    expect(await deliver(email, auto)).toBe('250');
    await until(
      async () =>
        (
          (await call('GET', `/emails?aliasId=${aliasId}&direction=INBOUND`))['emails'] as unknown[]
        )[0],
    );
    expect(await statsOf(aliasId)).toMatchObject({ repliesReceived: 0 });
    expect(
      await deliver(
        email,
        `From: Friend@RCPT.example\nTo: ${email}\nSubject: hm\nMessage-ID: <b-${aliasId}@x.example>\n\nBack now.`,
      ),
    ).toBe('250');
    await until(
      async () => ((await statsOf(aliasId)) as { repliesReceived: number }).repliesReceived === 1,
    );
  });

  test.each(['In-Reply-To', 'References'])(
    'from another address is matched by its %s alone, and by nothing of another alias',
    async (header) => {
      const { aliasId, email, id, message } = await sendOne();
      const other = await sendOne();
      const reply = (to: string) =>
        `From: colleague@else.example\nTo: ${to}\nSubject: Re: Offer\nMessage-ID: <${header}-${to}>\n${header}: <x@y.example> ${message.messageId}\n\nYes.`;
      expect(await deliver(email, reply('a'))).toBe('250');
      expect(await deliver(other.email, reply('b'))).toBe('250');
      await settled(server);
      expect(await statsOf(aliasId)).toMatchObject({ repliesReceived: 1 });
      expect(await statsOf(other.aliasId)).toMatchObject({ repliesReceived: 0 });
      const { rows } = await server.kernel.database.pool.query(
        'SELECT answered_at IS NOT NULL AS answered FROM mail.messages WHERE id = $1',
        [id],
      );
      expect(rows).toEqual([{ answered: true }]);
    },
  );

  test('written to a reverse alias by anybody but the owner is not passed on', async () => {
    const { email } = await sendOne('quiet@rcpt.example');
    await deliver(
      email,
      `From: quiet@rcpt.example\nTo: ${email}\nSubject: q\nMessage-ID: <q-${email}>\n\nquestion of ${email}`,
    );
    const forward = await until(() =>
      sink.messages.find(
        ({ to, raw }) => to[0] === OWNER.email && raw.includes(`question of ${email}`),
      ),
    );
    const reverse = /<(r\.[^>]+)>/.exec(forward.raw)?.[1] ?? '';
    const before = sink.messages.length;
    expect(
      await deliver(reverse, `From: mallory@evil.example\nTo: ${reverse}\nSubject: x\n\nspam`),
    ).toBe('250');
    await settled(server);
    expect(sink.messages.slice(before).filter(({ raw }) => raw.includes('spam'))).toEqual([]);
  });
});

describe('refusals', () => {
  test('are 550 5.1.1 for unknown and deleted, 550 5.2.1 for inactive, before any content is sent', async () => {
    const { aliasId, email } = await sendOne();
    const mail = `From: a@b.example\nTo: ${email}\nSubject: s\n\nt`;
    expect(await deliver('nobody@m.example.com', mail)).toMatch(/^550 5\.1\.1/);
    await call('PATCH', `/aliases?id=${aliasId}`, { isActive: false });
    expect(await deliver(email, mail)).toMatch(/^550 5\.2\.1/);
    await call('DELETE', `/aliases?id=${aliasId}`);
    expect(await deliver(email, mail)).toMatch(/^550 5\.1\.1/);
    expect(await deliver(`b-0000-0-${'0'.repeat(20)}@bounce.example.com`, mail, '')).toMatch(
      /^550 5\.1\.1/,
    );
  });

  test('are 552 for what is too large', async () => {
    const { email } = await sendOne();
    const line = `${'x'.repeat(76)}\r\n`;
    const huge = `From: a@b.example\r\nSubject: s\r\n\r\n${line.repeat((26 * 1024 * 1024) / 78)}`;
    expect(await deliver(email, huge)).toMatch(/552/);
  });

  test('are 451 while the database is away, and the message is taken when it is back', async () => {
    const { aliasId, email } = await sendOne();
    const mail = `From: friend@rcpt.example\nTo: ${email}\nSubject: s\nMessage-ID: <away@x>\n\nt`;
    const admin = new pg.Client({ connectionString: inject('databaseServer') });
    await admin.connect();
    const name = new URL(server.kernel.database.url).pathname.slice(1);
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
      name,
    ]);
    expect(await deliver(email, mail)).toMatch(/^451 4\.3\.0/);
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await admin.end();
    await until(async () => (await deliver(email, mail)) === '250');
    await until(
      async () => ((await statsOf(aliasId)) as { repliesReceived: number }).repliesReceived === 1,
    );
  });
});

const dsn = (
  message: SunkMessage,
  status: string,
  diagnostic: string,
) => `From: MAILER-DAEMON@rcpt.example
To: ${message.from}
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; rcpt.example

Final-Recipient: rfc822; ${message.to[0]}
Action: failed
Status: ${status}
Diagnostic-Code: smtp; ${diagnostic}
--b--
`;

describe('what comes back', () => {
  test('a hard bounce counts once, suppresses the recipient and shows in the log', async () => {
    const { aliasId, id, message } = await sendOne('lost@rcpt.example');
    expect(message.from).toMatch(/@bounce\.example\.com$/);
    for (let i = 0; i < 2; i++)
      expect(await deliver(message.from, dsn(message, '5.1.1', '550 5.1.1 unknown'), '')).toBe(
        '250',
      );
    await until(async () => (await eventsOf(id)).includes('bounced'));
    await settled(server);
    expect(await eventsOf(id)).toEqual(['queued', 'sent', 'bounced']);
    expect(await statsOf(aliasId)).toMatchObject({ emailsSent: 1, bounces: 1 });
    expect(await call('GET', `/emails?id=${id}`)).toMatchObject({
      emails: [{ status: 'bounced' }],
    });
    expect(
      await call('POST', '/emails', { aliasId, to: 'lost@rcpt.example', subject: 's', text: 't' }),
    ).toMatchObject({ status: 400 });
  });

  test('a full mailbox is a soft bounce and suppresses nobody', async () => {
    const { aliasId, id, message } = await sendOne('full@rcpt.example');
    await deliver(message.from, dsn(message, '5.2.2', '552 5.2.2 mailbox full'), '');
    await until(async () => (await eventsOf(id)).includes('bounced'));
    expect(
      await call('POST', '/emails', { aliasId, to: 'full@rcpt.example', subject: 's', text: 't' }),
    ).toMatchObject({ status: 'sent' });
  });

  test('a complaint suppresses and counts', async () => {
    const { id, message } = await sendOne('cross@rcpt.example');
    const arf = `From: fbl@rcpt.example\nTo: ${message.from}\nSubject: complaint\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n--b\nContent-Type: text/plain\n\nspam report\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n--b--\n`;
    await deliver(message.from, arf, '');
    await until(async () => (await eventsOf(id)).includes('complained'));
    const { rates } = (await call('GET', '/analytics')) as { rates: { complaintRate: number } };
    expect(rates.complaintRate).toBeGreaterThan(0);
    expect(await call('GET', '/suppressions')).toMatchObject({
      suppressions: expect.arrayContaining([
        expect.objectContaining({ email: 'cross@rcpt.example', reason: 'complaint' }),
      ]),
    });
  });
});

test('every message carries a DKIM signature that verifies against the record we ask to be set', async () => {
  const { message } = await sendOne();
  const { domains } = (await call('GET', '/domains')) as {
    domains: { name: string; records: { purpose: string; name: string; value: string }[] }[];
  };
  const record = domains
    .find(({ name }) => name === 'm.example.com')
    ?.records.find(({ purpose }) => purpose === 'dkim');
  names.txt.set(record?.name ?? '', [record?.value ?? '']);
  const { results } = await dkimVerify(Buffer.from(message.raw), {
    resolver: async (name: string) => (names.txt.get(name) ?? []).map((text) => [text]) as never,
  } as never);
  expect(results[0]?.status.result).toBe('pass');
});

test('a domain is verified record by record against DNS', async () => {
  interface Domain {
    id: string;
    isVerified: boolean;
    records: { purpose: string; type: string; name: string; value: string; status: string }[];
  }
  const added = (await call('POST', '/domains', { name: 'New.Example.ORG' })) as unknown as Domain;
  expect(added).toMatchObject({ name: 'new.example.org', isVerified: false });
  const verify = async () =>
    (await call('POST', `/domains/verify?id=${added.id}`)) as unknown as Domain;
  const empty = await verify();
  expect(empty.isVerified).toBe(false);
  expect(new Set(empty.records.map(({ status }) => status))).toEqual(new Set(['missing']));
  for (const { type, name, value } of added.records) {
    if (type === 'MX') names.mx.set(name, [[10, 'bounce.example.com']]);
    else names.txt.set(name, [...(names.txt.get(name) ?? []), value]);
  }
  names.txt.set('_dmarc.new.example.org', ['v=DMARC1; p=none', 'v=DMARC1; p=reject']);
  const full = await verify();
  expect(full.isVerified).toBe(true);
  expect(full.records.map(({ purpose, status }) => `${purpose} ${status}`)).toEqual([
    'ownership ok',
    'mx ok',
    'spf ok',
    'dkim ok',
    'dkim ok',
    'dmarc wrong',
  ]);
  const alias = await call('POST', '/aliases', { email: 'hello@new.example.org' });
  expect(alias).toMatchObject({ email: 'hello@new.example.org', isActive: true });
  names.txt.set('_cloakroom.new.example.org', ['cloakroom-verification=somebody-else']);
  expect(await verify()).toMatchObject({ isVerified: false });
  const message = { aliasId: alias['id'], to: 'f@rcpt.example', subject: 's', text: 't' };
  expect(await call('POST', '/emails', message)).toMatchObject({
    status: 'queued',
    error: expect.stringContaining('not verified any more'),
  });
  expect(await call('POST', '/aliases', { email: 'more@new.example.org' })).toMatchObject({
    status: 400,
  });
});

test('a domain is one organization’s that proves it, whoever else claims it, at once too', async () => {
  interface Domain {
    id: string;
    isVerified?: boolean;
    error?: string;
    records: { type: string; name: string; value: string }[];
  }
  const claims: { key: string; id: string }[] = [];
  for (let i = 0; i < 2; i++) {
    key = await server.key('mail', { organizationId: (await server.otherOrg()).id });
    const made = (await call('POST', '/domains', {
      name: 'both.example.org',
    })) as unknown as Domain;
    claims.push({ key, id: made.id });
    for (const { type, name, value } of made.records)
      if (type === 'TXT') names.txt.set(name, [...(names.txt.get(name) ?? []), value]);
  }
  const verify = (claim: { key: string; id: string }) => {
    key = claim.key;
    return call('POST', `/domains/verify?id=${claim.id}`) as unknown as Promise<Domain>;
  };
  const answers = await Promise.all(claims.map(verify));
  expect(answers.filter(({ isVerified }) => isVerified)).toHaveLength(1);
  expect(answers.filter(({ error }) => error)).toMatchObject([
    { status: 409, error: expect.stringMatching(/Another organization/) },
  ]);
  const [loser] = claims.filter((_, i) => answers[i]?.error);
  expect(await verify(loser as { key: string; id: string })).toMatchObject({ status: 409 });
});
