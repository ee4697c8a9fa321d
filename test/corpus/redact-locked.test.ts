/** Office files with a password: every cipher and hash of the two kinds, and what must not open. */
import { describe, expect, test } from 'vitest';
import { examine, redactDocument } from '../../src/services/redact/index.ts';
import { agileFile, compound, standardFile } from './redact/locked-file.ts';
import { docxFile, paragraph, pptxFile, slideText, xlsxFile } from './redact/office-file.ts';

const MAIL = 'jane.doe@example.org';
const PASSWORD = 'correct hörse';
const DOCX = docxFile(paragraph(`Write to ${MAIL} today`));
const XLSX = xlsxFile(`<row r="1"><c r="A1" t="inlineStr"><is><t>${MAIL}</t></is></c></row>`);
const PPTX = pptxFile([slideText(`Ask ${MAIL}`)]);
/** More than one piece of 4,096 bytes, the last one not full. */
const LONG = docxFile(
  Array.from({ length: 3000 }, (_, i) => paragraph(`${(i * 7919).toString(36)} `)).join('') +
    paragraph(MAIL),
);

const found = async (bytes: Uint8Array, password?: string) =>
  (await examine(bytes, 'file', { password, entities: ['email'] })).summary.byType;
const refusal = (bytes: Uint8Array, password?: string) =>
  found(bytes, password).catch(({ code, message }) => ({ code, message }));
const refused = (message: RegExp) => ({
  code: 'unreadable_file',
  message: expect.stringMatching(message),
});

describe('agile encryption', () => {
  test.each(
    ([128, 192, 256] as const).flatMap((keyBits) =>
      (['SHA1', 'SHA256', 'SHA384', 'SHA512'] as const).map((hash) => ({ keyBits, hash })),
    ),
  )('opens with its password: %j', async (choice) => {
    const file = agileFile(LONG, PASSWORD, choice);
    expect(file.includes('PK\x03\x04')).toBe(false);
    expect(await found(file, PASSWORD)).toEqual({ email: 1 });
    expect(await refusal(file, 'correct horse')).toEqual(refused(/password does not open/));
  });

  test.each([
    ['another piece in the middle', (sealed: Buffer) => sealed.fill(7, 5000, 5016)],
    ['a package that was cut', (sealed: Buffer) => sealed.subarray(0, -16)],
    [
      'a length that lies',
      (sealed: Buffer) => Buffer.concat([Buffer.alloc(8, 1), sealed.subarray(8)]),
    ],
    ['no package', () => Buffer.alloc(4)],
  ])('%s is noticed', async (_, damage) => {
    const file = agileFile(LONG, PASSWORD, { damage });
    expect(await refusal(file, PASSWORD)).toEqual(refused(/damaged/));
  });

  test.each([
    ['too many rounds', 'spinCount="1000"', 'spinCount="10000000"', /not supported/],
    ['rounds that are no number', 'spinCount="1000"', 'spinCount="many"', /damaged/],
    ['another cipher', 'cipherAlgorithm="AES"', 'cipherAlgorithm="RC2"', /not supported/],
    ['another chaining', 'ChainingModeCBC', 'ChainingModeCFB', /not supported/],
    ['another hash', 'hashAlgorithm="SHA512"', 'hashAlgorithm="MD4"', /not supported/],
    ['no salt', / saltValue="[^"]*"/g, '', /damaged/],
    ['a short key', / encryptedKeyValue="[^"]*"/, ' encryptedKeyValue="AAAA"', /damaged/],
    ['no key of a password', 'spinCount="1000"', '', /no password opens it/],
    ['no XML', '<encryption', '<<', /damaged/],
  ])('%s is refused in words', async (_, from, to, message) => {
    const rewrite = (xml: string) => xml.replaceAll(from as string, to as string);
    const choice =
      from instanceof RegExp ? { rewrite: (xml: string) => xml.replace(from, to) } : { rewrite };
    expect(await refusal(agileFile(DOCX, PASSWORD, choice), PASSWORD)).toEqual(refused(message));
  });
});

describe('standard encryption', () => {
  test.each([128, 192, 256] as const)('of %i bits opens with its password', async (keyBits) => {
    const file = standardFile(LONG, PASSWORD, keyBits);
    expect(await found(file, PASSWORD)).toEqual({ email: 1 });
    expect(await refusal(file, `${PASSWORD} `)).toEqual(refused(/password does not open/));
  });
});

test.each([
  ['docx', DOCX],
  ['xlsx', XLSX],
  ['pptx', PPTX],
])('%s is told by what is within, and given out without its password', async (kind, plain) => {
  for (const locked of [agileFile(plain, PASSWORD), standardFile(plain, PASSWORD)]) {
    const { bytes, fileName, certificate } = await redactDocument(locked, 'report.bin', {
      password: PASSWORD,
    });
    expect(fileName).toBe(`report_redacted.${kind}`);
    expect(certificate).toMatchObject({ format: kind, input: { sizeBytes: locked.length } });
    expect(Buffer.from(bytes.subarray(0, 2)).toString()).toBe('PK');
    expect(await found(bytes)).toEqual({});
  }
});

test('without a password the file says what it wants', async () => {
  for (const file of [agileFile(DOCX, PASSWORD), standardFile(XLSX, PASSWORD)]) {
    expect(await refusal(file)).toEqual(refused(/Send its password in the field "password"/));
    expect(await refusal(file, '')).toEqual(refused(/password does not open/));
  }
});

test('a workbook that Excel opens without asking opens here, too', async () => {
  expect(await found(agileFile(XLSX, 'VelvetSweatshop'))).toEqual({ email: 1 });
});

test('what is within may be no office file', async () => {
  const file = agileFile(Buffer.from([0, 1, 2, 3, 254, 255, 0, 9]), PASSWORD);
  expect(await refusal(file, PASSWORD)).toMatchObject({ code: 'unsupported_file_type' });
});

describe('a compound file', () => {
  test('that is cut off anywhere, or has any byte changed, is refused or read', async () => {
    const file = agileFile(DOCX, PASSWORD, { spinCount: 1 });
    for (let length = 512; length < file.length; length += 512) {
      expect(await refusal(file.subarray(0, length), PASSWORD)).toMatchObject({
        code: expect.stringMatching(/unreadable_file|unsupported_file_type/),
      });
    }
    for (let at = 24; at < 512; at += 4) {
      const other = Buffer.from(file);
      other.writeUInt32LE(at, at);
      expect(await refusal(other)).toMatchObject({
        code: expect.stringMatching(/unreadable_file|unsupported_file_type/),
      });
    }
  });

  test('whose chains go round in circles ends', async () => {
    const file = standardFile(LONG, PASSWORD);
    const fat = (file.readUInt32LE(76) + 1) * 512;
    for (let sector = 0; sector < 128; sector++) file.writeUInt32LE(sector, fat + sector * 4);
    expect(await refusal(file, PASSWORD)).toEqual(refused(/damaged/));
  });

  test('with a package and no word on its encryption is refused', async () => {
    const file = compound({ EncryptedPackage: Buffer.alloc(5000) });
    expect(await refusal(file, PASSWORD)).toEqual(refused(/rights service/));
    const strange = compound({
      EncryptedPackage: Buffer.alloc(5000),
      EncryptionInfo: Buffer.from([4, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    });
    expect(await refusal(strange, PASSWORD)).toEqual(refused(/cipher of its own/));
  });
});

test('an encrypted xls is refused with what to do instead', async () => {
  const beginning = Buffer.from('09081000000605000000000000000000000000ff', 'hex');
  const lock = Buffer.concat([Buffer.from('2f003600010001000100', 'hex'), Buffer.alloc(48, 5)]);
  const file = compound({ Workbook: Buffer.concat([beginning, lock, Buffer.alloc(5000)]) });
  expect(await refusal(file, PASSWORD)).toEqual(refused(/Save it as xlsx/));
  expect(await refusal(file)).toEqual(refused(/Save it as xlsx/));
});
