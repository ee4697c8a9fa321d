/**
 * A data directory on a disk that is full: who cannot be served is told so in the service's own
 * words, what was acknowledged stays, and once there is room everything works again by itself.
 * The disk is a small one in memory, so this test is run by root.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServerProcess, startProcess } from '../harness/process.ts';
import { type Answer, allRows, call, click, eventually, type Prepared, prepare } from './load.ts';

const DISK = '256m';
const MOST_REQUESTS = 3_000;

let disk: string;
let dataDir: string;
let server: ServerProcess;
let owner: Prepared;

beforeAll(async () => {
  disk = await mkdtemp(join(tmpdir(), 'fault-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK},mode=700`, 'cloakroom-test', disk]);
  dataDir = join(disk, 'data');
  server = await startProcess({ dataDir });
  owner = await prepare(server, dataDir);
});
afterAll(async () => {
  await server?.stop();
  execFileSync('umount', [disk]);
  await rm(disk, { recursive: true });
});

/** Takes all the room that is left. */
function fillDisk(): void {
  const file = openSync(join(disk, 'ballast'), 'w');
  for (let sizeBytes = 1 << 20; sizeBytes >= 1; sizeBytes >>= 1) {
    try {
      for (;;) if (writeSync(file, Buffer.alloc(sizeBytes)) < sizeBytes) break;
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
  }
  closeSync(file);
}

const makeRoom = () => rm(join(disk, 'ballast'));
const acked = { clicks: [] as string[], aliases: [] as string[], jobs: [] as string[] };

function makeAlias(key: string = randomUUID()): Promise<Answer> {
  const headers = { 'idempotency-key': key };
  const request = { method: 'POST', token: owner.mailKey, body: {}, headers };
  return call(`${server.url}/mail/api/v1/aliases`, request);
}

function sendFile(): Promise<Answer> {
  const body = new FormData();
  body.append('files', new Blob(['write to anna@example.com. '.repeat(20_000)]), 'letter.txt');
  const request = { method: 'POST', token: owner.redactKey, body };
  return call(`${server.url}/redact/api/v1/jobs`, request);
}

async function serveAll(): Promise<void> {
  const alias = await makeAlias();
  expect(alias.status).toBe(201);
  acked.aliases.push(String(alias.body['id']));
  const job = await sendFile();
  expect(job).toMatchObject({ body: { jobId: expect.any(String) } });
  acked.jobs.push(String(job.body['jobId']));
  const { id } = await click(owner.link);
  expect(id).not.toBeNull();
  acked.clicks.push(id ?? '');
}

/** Aliases until one is refused; the refused one's key, to be sent again. */
async function aliasesUntilRefused(): Promise<{ key: string; answer: Answer }> {
  for (let count = 0; count < MOST_REQUESTS; count++) {
    const key = randomUUID();
    const answer = await makeAlias(key);
    if (answer.status !== 201) return { key, answer };
    acked.aliases.push(String(answer.body['id']));
  }
  throw new Error(`${MOST_REQUESTS} aliases were made on a full disk`);
}

test('a full disk refuses in words, loses nothing, and is forgotten once there is room', async () => {
  await serveAll();
  fillDisk();

  const upload = await sendFile();
  expect(upload.status).toBe(503);
  expect(JSON.stringify(upload.body)).not.toMatch(/ENOSPC|errno|stack/i);
  const refused = await aliasesUntilRefused();
  expect(refused.answer).toMatchObject({
    ...{ status: 503, body: { status: 503, error: expect.stringMatching(/again/) } },
  });
  expect(Number(refused.answer.headers.get('retry-after'))).toBeGreaterThan(0);
  // The journal's room was taken beforehand: links go on.
  const { id } = await click(owner.link);
  expect(id).not.toBeNull();
  acked.clicks.push(id ?? '');
  expect((await call(`${server.url}/healthz`, {})).status).toBe(200);

  await makeRoom();
  const isBack = async () => (await call(`${server.url}/readyz`, {})).status === 200;
  expect(await eventually(isBack)).toBe(true);
  const again = await makeAlias(refused.key);
  expect(again.status).toBe(201);
  acked.aliases.push(String(again.body['id']));
  await serveAll();
  await expectAllThereOnce();
}, 200_000);

async function expectAllThereOnce(): Promise<void> {
  const aliasesUrl = `${server.url}/mail/api/v1/aliases?limit=100&offset=OFFSET`;
  const aliases = await allRows(aliasesUrl, owner.mailKey, 'aliases');
  expect(aliases.map((row) => String(row['id'])).sort()).toEqual(acked.aliases.toSorted());

  const jobsUrl = `${server.url}/redact/api/v1/jobs?limit=100&offset=OFFSET`;
  const jobs = () => allRows(jobsUrl, owner.redactKey, 'jobs');
  const isWorkedOff = async () => (await jobs()).every((row) => row['status'] === 'completed');
  // Redact answers sixty requests a minute.
  expect(await eventually(isWorkedOff, 2_000)).toBe(true);
  expect((await jobs()).map((row) => String(row['id'])).sort()).toEqual(acked.jobs.toSorted());

  const clicksUrl = `${server.url}/track/api/v1/clicks?campaign_id=${owner.campaignId}&per_page=100&page=PAGE`;
  const clicks = async () =>
    (await allRows(clicksUrl, owner.token, 'data')).map((row) => String(row['id']));
  await eventually(async () => (await clicks()).length >= acked.clicks.length);
  expect((await clicks()).sort()).toEqual(acked.clicks.toSorted());
}
