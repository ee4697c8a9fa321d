/** Mail as no textbook writes it: cut off, smuggled, in old encodings, with headers in headers, huge. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DnsServer, startDnsServer } from '../harness/dns-server.ts';
import { OWNER, startTestServer, type TestServer } from '../harness/server.ts';
import { type SmtpSink, type SunkMessage, startSmtpSink } from '../harness/smtp-sink.ts';
import { expectError, handIn, type MailClient, mailClient, settled, until } from './mail-client.ts';
import { beginData } from './mail-smtp.ts';

let server: TestServer;
let sink: SmtpSink;
let names: DnsServer;
let client: MailClient;

beforeAll(async () => {
  [sink, names] = await Promise.all([startSmtpSink(), startDnsServer()]);
  server = await startTestServer({
    env: {
      CLOAKROOM_SMTP_URL: sink.url,
      CLOAKROOM_MAIL_DOMAIN: 'm.example.com',
      CLOAKROOM_DNS_SERVERS: names.address,
    },
  });
  client = mailClient(server, await server.key('mail'));
});
afterAll(async () => {
  await server.stop();
  await Promise.all([sink.stop(), names.stop()]);
});

interface Logged {
  from: string;
  subject: string;
}
const inbound = async (aliasId: string) =>
  (await client.call('GET', `/emails?aliasId=${aliasId}&direction=INBOUND`)).body[
    'emails'
  ] as unknown as Logged[];
const forwardOf = (email: string): Promise<SunkMessage> =>
  until(() =>
    sink.messages.find(({ to, raw }) => to[0] === OWNER.email && raw.includes(`X-Loop: ${email}`)),
  );
const parse = (raw: string) => PostalMime.parse(Buffer.from(raw));
const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

describe('a connection', () => {
  test.each([
    ['is cut off in the middle of a message', ''],
    ['is cut off just before the last dot', '\r\n'],
  ])('that %s leaves nothing, and the message sent again is one', async (_what, end) => {
    const { id, email } = await client.newAlias();
    const letter = `From: a@rcpt.example\r\nTo: ${email}\r\nSubject: cut\r\nMessage-ID: <${randomUUID()}@x>\r\n\r\nHalf of it`;
    const talk = await beginData(server.smtpPort, email);
    talk.write(letter + end);
    talk.cutOff();
    const whole = await beginData(server.smtpPort, email);
    expect(await whole.say(`${letter} and the rest\r\n.`)).toMatch(/^250/);
    whole.cutOff();
    await settled(server);
    expect(await inbound(id)).toMatchObject([{ subject: 'cut' }]);
    expect((await forwardOf(email)).raw).toContain('and the rest');
  });

  test('cannot smuggle a second message behind an end of data that is none', async () => {
    const { id, email } = await client.newAlias();
    const victim = await client.newAlias();
    for (const [i, end] of ['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r'].entries()) {
      const talk = await beginData(server.smtpPort, email);
      talk.write(
        `From: a@rcpt.example\r\nSubject: one\r\nMessage-ID: <${i}-${id}@x>\r\n\r\nx${end}MAIL FROM:<forged@good.example>\r\nRCPT TO:<${victim.email}>\r\nDATA\r\nFrom: forged@good.example\r\n\r\nforged`,
      );
      expect(await talk.say('\r\n.')).toMatch(/^250/);
      talk.cutOff();
    }
    await settled(server);
    expect(await inbound(id)).toHaveLength(4);
    expect(await inbound(victim.id)).toEqual([]);
  });
});

const encoded = (text: string, charset: string, bytes: Buffer) => ({ text, charset, bytes });
const JAPANESE = Buffer.from([
  ...[
    0x1b, 0x24, 0x42, 0x24, 0x33, 0x24, 0x73, 0x24, 0x4b, 0x24, 0x41, 0x24, 0x4f, 0x1b, 0x28, 0x42,
  ],
]);
test.each([
  encoded('こんにちは', 'ISO-2022-JP', JAPANESE),
  encoded('Привет', 'KOI8-R', Buffer.from([0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4])),
  encoded('Grüße – 5 €', 'windows-1252', Buffer.from('Gr\xfc\xdfe \x96 5 \x80', 'latin1')),
  encoded('你好', 'GB18030', Buffer.from([0xc4, 0xe3, 0xba, 0xc3])),
  encoded('héllo', 'UTF-16LE', Buffer.from('héllo', 'utf16le')),
  encoded('שלום', 'iso-8859-8-i', Buffer.from([0xf9, 0xec, 0xe5, 0xed])),
])(
  '$charset is read in subject and text, and forwarded as it reads',
  async ({ text, charset, bytes }) => {
    const { id, email } = await client.newAlias();
    const base64 = bytes.toString('base64');
    const raw = `From: =?${charset}?B?${base64}?= <a@rcpt.example>\r\nTo: ${email}\r\nSubject: =?${charset}?B?${base64}?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}\r\n`;
    expect(await handIn(server, email, Buffer.from(raw))).toBe('250');
    const forward = await parse((await forwardOf(email)).raw);
    expect(forward.text?.trim()).toBe(text);
    expect(forward.subject).toBe(text);
    expect(forward.from?.name).toContain(text);
    expect(await inbound(id)).toMatchObject([{ from: 'a@rcpt.example', subject: text }]);
  },
);

test.each<[string, (to: string) => string | Buffer]>([
  ['nothing at all', () => Buffer.from('\r\n')],
  ['no headers', () => 'just text'],
  ['a charset that nobody knows', () => 'Content-Type: text/plain; charset=x-klingon\n\nqapla'],
  ['broken base64', () => 'Content-Transfer-Encoding: base64\n\n%%%%=\n\u0000'],
  ['NUL bytes and bare returns', () => Buffer.from('Subject: a\0b\rc\r\n\r\n\0\r\0')],
  ['a header of a megabyte', () => `Subject: ${'x'.repeat(1024 * 1024)}\n\nx`],
  ['ten thousand headers', () => `${'X-A: b\n'.repeat(10_000)}\nx`],
  ['a boundary that never comes', () => 'Content-Type: multipart/mixed; boundary=b\n\nx'],
  ['an address list without end', () => `From: ${'a@b.example, '.repeat(5000)}\n\nx`],
  [
    'raw UTF-8 in its headers',
    () => Buffer.from('Subject: Grüße\r\nFrom: Jürgen <j@b.example>\r\n\r\nx'),
  ],
  [
    'bytes that are no text',
    () =>
      Buffer.concat([Buffer.from('Subject: '), Buffer.alloc(300, 0xff), Buffer.from('\r\n\r\nx')]),
  ],
])('a message with %s is taken, logged and forwarded', async (_what, rawOf) => {
  const { id, email } = await client.newAlias();
  expect(await handIn(server, email, rawOf(email))).toBe('250');
  await forwardOf(email);
  expect(await inbound(id)).toHaveLength(1);
});

test('no header of a stranger becomes one of the forward', async () => {
  const { email } = await client.newAlias();
  const q = (text: string) => `=?utf-8?Q?${text}?=`;
  const raw = `From: ${q('Eve=0D=0ABcc:=20evil@x.example')} <eve@rcpt.example>
To: ${email}
Subject: ${q('Hi=0D=0ABcc:=20evil@x.example=0D=0A=0D=0Abody')}
Bcc: evil@x.example
Reply-To: evil@x.example
Disposition-Notification-To: evil@x.example
X-Custom: kept?
Message-ID: <${randomUUID()}@x.example>
Content-Type: multipart/mixed; boundary=b

--b

text
--b
Content-Type: text/x-evil; name="${q('a=0D=0AX-Evil:=20yes')}"
Content-Disposition: attachment; filename="${q('../../a=0D=0AX-Evil:=20yes')}"
Content-ID: <a@b>

x
--b--
`;
  expect(await handIn(server, email, raw)).toBe('250');
  const { raw: forward } = await forwardOf(email);
  const [head = ''] = forward.split('\r\n\r\n');
  expect(head).not.toMatch(/^(Bcc|Reply-To|Disposition-Notification-To|X-Custom):/im);
  expect(forward).not.toMatch(/^(Bcc|X-Evil):/im);
  expect((await parse(forward)).to).toMatchObject([{ address: OWNER.email }]);
});

test('attachments come through to the byte, whatever they are called', async () => {
  const { email } = await client.newAlias();
  const data = randomBytes(300_000);
  const lines = data.toString('base64').replaceAll(/.{76}/g, '$&\n');
  const raw = `From: a@rcpt.example
To: ${email}
Subject: files
Message-ID: <${randomUUID()}@x.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html; charset=utf-8

<p>See <img src="cid:pic@x"></p>
--b
Content-Type: application/pdf
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename*=utf-8''R%C3%A9sum%C3%A9.pdf

${lines}
--b
Content-Type: image/png
Content-ID: <pic@x>
Content-Transfer-Encoding: base64
Content-Disposition: inline; filename=p.png

aGVsbG8=
--b--
`;
  expect(await handIn(server, email, raw)).toBe('250');
  const { attachments, html } = await parse((await forwardOf(email)).raw);
  expect(html).toContain('cid:pic@x');
  const [file, picture] = ['Résumé.pdf', 'p.png'].map((name) =>
    attachments.find(({ filename }) => filename === name),
  );
  expect(sha256(new Uint8Array(file?.content as ArrayBuffer))).toBe(sha256(data));
  expect(picture?.contentId).toBe('<pic@x>');
});

describe('what is sent', () => {
  const sentAs = (id: unknown) =>
    sink.messages.find(({ messageId }) => messageId.includes(String(id)));

  test.each<[string, object, RegExp]>([
    ['to', { to: 'a@b.example\r\nRCPT TO:<evil@x.example>' }, /to field/],
    ['to', { to: 'a@b.example, evil@x.example' }, /to field/],
    ['cc', { cc: ['a@b.example>\r\nBcc: evil@x.example'] }, /cc field/],
    ['bcc', { bcc: ['Evil <evil@x.example>'] }, /bcc field/],
    ['replyTo', { replyTo: 'a@b.example\nBcc: evil@x.example' }, /replyTo field/],
    ['inReplyTo', { inReplyTo: '<a@b>\r\nBcc: evil@x.example' }, /inReplyTo field/],
    ['subject', { subject: 'Hi\nBcc: evil@x.example' }, /subject field/],
    ['a header’s name', { headers: { 'X-A: b\r\nBcc': 'evil@x.example' } }, /headers/],
    ['a header’s value', { headers: { 'X-A': 'b\r\n\r\nbody' } }, /headers\.X-A/],
    ['a reserved header', { headers: { 'dkim-signature': 'v=1' } }, /can be set/],
    [
      'a file name',
      { attachments: [{ filename: 'a\r\nBcc: evil@x.example', content: '' }] },
      /filename/,
    ],
    [
      'a media type',
      {
        attachments: [
          { filename: 'a', contentType: 'text/plain\r\nBcc: e@x.example', content: '' },
        ],
      },
      /contentType/,
    ],
  ])('has no header that came in by %s: nothing is sent', async (_field, more, words) => {
    const { id } = await client.newAlias();
    expectError(await client.send(id, more), 400, words);
    expect((await client.call('GET', `/emails?aliasId=${id}`)).body).toMatchObject({ emails: [] });
  });

  test.each<[string, object]>([
    ['another script and a picture character', { subject: 'Grüße 你好 🎉', text: 'שלום 🎉' }],
    ['dots on lines of their own', { text: '.\r\n..\r\n.\r\nQUIT\r\n\r\n.' }],
    [
      'a line of ten thousand characters',
      { text: 'x'.repeat(10_000), html: `<p>${'y'.repeat(10_000)}</p>` },
    ],
    ['lines that begin with From', { text: 'From me\n>From you\r\rend\n' }],
    ['the longest subject', { subject: `${'Über '.repeat(179)}` }],
    ['no text but markup', { text: undefined, html: '<b>ä</b>' }],
    ['a domain that is not ASCII', { to: 'ada@bücher.example' }],
    ['a header of its own', { headers: { 'X-Ticket': 'ü 1' } }],
    [
      'a file with a name in another script',
      { attachments: [{ filename: '報告.pdf', content: 'AAAA' }] },
    ],
  ])('with %s arrives as it was given, under a signature that holds', async (_what, more) => {
    const { id, email } = await client.newAlias();
    const given = { to: 'friend@rcpt.example', subject: 'Hello', text: 'Hi', ...more } as {
      to: string;
      subject: string;
      text?: string;
      attachments?: { filename: string }[];
    };
    const { body } = await client.send(id, more);
    expect(body).toMatchObject({ status: 'sent', to: given.to, subject: given.subject });
    const copy = sentAs(body['id']);
    // The receiver shows it as it reads; what was sent is ASCII.
    expect(copy?.to).toEqual([given.to]);
    expect(copy?.raw).toMatch(`To: ${given.to.replace('bücher', 'xn--bcher-kva')}`);
    const mail = await parse(copy?.raw ?? '');
    expect(mail.subject?.trim()).toBe(given.subject.trim());
    expect(mail.from?.address).toBe(email);
    const lines = (text = '') => text.replaceAll(/\r\n?|\n/g, '\n').trim();
    if (given.text !== undefined) expect(lines(mail.text)).toBe(lines(given.text));
    const [file] = given.attachments ?? [];
    if (file) expect(mail.attachments[0]?.filename).toBe(file.filename);
    for (const line of copy?.raw.split('\r\n') ?? []) expect(line.length).toBeLessThanOrEqual(998);
    expect(await signatureOf(copy)).toBe('pass');
  });

  async function signatureOf(copy: SunkMessage | undefined): Promise<string | undefined> {
    const { body } = await client.call('GET', '/domains');
    const [domain] = body['domains'] as unknown as {
      records: { purpose: string; name: string; value: string }[];
    }[];
    const dkim = domain?.records.filter(({ purpose }) => purpose === 'dkim') ?? [];
    const keys = new Map(dkim.map(({ name, value }) => [name, value]));
    const { results } = await dkimVerify(Buffer.from(copy?.raw ?? ''), {
      resolver: async (name: string) => [[keys.get(name) ?? '']] as never,
    } as never);
    return results[0]?.status.result;
  }

  test('replyTo, inReplyTo and headers stand in the message', async () => {
    const { id } = await client.newAlias();
    const { body } = await client.send(id, {
      ...{ replyTo: 'desk@m.example.com', inReplyTo: '<before@rcpt.example>' },
      headers: { 'X-Ticket': '42' },
    });
    const { raw = '' } = sentAs(body['id']) ?? {};
    expect(raw).toMatch(/^Reply-To: desk@m\.example\.com\r$/m);
    expect(raw).toMatch(/^In-Reply-To: <before@rcpt\.example>\r$/m);
    expect(raw).toMatch(/^References: <before@rcpt\.example>\r$/m);
    expect(raw).toMatch(/^X-Ticket: 42\r$/m);
  });

  test('is as large as 25 MB with its attachments, and no larger', async () => {
    const { id } = await client.newAlias();
    const attach = (sizeBytes: number) => {
      const data = randomBytes(sizeBytes);
      return { data, attachments: [{ filename: 'big.bin', content: data.toString('base64') }] };
    };
    const large = attach(17 * 1024 * 1024);
    const { body } = await client.send(id, { attachments: large.attachments });
    const sent = await until(() => sentAs(body['id']));
    const [file] = (await parse(sent.raw)).attachments;
    expect(sha256(new Uint8Array(file?.content as ArrayBuffer))).toBe(sha256(large.data));
    for (const sizeMb of [20, 30]) {
      const { attachments } = attach(sizeMb * 1024 * 1024);
      expectError(await client.send(id, { attachments }), 413);
    }
    expect((await client.call('GET', `/emails?aliasId=${id}`)).body).toMatchObject({
      pagination: { total: 1 },
    });
  });
});

test('mail of 20 MB that comes in is forwarded whole', async () => {
  const { email } = await client.newAlias();
  const data = randomBytes(14 * 1024 * 1024);
  const lines = data.toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  const raw = `From: a@rcpt.example\r\nSubject: big\r\nMessage-ID: <${randomUUID()}@x>\r\nMIME-Version: 1.0\r\nContent-Type: application/zip; name=big.zip\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=big.zip\r\n\r\n${lines}\r\n`;
  expect(await handIn(server, email, Buffer.from(raw))).toBe('250');
  const [file] = (await parse((await forwardOf(email)).raw)).attachments;
  expect(sha256(new Uint8Array(file?.content as ArrayBuffer))).toBe(sha256(data));
});
