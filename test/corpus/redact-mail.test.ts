/** Mails: every place where a value hides in one, each redacted and then searched in every encoding. */
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import PostalMime from 'postal-mime';
import { describe, expect, test } from 'vitest';
import { examine, redactDocument } from '../../src/services/redact/index.ts';
import { docxFile, paragraph } from './redact/office-file.ts';
import { readPdf } from './redact/pdf-eye.ts';
import { lines, pdfFile } from './redact/pdf-file.ts';

const MAIL = 'jane.doe@example.org';
const TRACES = /jane\.doe|536-22-8726/i;

const CRLF = (text: string) => Buffer.from(text.replace(/\n/g, '\r\n'));
const simple = (head: string, body = 'Nothing to see.\n') =>
  CRLF(`From: Shop <shop@shop.example>\nTo: you@shop.example\n${head}\n\n${body}`);

/** Every stretch of the mail, decoded as often as anybody could. */
function everything(bytes: Uint8Array): string {
  const source = Buffer.from(bytes).toString('latin1');
  const decoded = [...source.matchAll(/[A-Za-z0-9+/=\r\n]{16,}/g)].map(([text]) =>
    Buffer.from(text, 'base64').toString('latin1'),
  );
  const quoted = source
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return [source, quoted, ...decoded].join('\n');
}

async function attacked(source: Uint8Array, name = 'a.eml', options = {}) {
  const redacted = await redactDocument(source, name, options);
  expect(everything(redacted.bytes)).not.toMatch(TRACES);
  const mail = await PostalMime.parse(redacted.bytes, { forceRfc822Attachments: true });
  return { ...redacted, mail };
}

describe('a value goes', () => {
  test.each<[string, Buffer]>([
    ['from the subject', simple(`Subject: About ${MAIL}`)],
    [
      'from an encoded subject',
      simple(`Subject: =?UTF-8?B?${Buffer.from(`Für ${MAIL}`).toString('base64')}?=`),
    ],
    [
      'from a subject in quoted words',
      simple('Subject: =?iso-8859-1?Q?F=FCr_jane=2Edoe?= =?utf-8?q?=40example.org?='),
    ],
    ['from a folded address list', simple(`Cc: Boss <boss@shop.example>,\n Jane Doe\n <${MAIL}>`)],
    [
      'from headers that programs leave',
      simple(
        `Received: from x (${MAIL})\nX-Original-To: ${MAIL}\nMessage-ID: <${MAIL}>\nReferences: <a.${MAIL}>\nReturn-Path: <${MAIL}>\nDKIM-Signature: i=${MAIL}`,
      ),
    ],
    ['from the text', simple('Subject: Hi', `write to ${MAIL} now\n`)],
    [
      'from a text in base64',
      simple(
        'Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64',
        Buffer.from(`write to ${MAIL}`, 'utf16le').toString('base64'),
      ),
    ],
    [
      'from a text in quoted-printable',
      simple(
        'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable',
        'write to jane=2Edoe=40exam=\nple.org\n',
      ),
    ],
    [
      'from HTML',
      simple(
        'Content-Type: text/html; charset=utf-8',
        `<p>write to <a href="mailto:${MAIL}">ja<b>ne</b>.doe@example.org</a></p>`,
      ),
    ],
    [
      'from what stands before the parts',
      CRLF(
        `From: a@shop.example\nContent-Type: multipart/mixed; boundary=b\n\n${MAIL}\n--b\n\nhello\n--b--\n${MAIL}\n`,
      ),
    ],
    ['from a comment in a date', simple(`Date: Sat, 21 Nov 2026 10:00:00 +0000 (${MAIL})`)],
  ])('%s', async (_, source) => {
    const { mail, certificate } = await attacked(source);
    expect(certificate.removedWhole).toEqual([]);
    expect(mail.headers.map(({ key }) => key)).not.toContain('received');
  });
});

const build = (options: object) =>
  new MailComposer({
    ...{ from: 'shop@shop.example', to: 'you@shop.example', subject: 'Files' },
    ...{ text: 'See the files.', ...options },
  })
    .compile()
    .build();

describe('attachments', () => {
  test('are redacted by their own kind and keep their names and kinds', async () => {
    const source = await build({
      attachments: [
        {
          filename: 'letter.pdf',
          content: pdfFile({ pages: [lines(`write to ${MAIL}`, 'other')] }),
        },
        { filename: 'letter.docx', content: docxFile(paragraph(`write to ${MAIL}`)) },
        { filename: 'list.csv', content: `name,mail\r\nshop,${MAIL}\r\n` },
        {
          filename: 'note.eml',
          content: simple('Subject: In', `deep: ${MAIL}\n`),
          contentType: 'message/rfc822',
        },
      ],
    });
    const { mail, items, certificate } = await attacked(source);
    expect(mail.attachments.map(({ filename }) => filename)).toEqual([
      ...['letter.pdf', 'letter.docx', 'list.csv', 'note.eml'],
    ]);
    const [pdf, , csv] = mail.attachments.map(({ content }) => Buffer.from(content as ArrayBuffer));
    expect((await readPdf(pdf ?? Buffer.of())).join()).toMatch(/other/);
    expect(csv?.toString()).toBe('name,mail\r\nshop,[REDACTED]\r\n');
    expect(items.map(({ location }) => location.part?.split(',')[0])).toContain('attachment 4');
    expect(certificate.removedWhole).toEqual([]);
  });

  test('are renamed where their names say it', async () => {
    const source = await build({ attachments: [{ filename: `${MAIL}.txt`, content: 'hello' }] });
    const { mail } = await attacked(source);
    expect(mail.attachments[0]?.filename).toMatch(/REDACTED/);
  });

  test('that nobody can look into are taken out, and the certificate says so', async () => {
    const source = await build({
      attachments: [
        { filename: 'a.bin', content: Buffer.from([0, 1, 2, ...Buffer.from(MAIL)]) },
        { filename: 'broken.pdf', content: `%PDF-1.7 ${MAIL}` },
        { filename: 'b.txt', content: 'kept' },
      ],
    });
    const { mail, certificate } = await attacked(source);
    expect(certificate.removedWhole).toEqual(['2 attachment(s)']);
    expect(mail.attachments.map(({ filename }) => filename)).toEqual(['b.txt']);
  });
});

test('what holds nothing stays as it was read: texts, both views, pictures in place', async () => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQI12P4//8/AAX+Av7czFnnAAAAAElFTkSuQmCC',
    'base64',
  );
  const source = await build({
    ...{ subject: 'Grüße aus Köln 😀', text: 'Größe\n\n  two\nlines', cc: `Jane Doe <${MAIL}>` },
    html: '<p>Größe</p><img src="cid:logo@shop">',
    attachments: [{ filename: 'logo.png', content: png, cid: 'logo@shop' }],
  });
  const before = await PostalMime.parse(source);
  const { mail, items } = await attacked(source, 'a.eml', { entities: ['email'], terms: [] });
  expect(items.length).toBeGreaterThan(0);
  expect(mail.subject).toBe(before.subject);
  expect(mail.text?.trimEnd()).toBe(before.text?.trimEnd());
  expect(mail.html).toContain('<p>Größe</p><img src="cid:logo@shop">');
  expect(mail.attachments[0]?.contentId).toBe('<logo@shop>');
});

test('stand-ins are the same in header, text and attachment', async () => {
  const source = await build({
    ...{ subject: `for ${MAIL}`, text: `write to ${MAIL}` },
    attachments: [{ filename: 'a.txt', content: `and ${MAIL}` }],
  });
  const { mail } = await attacked(source, 'a.eml', { method: 'anonymize', entities: ['email'] });
  const [standIn] = /\[EMAIL_\d+\]/.exec(mail.text ?? '') ?? [];
  expect(standIn).toBeDefined();
  expect(mail.subject).toBe(`for ${standIn}`);
  expect(Buffer.from(mail.attachments[0]?.content as ArrayBuffer).toString()).toBe(
    `and ${standIn}`,
  );
});

describe('hostile mails end soon', () => {
  test.each<[string, () => Buffer]>([
    [
      'nested a hundred times',
      () => {
        let inner = 'Content-Type: text/plain\n\ndeep\n';
        for (let n = 0; n < 100; n++) {
          inner = `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n${inner}\n--b${n}--\n`;
        }
        return CRLF(`From: a@shop.example\n${inner}`);
      },
    ],
    ['headers of two megabytes', () => simple(`Subject: ${'x'.repeat(2_000_000)}`)],
    [
      'a boundary that never ends',
      () =>
        CRLF(
          `From: a@shop.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nwrite to ${MAIL}`,
        ),
    ],
  ])('%s', async (_, source) => {
    const done = redactDocument(source(), 'a.eml').then(
      ({ bytes }) => everything(bytes),
      (error: { code: string }) => error.code,
    );
    expect(await done).not.toMatch(TRACES);
  });
});

test('a mail is known by how it begins, whatever its name', async () => {
  const source = CRLF(`Received: from x\nFrom: a@shop.example\nSubject: ${MAIL}\n\nHi\n`);
  expect((await examine(source, 'mail.txt')).mediaType).toBe('message/rfc822');
});
