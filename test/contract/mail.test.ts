/** Mail over HTTP and SMTP, as the original and the contract say: each endpoint, field and refusal. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type SmtpSink, startSmtpSink } from '../harness/smtp-sink.ts';
import { expectError, type MailClient, mailClient } from './mail-client.ts';

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

describe('aliases', () => {
  test('are created with a readable address of their own, as the original shows them', async () => {
    const { status, body } = await call('POST', '/aliases', {});
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^clx[0-9a-z]+$/),
      email: expect.stringMatching(/^[a-z]+\.[a-z]+\.[a-z0-9]{4}@m\.example\.com$/),
      isActive: true,
      healthStatus: 'healthy',
      campaign: { id: expect.stringMatching(/^clx/), name: 'Default' },
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  test('take a chosen prefix once, and never again, also after they are deleted', async () => {
    const email = 'Custom-Prefix@m.example.com';
    const { id, email: given } = await newAlias({ email });
    expect(given).toBe('custom-prefix@m.example.com');
    await expectError(await call('POST', '/aliases', { email }), 409);
    expect((await call('DELETE', `/aliases?id=${id}`)).body).toEqual({ id, deleted: true });
    await expectError(await call('POST', '/aliases', { email }), 409);
    await expectError(await call('DELETE', `/aliases?id=${id}`), 404);
    await expectError(await call('PATCH', `/aliases?id=${id}`, { isActive: true }), 404);
  });

  test('lie on a verified domain of the organization only', async () => {
    await expectError(
      await call('POST', '/aliases', { email: 'a@gmail.com' }),
      400,
      /verified domains/,
    );
    await expectError(
      await call('POST', '/aliases', { email: 'not an address' }),
      400,
      /mail address/,
    );
    await expectError(await call('POST', '/aliases', { email: 'b-1-2@m.example.com' }), 400);
  });

  test('are listed with their figures, filtered, and answered whole when changed', async () => {
    const campaign = (await call('POST', '/campaigns', { name: 'Outreach Q1' })).body as {
      id?: string;
    };
    const { id } = await newAlias({ campaignId: campaign.id });
    await send(id);
    const { body } = await call('GET', `/aliases?campaignId=${campaign.id}&isActive=true&limit=10`);
    expect(body).toEqual({
      aliases: [
        {
          id,
          email: expect.any(String),
          isActive: true,
          healthStatus: 'healthy',
          campaign: { id: campaign.id, name: 'Outreach Q1' },
          stats: { emailsSent: 1, repliesReceived: 0, bounces: 0 },
        },
      ],
      pagination: { total: 1, limit: 10, offset: 0 },
    });
    const changed = await call('PATCH', `/aliases?id=${id}`, { isActive: false });
    expect(changed.body).toMatchObject({ id, isActive: false, createdAt: expect.any(String) });
    expect((await call('GET', `/aliases?id=${id}`)).body).toMatchObject({
      pagination: { total: 1 },
    });
    await expectError(await send(id), 400, /inactive/);
  });

  test('out of range, unknown fields and unknown ids are refused by name', async () => {
    for (const query of [
      'limit=0',
      'limit=101',
      'limit=x',
      'offset=-1',
      'isActive=maybe',
      'sort=up',
    ]) {
      await expectError(
        await call('GET', `/aliases?${query}`),
        400,
        new RegExp(query.split('=')[0] ?? ''),
      );
    }
    await expectError(
      await call('POST', '/aliases', { name: 'x' }),
      400,
      /name field is not known/,
    );
    await expectError(await call('POST', '/aliases', { campaignId: 'clxnone' }), 404);
    await expectError(await call('PATCH', '/aliases?id=clxnone', { isActive: true }), 404);
    await expectError(
      await call('PATCH', '/aliases', { isActive: true }),
      400,
      /id field is required/,
    );
    await expectError(await call('GET', '/aliases?id=clxnone'), 404);
  });
});

describe('campaigns', () => {
  test('come with a default one that stays, and give their aliases to it when deleted', async () => {
    const { status, body: campaign } = await call('POST', '/campaigns', { name: 'Product Launch' });
    expect(status).toBe(201);
    expect(campaign).toEqual({
      id: expect.stringMatching(/^clx/),
      name: 'Product Launch',
      aliasCount: 0,
      createdAt: expect.any(String),
    });
    const id = String(campaign['id']);
    const alias = await newAlias({ campaignId: id });
    const renamed = await call('PATCH', `/campaigns?id=${id}`, { name: 'Product Launch v2' });
    expect(renamed.body).toMatchObject({ id, name: 'Product Launch v2', aliasCount: 1 });
    expect((await call('DELETE', `/campaigns?id=${id}`)).body).toEqual({ id, deleted: true });
    const { body } = await call('GET', `/aliases?id=${alias.id}`);
    const [moved] = body['aliases'] as unknown as { campaign: { id: string; name: string } }[];
    expect(moved?.campaign.name).toBe('Default');
    await expectError(await call('DELETE', `/campaigns?id=${moved?.campaign.id}`), 409, /default/);
    await expectError(await call('POST', '/campaigns', { name: '  ' }), 400, /blank/);
  });
});

describe('sending', () => {
  test('hands the message to the next hop, signed, from the alias, and says so', async () => {
    const alias = await newAlias();
    const { status, body } = await send(alias.id, { html: '<p>Hi</p>' });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-z]+$/),
      status: 'sent',
      aliasId: alias.id,
      to: 'friend@rcpt.example',
      subject: 'Hello',
      sentAt: expect.stringMatching(/Z$/),
    });
    const message = sink.messages.find(({ messageId }) => messageId.includes(String(body['id'])));
    expect(message?.to).toEqual(['friend@rcpt.example']);
    expect(message?.from).toMatch(/^b-[0-9a-z]+-0-[0-9a-f]{20}@m\.example\.com$/);
    expect(message?.raw).toMatch(
      new RegExp(`^From: ${alias.email.replaceAll('.', '\\.')}\\r$`, 'm'),
    );
    expect(message?.raw).toMatch(/^DKIM-Signature: .*d=m\.example\.com;.*s=cr1;/s);
    expect(message?.raw).toMatch(/multipart\/alternative/);
    expect(message?.raw).not.toContain('owner@example.com');
    expect(message?.raw).not.toMatch(/List-Unsubscribe/);
  });

  test('is logged with what happened to it', async () => {
    const alias = await newAlias();
    const id = String((await send(alias.id)).body['id']);
    const { body } = await call('GET', `/emails?id=${id}`);
    expect(body).toEqual({
      emails: [
        {
          id,
          direction: 'OUTBOUND',
          status: 'sent',
          aliasId: alias.id,
          from: alias.email,
          to: 'friend@rcpt.example',
          subject: 'Hello',
          sentAt: expect.any(String),
          receivedAt: null,
          error: null,
          events: [
            { at: expect.any(String), type: 'queued', detail: null },
            { at: expect.any(String), type: 'sent', detail: null },
          ],
        },
      ],
      pagination: { total: 1, limit: 50, offset: 0 },
    });
    expect((await call('GET', `/emails?aliasId=${alias.id}&direction=INBOUND`)).body).toMatchObject(
      {
        emails: [],
      },
    );
    await expectError(await call('GET', '/emails?id=msg_none'), 404);
  });

  test('needs text or html, a living alias, and a clean recipient', async () => {
    const { id } = await newAlias();
    await expectError(await send(id, { text: undefined }), 400, /text or html/);
    await expectError(await send(id, { to: 'a@b@c' }), 400, /to field/);
    await expectError(await send('clxnone'), 404);
    await expectError(await send(id, { subject: 'x\r\nBcc: all@example.com' }), 400, /one line/);
    await expectError(
      await send(id, { headers: { 'X-A': 'b\r\nBcc: c@d.example' } }),
      400,
      /one line/,
    );
    await expectError(
      await send(id, { headers: { From: 'x@y.example' } }),
      400,
      /not a header that can be set/,
    );
    await expectError(
      await send(id, { attachments: [{ filename: 'a', content: '***' }] }),
      400,
      /base64/,
    );
  });

  test('brings copies, blind copies and attachments, and tells nobody of the blind ones', async () => {
    const { id } = await newAlias();
    const { body } = await send(id, {
      cc: ['cc@rcpt.example'],
      bcc: ['bcc@rcpt.example'],
      attachments: [
        { filename: '../../etc/notes.txt', contentType: 'text/plain', content: 'aGVsbG8=' },
      ],
    });
    const copies = sink.messages.filter(({ messageId }) => messageId.includes(String(body['id'])));
    expect(copies.map(({ to }) => to[0]).sort()).toEqual([
      'bcc@rcpt.example',
      'cc@rcpt.example',
      'friend@rcpt.example',
    ]);
    for (const { raw } of copies) {
      expect(raw).not.toMatch(/^bcc:|bcc@rcpt/im);
      expect(raw).toContain('filename=notes.txt');
      expect(raw).toMatch(/List-Unsubscribe-Post: List-Unsubscribe=One-Click/);
    }
  });

  test('takes a form whose files are the attachments', async () => {
    const { id } = await newAlias();
    const form = new FormData();
    const fields = {
      aliasId: id,
      to: 'form@rcpt.example',
      subject: 'Form',
      text: 'See file',
      bulk: 'true',
    };
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('attachments', new Blob(['hello'], { type: 'text/plain' }), 'note.txt');
    const post = () =>
      fetch(`${server.url}/mail/api/v1/emails`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: form,
      });
    const response = await post();
    const body = (await response.json()) as { id: string };
    expect(body).toMatchObject({ status: 'sent', to: 'form@rcpt.example' });
    const { raw = '' } = sink.messages.find((m) => m.messageId.includes(body.id)) ?? {};
    expect(raw).toContain('filename=note.txt');
    form.append('surprise', '1');
    const refused = (await (await post()).json()) as Record<string, never>;
    await expectError({ status: 400, body: refused }, 400, /surprise field is not known/);
  });

  test('sends once for a hundred requests at once with one Idempotency-Key', async () => {
    const { id } = await newAlias();
    const headers = { 'idempotency-key': 'order-1' };
    const replies = await Promise.all(Array.from({ length: 100 }, () => send(id, {}, headers)));
    expect(new Set(replies.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(replies[0]?.body).toMatchObject({ status: 'sent' });
    const messageId = String(replies[0]?.body['id']);
    expect(sink.messages.filter((m) => m.messageId.includes(messageId))).toHaveLength(1);
    await expectError(await send(id, { subject: 'Another' }, headers), 409);
  });

  test('is a hard bounce when the next hop refuses for good, and suppresses the recipient', async () => {
    const { id } = await newAlias();
    sink.onRecipient = (to) => (to.startsWith('gone@') ? [550, '5.1.1 no such user'] : null);
    const { status, body } = await send(id, { to: 'gone@rcpt.example' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: 'failed',
      sentAt: null,
      error: expect.stringContaining('5.1.1'),
    });
    expect((await call('GET', `/aliases?id=${id}`)).body).toMatchObject({
      aliases: [{ stats: { emailsSent: 1, bounces: 1 } }],
    });
    await expectError(
      await send(id, { to: 'Gone@rcpt.example' }),
      400,
      /suppression list since .*bounced/,
    );
    const removed = await call('DELETE', '/suppressions?email=gone@rcpt.example');
    expect(removed.body).toEqual({ email: 'gone@rcpt.example', deleted: true });
    sink.onRecipient = () => null;
    expect((await send(id, { to: 'gone@rcpt.example' })).body).toMatchObject({ status: 'sent' });
  });

  test('stays queued when the next hop refuses for now', async () => {
    const { id } = await newAlias();
    sink.onRecipient = () => [451, '4.2.0 busy'];
    const { body } = await send(id);
    sink.onRecipient = () => null;
    expect(body).toMatchObject({
      status: 'queued',
      sentAt: null,
      error: expect.stringContaining('4.2.0'),
    });
    const log = await call('GET', `/emails?id=${body['id']}`);
    expect(log.body).toMatchObject({
      emails: [{ status: 'queued', events: [{ type: 'queued' }, { type: 'deferred' }] }],
    });
  });
});
