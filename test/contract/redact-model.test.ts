/** A server with a model of one's own, and one that is told of a model that cannot be used. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docxFile, paragraph } from '../corpus/redact/office-file.ts';
import { writeModel } from '../corpus/redact/onnx-model.ts';
import { cli, startProcess } from '../harness/process.ts';
import { startTestServer } from '../harness/server.ts';
import { clientOf } from './redact-client.ts';

const SENTENCE = 'then the gearbox was repaired in time';
let dir: string;
let model: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'model-'));
  model = join(dir, 'model');
  await writeModel(model, { words: { gearbox: 'B-PER' } });
});
afterAll(() => rm(dir, { recursive: true }));

test('what only the model knows is found and taken out, in calls and in jobs', async () => {
  const server = await startTestServer({ env: { CLOAKROOM_NER_MODEL: model } });
  try {
    const client = clientOf(server, await server.key('redact'));
    const file = docxFile(paragraph(SENTENCE));
    const scanned = await client.post('/scan', { files: [['file', 'a.docx', file]] });
    expect(await scanned.json()).toMatchObject({
      items: [{ type: 'name', location: { startIndex: 9, endIndex: 16 } }],
    });
    const redacted = await client.post('/redact', { files: [['file', 'a.txt', SENTENCE]] });
    expect(await redacted.text()).toBe('then the [REDACTED] was repaired in time');
    const made = await client.post('/jobs', { files: [['files', 'a.txt', SENTENCE]] });
    const { jobId } = (await made.json()) as { jobId: string };
    const job = async () => (await client.call('GET', `/jobs/${jobId}`)).json();
    await expect
      .poll(job, { timeout: 50_000, interval: 200 })
      .toMatchObject({ status: 'completed', documents: [{ itemsDetected: 1 }] });
  } finally {
    await server.stop();
  }
});

test('a server does not start with a model that it cannot use, and says why', async () => {
  const broken = join(dir, 'broken');
  await writeModel(broken, { words: { gearbox: 'B-PER' } });
  await writeFile(join(broken, 'model.onnx'), 'no model');
  for (const [folder, why] of [
    [join(dir, 'none'), 'there is no config.json'],
    [broken, 'the model cannot be loaded'],
  ] as const) {
    const env = { CLOAKROOM_NER_MODEL: folder };
    const said = await startProcess({ dataDir: join(dir, 'data'), env }).catch(
      ({ message }) => message,
    );
    expect(said).toMatch(/the server ended at its start/);
    expect(said).toContain(`CLOAKROOM_NER_MODEL: ${why}`);
    const { code, stdout } = await cli(join(dir, 'data'), ['doctor'], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(new RegExp(`FAIL +model of names +${why}`));
  }
  const { stdout } = await cli(join(dir, 'data'), ['doctor'], { CLOAKROOM_NER_MODEL: model });
  expect(stdout).toMatch(/ok +model of names/);
}, 180_000);
