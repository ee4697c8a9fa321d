/** The commands for documents, on real files. */
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeModel } from '../../test/corpus/redact/onnx-model.ts';
import { renderPdf } from '../../test/corpus/redact/pdf-eye.ts';
import { lines, pdfFile } from '../../test/corpus/redact/pdf-file.ts';
import { cli } from '../../test/harness/process.ts';
import { FRAMEWORK_IDS, METHODS, STYLES } from '../services/redact/index.ts';
import { FRAMEWORK_NAMES, METHOD_NAMES, STYLE_NAMES } from './documents.ts';

const LETTER = resolve(import.meta.dirname, '../../docs/samples/letter.pdf');
const TEXT = 'Mail: ada@example.com\nCard: 4111 1111 1111 1111\nNothing else.\n';
let dir: string;
let file: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cloakroom-cli-'));
  file = join(dir, 'note.txt');
  await writeFile(file, TEXT);
});
afterEach(() => rm(dir, { recursive: true }));

const run = (...args: string[]) => cli(dir, args);

test('the help names what Redact knows', () => {
  expect(FRAMEWORK_NAMES).toEqual(FRAMEWORK_IDS);
  expect(METHOD_NAMES).toEqual(METHODS);
  expect(STYLE_NAMES).toEqual(STYLES);
});

describe('scan', () => {
  test('shows what a document holds, masked, and writes nothing', async () => {
    const { code, stdout, stderr } = await run('scan', file);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^email +ad\*{4}om +page 1/m);
    expect(stdout).toMatch(/^credit_card/m);
    expect(stdout).not.toContain('ada@example.com');
    expect(await readdir(dir)).toEqual(['note.txt']);
  });

  test('gives the whole finding as JSON', async () => {
    const { stdout } = await run('scan', LETTER, '--json');
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ pageCount: 1, mediaType: 'application/pdf' });
    expect(found.summary.totalItems).toBe(found.items.length);
  });

  test('looks for what it is told to', async () => {
    const { stdout } = await run('scan', file, '--entity', 'email', '--json');
    expect(JSON.parse(stdout).summary.byType).toEqual({ email: 1 });
    const without = await run('scan', file, '--exclude', 'email', '--term', 'Nothing', '--json');
    expect(JSON.parse(without.stdout).summary.byType).toMatchObject({ credit_card: 1 });
    expect(JSON.parse(without.stdout).summary.byType).not.toHaveProperty('email');
  });
});

describe('redact', () => {
  test('writes a clean copy beside the document, which stays as it was', async () => {
    const { code, stdout } = await run('redact', file);
    expect(code).toBe(0);
    expect(stdout).toContain('note_redacted.txt');
    const clean = await readFile(join(dir, 'note_redacted.txt'), 'utf8');
    expect(clean).toContain('Nothing else.');
    expect(clean).not.toMatch(/ada@example|4111/);
    expect(await readFile(file, 'utf8')).toBe(TEXT);
    expect((await stat(join(dir, 'note_redacted.txt'))).mode & 0o077).toBe(0);
  });

  test('redacts a PDF where it is told to, with a certificate', async () => {
    await copyFile(LETTER, join(dir, 'letter.pdf'));
    const [out, certificate] = [join(dir, 'clean.pdf'), join(dir, 'clean.json')];
    const { code, stdout } = await run(
      ...['redact', join(dir, 'letter.pdf'), '-o', out, '--certificate', certificate, '--json'],
    );
    expect(code).toBe(0);
    expect((await readFile(out)).subarray(0, 5).toString()).toBe('%PDF-');
    const told = JSON.parse(stdout);
    expect(told.output).toBe(out);
    expect(JSON.parse(await readFile(certificate, 'utf8'))).toEqual(told.certificate);
  });

  test('gives the copy and nothing else to standard output', async () => {
    const { code, stdout, stderr } = await run('redact', file, '-o', '-', '--entity', 'email');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Mail: \S+\nCard: 4111 1111 1111 1111\nNothing else\.\n$/);
    expect(stderr).toMatch(/Removed 1 item/);
    expect(await readdir(dir)).toEqual(['note.txt']);
  });

  test('replaces no file unless forced to', async () => {
    const out = join(dir, 'out.txt');
    await writeFile(out, 'precious');
    const { code, stderr } = await run('redact', file, '-o', out);
    expect(code).toBe(2);
    expect(stderr).toMatch(/there already/);
    expect(await readFile(out, 'utf8')).toBe('precious');
    expect((await run('redact', file, '-o', out, '--force')).code).toBe(0);
    expect(await readFile(out, 'utf8')).toContain('Nothing else.');
  });

  test('leaves nothing half behind where it cannot write', async () => {
    const { code, stderr } = await run('redact', file, '-o', join(dir, 'none', 'out.txt'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/ENOENT/);
    expect(await readdir(dir)).toEqual(['note.txt']);
  });
});

describe('what cannot be read is said in a sentence', () => {
  test.each([
    [['scan', 'FILE.none'], 2, /no file/],
    [['scan', 'DIR'], 2, /is a folder/],
    [['scan', 'FILE', '--framework', 'nope'], 2, /must be one of pii/],
    [['scan', 'FILE', '--entity', 'nope'], 2, /"nope" is no type/],
    [['scan', 'FILE', '--min-confidence', '2'], 2, /number from 0 to 1/],
    [['redact', 'FILE', '--method', 'paint'], 2, /must be one of redact, anonymize/],
    [['scan', 'BROKEN'], 1, /./],
  ] as const)('%j', async (args, code, message) => {
    const broken = join(dir, 'broken.pdf');
    await writeFile(broken, '%PDF-1.7\nnonsense');
    await chmod(broken, 0o600);
    const given = args.map((arg) =>
      arg.replace('BROKEN', broken).replace('FILE', file).replace('DIR', dir),
    );
    const done = await run(...given);
    expect(done).toMatchObject({ code, stdout: '' });
    expect(done.stderr).toMatch(message);
    expect(done.stderr).not.toMatch(/\n +at /);
  });
});

describe('what is set for documents holds here, too', () => {
  /** A picture of a page with a mail address. */
  async function writePicture(): Promise<string> {
    const page = { content: lines('Dear reader,', 'write to', 'jane.doe@example.org'), extra: '' };
    const { width, height, pixels } = await renderPdf(pdfFile({ pages: [page] }), 0, 3);
    const path = join(dir, 'scan.png');
    const image = sharp(Buffer.from(pixels), { raw: { width, height, channels: 1 } });
    await writeFile(path, await image.png().toBuffer());
    return path;
  }

  test('pictures are read in the languages of the settings', async () => {
    const picture = await writePicture();
    // English under a name that nobody ships: it is read only where both settings are heard.
    const data = join(dir, 'languages');
    await mkdir(data);
    const require = createRequire(import.meta.url);
    const shipped = dirname(require.resolve('@tesseract.js-data/eng/package.json'));
    const packed = await readFile(join(shipped, '4.0.0_best_int/eng.traineddata.gz'));
    await writeFile(join(data, 'xyz.traineddata'), gunzipSync(packed));
    const languages = { CLOAKROOM_OCR_LANGUAGES: 'xyz' };
    const read = { ...languages, CLOAKROOM_OCR_DATA_DIR: data };
    const { code, stdout } = await cli(dir, ['scan', picture, '--json'], read);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).summary.byType).toMatchObject({ email: 1 });
    const clean = join(dir, 'clean.png');
    expect((await cli(dir, ['redact', picture, '-o', clean], read)).code).toBe(0);
    const missing = await cli(dir, ['scan', picture], languages);
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(/languages of text recognition are not installed/);
    const wrong = await cli(dir, ['scan', picture], { CLOAKROOM_OCR_LANGUAGES: 'English' });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/CLOAKROOM_OCR_LANGUAGES: write languages as Tesseract/);
  });

  test('a model of names joins in; without its packages it says what to install', async () => {
    await writeFile(file, 'then the gearbox was repaired in time');
    const model = join(dir, 'model');
    await writeModel(model, { words: { gearbox: 'B-PER' } });
    const env = { CLOAKROOM_NER_MODEL: model };
    const { stdout } = await cli(dir, ['scan', file, '--json'], env);
    expect(JSON.parse(stdout).summary.byType).toEqual({ name: 1 });
    expect((await run('scan', file)).stdout).toMatch(/Nothing was found/);
    const hide = `import { registerHooks } from 'node:module';
      registerHooks({ resolve(name, context, next) {
        if (name !== 'onnxruntime-web') return next(name, context);
        throw Object.assign(new Error('hidden'), { code: 'ERR_MODULE_NOT_FOUND' });
      } });`;
    const preload = `--import=data:text/javascript,${encodeURIComponent(hide)}`;
    const without = await cli(dir, ['scan', file], { ...env, NODE_OPTIONS: preload });
    expect(without).toMatchObject({ code: 1, stdout: '' });
    expect(without.stderr).toMatch(/CLOAKROOM_NER_MODEL: .*npm install onnxruntime-web/);
    expect((await cli(dir, ['scan', file], { NODE_OPTIONS: preload })).code).toBe(0);
  });

  test('what else a server is set up with may be wrong', async () => {
    const env = { PORT: 'none', DATABASE_URL: 'nowhere', CLOAKROOM_SMTP_TLS_KEY: '/none' };
    expect((await cli(dir, ['scan', file], env)).code).toBe(0);
    expect((await cli(dir, ['redact', file], env)).code).toBe(0);
    expect((await cli(dir, ['inspect', LETTER], env)).code).toBe(0);
  });
});
