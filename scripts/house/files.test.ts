/** House rules that a compiler cannot keep: length and names of files, where SQL may stand. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter(Boolean);
const code = files.filter((file) => /^(src|test|bench|scripts)\/.*\.ts$/.test(file));
/** Tables of facts and texts are as long as the world is. */
const isData = (file: string) => /(^|\/)data\/|\.data\.ts$|\.generated\.ts$/.test(file);

test('no file of code is longer than 500 lines', () => {
  const long = code.filter(
    (file) => !isData(file) && readFileSync(file, 'utf8').split('\n').length > 501,
  );
  expect(long).toEqual([]);
});

test('file names are kebab-case and say what is in them', () => {
  const odd = code.filter(
    (file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/.test(basename(file)),
  );
  const empty = code.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/.test(file));
  expect([...odd, ...empty]).toEqual([]);
});

test('a folder holds about a dozen files, tests beside them not counted', () => {
  const counts = new Map<string, number>();
  for (const file of code.filter((f) => f.startsWith('src/') && !/\.test\.ts$/.test(f))) {
    counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  }
  expect([...counts].filter(([, count]) => count > 16)).toEqual([]);
});

test('every file of the product begins with a paragraph that says what it is for', () => {
  const bare = code.filter(
    (file) =>
      file.startsWith('src/') &&
      !file.endsWith('.test.ts') &&
      !/^(#!.*\n)?\/(\*\*|\/)/.test(readFileSync(file, 'utf8')),
  );
  expect(bare).toEqual([]);
});

test('SQL stands only in stores, the kernel and migrations', () => {
  const statement =
    /\b(SELECT\s[\s\S]{1,200}?\sFROM|INSERT INTO|DELETE FROM|UPDATE\s+\w+(\.\w+)?\s+SET)\s/;
  const astray = code.filter(
    (file) =>
      /^src\/(services|intel|account|cli)\//.test(file) &&
      !/(^|[/-])store(\.ts$|\/)|\.test\.ts$/.test(file) &&
      statement.test(readFileSync(file, 'utf8')),
  );
  expect(astray).toEqual([]);
});

test('only config.ts reads the environment', () => {
  const readers = code.filter(
    (file) =>
      file.startsWith('src/') &&
      file !== 'src/config.ts' &&
      !file.endsWith('.test.ts') &&
      /process\.env\b/.test(readFileSync(file, 'utf8')),
  );
  expect(readers).toEqual([]);
});

test('no test is skipped, set aside or alone', () => {
  const tests = code.filter(
    (file) => file.endsWith('.test.ts') && !file.startsWith('scripts/house'),
  );
  const aside = tests.filter((file) =>
    /\b(it|test|describe)\.(skip|todo|only|skipIf|runIf)\b/.test(readFileSync(file, 'utf8')),
  );
  expect(aside).toEqual([]);
});

test('the lock file names no host', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
});
