/** Whole documents of the text kinds: gone, and nothing else touched. */
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import type { Options } from './document.ts';
import { examine, redactDocument } from './redact.ts';

async function redact(source: string | Buffer, name: string, options: Options = {}) {
  const redacted = await redactDocument(Buffer.from(source as string), name, options);
  return { ...redacted, text: Buffer.from(redacted.bytes).toString() };
}

test('plain text loses what was found and keeps every other byte', async () => {
  const { text, fileName, items, certificate } = await redact(
    'To a@example.org\r\n\tSSN 123-45-6789\r\nend',
    'note.txt',
  );
  expect(text).toBe('To [REDACTED]\r\n\tSSN [REDACTED]\r\nend');
  expect(fileName).toBe('note_redacted.txt');
  expect(items.map(({ value }) => value)).toEqual(['a@****rg', '12****89']);
  expect(certificate).toMatchObject({ removed: { email: 1, ssn: 1 }, rounds: 1 });
});

test('what shows late goes wherever it stands, and nothing else does', async () => {
  const options = { terms: ['/Project/', 'Bluebird'], entities: ['iban'] };
  const { text } = await redact(
    'One line\nOn ProjectBluebird\nthree\n\nOf Bluebirds and Bluebird-like things\n',
    'a.txt',
    options,
  );
  expect(text).toBe(
    'One line\nOn [REDACTED][REDACTED]\nthree\n\nOf Bluebirds and [REDACTED]-like things\n',
  );
});

test('what shows only when the rest is gone goes with it, in one writing', async () => {
  // A word is not looked for within a longer one.
  const options = { terms: ['/Project/', 'Bluebird'], entities: ['iban'] };
  const { text, items, certificate } = await redact('Ask ProjectBluebird today', 'a.txt', options);
  expect(text).toBe('Ask [REDACTED][REDACTED] today');
  expect(items.map(({ location }) => location.startIndex)).toEqual([4, 11]);
  expect(certificate.rounds).toBe(1);
});

test.each<[string, Buffer]>([
  ['UTF-8 with a mark', Buffer.from('\ufeffé a@example.org ü')],
  ['UTF-16LE with a mark', Buffer.from('\ufeffé a@example.org ü', 'utf16le')],
  ['UTF-16BE with a mark', Buffer.from('\ufeffé a@example.org ü', 'utf16le').swap16()],
  ['UTF-16LE without', Buffer.from('some words a@example.org more', 'utf16le')],
  ['Windows-1252', Buffer.from('\xe9\x80 a@example.org \xfc', 'latin1')],
])('the encoding stays: %s', async (_, source) => {
  const { bytes } = await redactDocument(source, 'a.txt');
  const hidden = (encoding: BufferEncoding) => Buffer.from(bytes).toString(encoding);
  expect(hidden('utf8') + hidden('utf16le')).not.toContain('a@example.org');
  const marks = source.subarray(0, 2);
  expect(Buffer.from(bytes).subarray(0, 2)).toEqual(marks);
  const tail = source.subarray(-2);
  expect(Buffer.from(bytes).subarray(-2)).toEqual(tail);
});

test('csv keeps its separator, quotes and line ends, and headings say what stands below', async () => {
  const { text, items } = await redact(
    'hue;customerSSN;"no te"\r\nred;123456789;"said ""hi"" to b@x.org; twice"\r\nAl;;"x"',
    'a.csv',
  );
  expect(text).toBe(
    'hue;customerSSN;"no te"\r\nred;[REDACTED];"said ""hi"" to [REDACTED]; twice"\r\nAl;;"x"',
  );
  expect(items.map(({ location }) => location.cell)).toEqual(['B2', 'C2']);
});

test('two cells never make one number', async () => {
  const { items } = await redact('a,b\n41111111,11111111\n41111111\n11111111\n', 'a.csv');
  expect(items).toEqual([]);
});

test('json still parses, with numbers that went as strings and escapes seen through', async () => {
  const { text } = await redact(
    '{"ssn": 123456789, "m": "bob\\u0040x.org", "n": [1, 2.5e3], "q": "\\"a\\" \\\\"}',
    'a.json',
  );
  expect(JSON.parse(text)).toEqual({
    ssn: '[REDACTED]',
    m: '[REDACTED]',
    n: [1, 2500],
    q: '"a" \\',
  });
  expect(text).toBe(
    '{"ssn": "[REDACTED]", "m": "[REDACTED]", "n": [1, 2.5e3], "q": "\\"a\\" \\\\"}',
  );
});

test('html: a name goes where its program broke the line and indented the rest', async () => {
  const source = '<td>before Ann\n\t\t\t\tExample\n      after</td>';
  const { bytes } = await redactDocument(Buffer.from(source), 'a.html', { terms: ['Ann Example'] });
  expect(Buffer.from(bytes).toString()).toBe('<td>before [REDACTED]\n      after</td>');
});

test('html: tags, references, attributes, comments, scripts and data addresses hide nothing', async () => {
  const { text } = await redact(
    '<!doctype html><meta name="author" content="B"><a href="mailto:bob%40x.org">b<b>ob</b>&#64;x.org</a>' +
      '<!-- 123-45-6789 --><script>var s="987-65-4321"</script><img src="data:image/png;base64,AAAA" alt="c@x.org"><p>1 &lt; 2</p>',
    'a.html',
  );
  expect(text).not.toMatch(/bob|ob<|x\.org|123-45|987-65|AAAA|content="B"/);
  expect(text).toContain('<p>1 &lt; 2</p>');
  expect(text).toContain('<a href="mailto:[REDACTED]">');
});

test('markdown: a backslash hides nothing', async () => {
  const { text } = await redact('Mail *bob\\_b@x.org* or &#99;@x.org', 'a.md');
  expect(text).toBe('Mail *[REDACTED]* or [REDACTED]');
});

test('stand-ins are the same for the same value, however it is written', async () => {
  const { text, mapping } = await redact(
    '4111 1111 1111 1111, a@x.org, 4111-1111-1111-1111, b@x.org',
    'a.txt',
    {
      method: 'anonymize',
    },
  );
  expect(text).toBe('[CARD_1], [EMAIL_1], [CARD_1], [EMAIL_2]');
  expect(mapping).toHaveLength(3);
});

test('realistic stand-ins look real, and are not found again', async () => {
  const { text } = await redact(
    'a@x.org 203.0.113.200 4111111111111111 123-45-6789 GB82WEST12345698765432 +1 415 555 2671',
    'a.txt',
    { method: 'anonymize', style: 'realistic' },
  );
  expect(text).toMatch(
    /^person\d{5}@example\.(?:com|org|net) (?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3} [45]\d{15} 9\d\d-[1-4]\d-\d{4} GB\d\dXXXX\d{14} \+1 \d{3} 555 01\d\d$/,
  );
});

test('pci-dss keeps the first six and last four of a card when anonymizing', async () => {
  const { text } = await redact('card 4111111111111111', 'a.txt', {
    framework: 'pci-dss',
    method: 'anonymize',
  });
  expect(text).toBe('card [CARD_1: 411111******1111]');
});

test.each([
  ['an empty file', Buffer.alloc(0), 'a.txt', 'unreadable_file'],
  [
    'bytes that are no text',
    Buffer.from([0, 1, 2, 3, 0xff, 0xfe]),
    'a.bin',
    'unsupported_file_type',
  ],
  [
    'rich text, whose letters are written otherwise',
    Buffer.from('{\\rtf1 x}'),
    'a.txt',
    'unsupported_file_type',
  ],
  ['a broken PDF', Buffer.from('%PDF-1.7\nnothing'), 'a.pdf', 'unreadable_file'],
  ['a zip that is cut off', Buffer.from('PK\x03\x04nothing'), 'a.docx', 'unreadable_file'],
  [
    'a zip of something else',
    Buffer.from(zipSync({ 'a.txt': new Uint8Array(1) })),
    'a.docx',
    'unsupported_file_type',
  ],
])('refused: %s', async (_, bytes, name, code) => {
  await expect(examine(bytes, name)).rejects.toMatchObject({ code });
});

test('the type is taken from the content: a PDF named .txt is one', async () => {
  await expect(examine(Buffer.from('%PDF-1.4\n'), 'a.txt')).rejects.toMatchObject({
    code: 'unreadable_file',
  });
});
