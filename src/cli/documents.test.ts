/** The commands for documents, on real files. */
import { chmod, copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
