/** Mail: the way out of a list, who may do what, other organizations, long lists. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVault } from '../../src/services/mail/vault.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type SmtpSink, startSmtpSink } from '../harness/smtp-sink.ts';
import { expectError, type MailClient, mailClient, type Reply } from './mail-client.ts';

let server: TestServer;
let sink: SmtpSink;
let key: string;
let call: MailClient['call'];
let newAlias: MailClient['newAlias'];
let send: MailClient['send'];

beforeAll(async () => {
  sink = await startSmtpSink();
  server = await startTestServer({
    env: { CLOAKROOM_SMTP_URL: sink.url, CLOAKROOM_MAIL_DOMAIN: 'm.example.com' },
  });
  key = await server.key('mail');
  ({ call, newAlias, send } = mailClient(server, key));
});
afterAll(async () => {
  await server.stop();
  await sink.stop();
});

describe('unsubscribing', () => {
  test('works by one POST to the link of a campaign mail, and only by the whole link', async () => {
    const { id } = await newAlias();
    const { body } = await send(id, { to: 'tired@rcpt.example', bulk: true });
    const { raw = '' } = sink.messages.find((m) => m.messageId.includes(String(body['id']))) ?? {};
    const unfolded = raw.replaceAll(/\r\n[ \t]+/g, ' ');
    const link = /^List-Unsubscribe: <([^>]+)>, <mailto:u-[^>]+>/m.exec(unfolded)?.[1] ?? '';
    expect(link.startsWith(`${server.url}/mail/u/`)).toBe(true);
    const page = await fetch(link);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<button>');
    expect((await call('GET', '/suppressions')).body).not.toMatchObject({
      suppressions: expect.arrayContaining([
        expect.objectContaining({ email: 'tired@rcpt.example' }),
      ]),
    });
    const form = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
    for (let i = 0; i < 2; i++)
      expect((await fetch(link, { method: 'POST', body: form })).status).toBe(200);
    expect((await call('GET', '/suppressions')).body).toMatchObject({
      suppressions: expect.arrayContaining([
        { email: 'tired@rcpt.example', reason: 'unsubscribe', createdAt: expect.any(String) },
      ]),
    });
    await expectError(await send(id, { to: 'tired@rcpt.example' }), 400, /unsubscribed/);
    const forged = link.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect((await fetch(forged, { method: 'POST', body: form })).status).toBe(404);
  });
});

describe('scopes and plans', () => {
  test('a key without the permission is told which one is missing', async () => {
    const weak = await server.key('mail', { scopes: ['aliases:read'] });
    const headers = { authorization: `Bearer ${weak}` };
    expect((await call('GET', '/aliases', undefined, headers)).status).toBe(200);
    await expectError(await call('POST', '/aliases', {}, headers), 403, /aliases:write/);
    await expectError(await call('GET', '/campaigns', undefined, headers), 403, /campaigns:read/);
    await expectError(
      await call(
        'POST',
        '/emails',
        { aliasId: 'a', to: 'b@c.de', subject: 'x', text: 'y' },
        headers,
      ),
      403,
      /emails:send/,
    );
    await expectError(await call('GET', '/analytics', undefined, headers), 403, /analytics:read/);
  });

  test('the plan ends the number of domains', async () => {
    const starter = await server.otherOrg('starter');
    const headers = {
      authorization: `Bearer ${await server.key('mail', { organizationId: starter.id })}`,
    };
    expect((await call('POST', '/domains', { name: 'one.example.org' }, headers)).status).toBe(201);
    await expectError(
      await call('POST', '/domains', { name: 'two.example.org' }, headers),
      403,
      /plan Starter/,
    );
  });
});

describe('a list is walked through a thousand rows without a gap or a double', () => {
  const at = `now() - (n / 7) * interval '1 second'`;
  const thousand = 'FROM generate_series(1, 1000) n';
  const insert = (text: string, values: unknown[]) =>
    server.kernel.database.pool.query(text, values);

  /** Also while `arrive` puts a row in front before every third page. */
  async function walk(
    path: string,
    name: string,
    idOf: (row: Row) => unknown,
    arrive: (n: number) => Promise<Reply>,
  ): Promise<void> {
    const headers = { authorization: `Bearer ${await server.key('mail')}` };
    const asOf = new Date().toISOString();
    const then = `${path}${path.includes('?') ? '&' : '?'}asOf=${asOf}`;
    const total = Number((await page(then, 1, 0, headers)).pagination.total);
    expect(total).toBeGreaterThanOrEqual(1000);
    const seen: unknown[] = [];
    for (let offset = 0; offset < total; offset += 100) {
      const { pagination, rows } = await page(then, 100, offset, headers);
      expect(pagination).toEqual({ total, limit: 100, offset });
      seen.push(...rows(name).map(idOf));
      if (offset % 300 === 0) expect((await arrive(offset)).status).toBe(201);
    }
    expect(seen).toHaveLength(total);
    expect(new Set(seen).size).toBe(total);
    // Newest first: the rows of n are a seventh of n seconds old.
    const ages = seen.flatMap((id) => /walk(\d+)/.exec(String(id))?.[1] ?? []);
    const seconds = ages.map((n) => Math.floor(Number(n) / 7));
    expect(seconds).toHaveLength(1000);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    expect((await page(path, 1, 0, headers)).pagination.total).toBeGreaterThan(total);
  }

  type Row = Record<string, unknown>;
  async function page(path: string, limit: number, offset: number, headers: object) {
    const query = `${path}${path.includes('?') ? '&' : '?'}limit=${limit}&offset=${offset}`;
    const { body } = await call('GET', query, undefined, headers as Record<string, string>);
    const pagination = body['pagination'] as unknown as Record<string, number>;
    return { pagination, rows: (name: string) => body[name] as unknown as Row[] };
  }

  test('of aliases', async () => {
    const campaign = String((await call('POST', '/campaigns', { name: 'Thousand' })).body['id']);
    await insert(
      `INSERT INTO mail.aliases (id, organization_id, campaign_id, email, created_at)
       SELECT 'clxwalk' || n, $1, $2, 'walk' || n || '@m.example.com', ${at} ${thousand}`,
      [server.org.id, campaign],
    );
    await walk(
      `/aliases?campaignId=${campaign}`,
      'aliases',
      ({ id }) => id,
      () => call('POST', '/aliases', { campaignId: campaign }),
    );
  });

  test('of campaigns', async () => {
    await insert(
      `INSERT INTO mail.campaigns (id, organization_id, name, created_at)
       SELECT 'clxwalk' || n, $1, 'C', ${at} ${thousand}`,
      [server.org.id],
    );
    await walk(
      '/campaigns',
      'campaigns',
      ({ id }) => id,
      () => call('POST', '/campaigns', { name: 'Arrived' }),
    );
  });

  test('of messages', async () => {
    const { id } = await newAlias();
    const ids = Array.from({ length: 1000 }, (_, n) => `msg_walk${n + 1}`);
    const head = { from: 'a@b.example', to: 'c@d.example', subject: 's' };
    const vault = createVault(server.kernel.keyring);
    await insert(
      `INSERT INTO mail.messages (id, organization_id, alias_id, direction, kind, status, head, created_at)
       SELECT id, $1, $2, 'OUTBOUND', 'send', 'sent', head, ${at}
       FROM unnest($3::text[], $4::bytea[]) WITH ORDINALITY AS given (id, head, n)`,
      [server.org.id, id, ids, ids.map((one) => vault.sealHead(head, `${one}:head`))],
    );
    await walk(
      `/emails?aliasId=${id}&direction=OUTBOUND`,
      'emails',
      (row) => row['id'],
      () => send(id),
    );
  });

  test('of domains', async () => {
    await insert(
      `INSERT INTO mail.domains (id, organization_id, name, token, dkim_keys, created_at)
       SELECT 'dom_walk' || n, $1, 'walk' || n || '.example.org', 't', '[]', ${at} ${thousand}`,
      [server.org.id],
    );
    await walk(
      '/domains',
      'domains',
      ({ id }) => id,
      (n) => call('POST', '/domains', { name: `arrived${n}.example.org` }),
    );
  });

  test('of suppressions', async () => {
    const vault = createVault(server.kernel.keyring);
    const rows = Array.from({ length: 1000 }, (_, n) => `walk${n + 1}@rcpt.example`).map(
      (email) => {
        const mac = vault.mac('address', email);
        const id = `suppression:${server.org.id}:${mac.toString('hex')}`;
        return { mac, address: vault.seal(email, id) };
      },
    );
    await insert(
      `INSERT INTO mail.suppressions (organization_id, address_mac, address, reason, created_at)
       SELECT $1, mac, address, 'manual', ${at}
       FROM unnest($2::bytea[], $3::bytea[]) WITH ORDINALITY AS given (mac, address, n)`,
      [server.org.id, rows.map(({ mac }) => mac), rows.map(({ address }) => address)],
    );
    await walk(
      '/suppressions',
      'suppressions',
      ({ email }) => email,
      (n) => call('POST', '/suppressions', { email: `arrived${n}@rcpt.example` }),
    );
  });
});
