/** The command that judges documents, on real files. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pdfFile } from '../../test/corpus/redact/pdf-file.ts';
import { cli } from '../../test/harness/process.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cloakroom-cli-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function inspect(content: string, ...args: string[]) {
  const file = join(dir, 'a.pdf');
  await writeFile(file, pdfFile({ pages: [`BT /F1 12 Tf 72 700 Td (Jane Doe) Tj ET ${content}`] }));
  return cli(dir, ['inspect', file, ...args]);
}

const BOX = '0 g 70 695 140 16 re f';

test('a document that hides something ends with 3, and its text is masked', async () => {
  const { code, stdout } = await inspect(BOX);
  expect(code).toBe(3);
  expect(stdout).toContain('1 place(s) hide something');
  expect(stdout).toMatch(/^1 +Ja\*{4}oe +covered/m);
  expect(stdout).not.toContain('Jane Doe');
});

test('the text is shown where it is asked for, as JSON too', async () => {
  const { code, stdout } = await inspect(BOX, '--reveal', '--json');
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    pageCount: 1,
    places: [{ page: 1, reason: 'covered', text: 'Jane Doe' }],
  });
});

test('a document that hides nothing ends with 0', async () => {
  const { code, stdout } = await inspect('');
  expect(code).toBe(0);
  expect(stdout).toContain('Nothing is hidden');
  expect(stdout).toContain('Not looked into');
});

test('what is no PDF fails, and what is not there is a mistake of the caller', async () => {
  const file = join(dir, 'a.txt');
  await writeFile(file, 'text');
  expect((await cli(dir, ['inspect', file])).code).toBe(1);
  expect((await cli(dir, ['inspect', join(dir, 'none.pdf')])).code).toBe(2);
});
