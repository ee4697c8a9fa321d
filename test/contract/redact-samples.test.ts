/**
 * The original's own Python, Node and shell, run against the server as they stand. The Node sample
 * gives the package `form-data` to `fetch`, which only `node-fetch` ever took: so that is its fetch.
 */
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { strToU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { lines, pdfFile } from '../corpus/redact/pdf-file.ts';
import { readOriginal, runProgram } from '../harness/samples.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

const SECRET = '536-22-8726';
let server: TestServer;
let key: string;
let folder: string;

beforeAll(async () => {
  server = await startTestServer();
  key = await server.key('redact');
});
afterAll(() => server.stop());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloakroom-samples-'));
  const file = pdfFile({ pages: [lines(`SSN ${SECRET}`)] });
  for (const name of ['document.pdf', 'doc1.pdf', 'doc2.pdf'])
    await writeFile(join(folder, name), file);
  return () => rm(folder, { recursive: true, force: true });
});

/** A sample by its first and last lines, for our server and key. */
function sample(start: string, end: string): string {
  const original = readOriginal('003');
  const from = original.indexOf(start);
  const to = original.indexOf(end, from) + end.length;
  if (from < 0 || to < from) throw new Error('the reference has no such sample');
  return original
    .slice(from, to)
    .replaceAll('https://your-domain.com', `${server.url}/redact`)
    .replaceAll(/clk_live_x+/g, key);
}

async function expectRedacted(name: string): Promise<void> {
  const file = await readFile(join(folder, name));
  expect(file.subarray(0, 5).toString()).toBe('%PDF-');
  expect(file.includes(SECRET)).toBe(false);
}

test('curl redacts a document', async () => {
  const command = sample('curl -X POST https://your-domain.com/api/v1/redact', '"method=redact"');
  await writeFile(join(folder, 'run.sh'), `${command} -s -o out.pdf`);
  await runProgram('bash', ['run.sh'], { cwd: folder });
  await expectRedacted('out.pdf');
});

test('curl scans a document', async () => {
  const command = sample('curl -X POST https://your-domain.com/api/v1/scan', '"framework=pii"');
  const out = await runProgram('bash', ['-c', `${command} -s`], { cwd: folder });
  expect(JSON.parse(out)).toMatchObject({
    success: true,
    items: [{ type: 'ssn', value: '53****26' }],
  });
});

test('curl creates a batch job', async () => {
  const command = sample('curl -X POST https://your-domain.com/api/v1/jobs', 'webhook"')
    .replace('doc2.docx', 'doc2.pdf')
    .replace('files=@doc3.xlsx', 'files=@doc1.pdf')
    .replace('https://your-server.com/webhook', 'https://example.com/webhook');
  const out = await runProgram('bash', ['-c', `${command} -s`], { cwd: folder });
  expect(JSON.parse(out)).toMatchObject({ success: true, status: 'pending', documentCount: 3 });
});

test('the Python sample', async () => {
  const script = sample('import requests', 'out.write(response.content)')
    .replace('\nresponse = requests', '\n    response = requests')
    .replace('\nout.write', '\n    out.write');
  await runProgram('python3', ['-c', script], { cwd: folder });
  await expectRedacted('document_redacted.pdf');
});

test('the Node sample', async () => {
  const script = sample('const FormData = require("form-data");', 'Buffer.from(buffer));');
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await writeFile(
    join(folder, 'sample.cjs'),
    `globalThis.fetch = require('node-fetch');\n(async () => {\n${script}\n})();`,
  );
  await runProgram(process.execPath, ['sample.cjs'], { cwd: folder });
  await expectRedacted('document_redacted.pdf');
});

test('the shell sample of a batch: create, poll, download', async () => {
  await copyFile(join(folder, 'doc1.pdf'), join(folder, 'doc2.pdf'));
  const script = sample(
    '# Create batch job',
    'download \\\n-H "Authorization: Bearer clk_live_xxx"',
  ).replace('sleep 5', 'sleep 1');
  await writeFile(join(folder, 'run.sh'), `${script} > all.zip`);
  expect(await runProgram('bash', ['run.sh'], { cwd: folder })).toContain('Job complete!');
  const entries = unzipSync(await readFile(join(folder, 'all.zip')));
  expect(Object.keys(entries)).toEqual(['doc1_redacted.pdf', 'doc2_redacted.pdf']);
  const secret = Buffer.from(strToU8(SECRET));
  for (const bytes of Object.values(entries))
    expect(Buffer.from(bytes).includes(secret)).toBe(false);
});
