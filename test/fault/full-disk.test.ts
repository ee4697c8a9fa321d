/**
 * A disk that is full, for real: the data directory on a small tmpfs. Everything that cannot be kept
 * is refused with a clear error, nothing that was acknowledged is lost, and with room it goes on.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN, type ServerProcess, startProcess } from '../harness/process.ts';
import { clientOf, eventually, keyOf } from './client.ts';

let dataDir: string;
let server: ServerProcess;
const { ask, must } = clientOf(() => server);

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'full-disk-'));
  // Needs root, which CI is.
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=0700', 'tmpfs', dataDir]);
  server = await startProcess({ dataDir });
});
afterAll(async () => {
  await server.stop();
  execFileSync('umount', [dataDir]);
  await rm(dataDir, { recursive: true, force: true });
});

/** Takes what room is left, to the last byte. */
async function fill(): Promise<void> {
  const block = Buffer.alloc(1024 * 1024, 1);
  for (let i = 0, size = block.length; size >= 1; i++) {
    try {
      await writeFile(join(dataDir, `ballast-${i}`), block.subarray(0, size), { flag: 'wx' });
    } catch {
      size = Math.floor(size / 4);
    }
  }
}

test('a full disk refuses clearly, loses nothing acknowledged, and ends when there is room', async () => {
  const token = String((await must('POST', '/account/api/v1/auth/token', '', ADMIN)).body['token']);
  const redactKey = await keyOf(dataDir, 'redact');
  const { body } = await must('POST', '/track/api/v1/campaigns', token, {
    name: 'disk',
    destination_url: 'https://example.com/?c={clickid}',
  });
  const { uuid, id } = body['data'] as { uuid: string; id: number };
  const acked = new Set<string>();
  const click = async () => {
    const answer = await must('GET', `/c/${uuid}`, '');
    const clickId = answer.status === 302 && /c=(clk_\w+)/.exec(answer.location ?? '')?.[1];
    if (clickId) acked.add(clickId);
    return answer.status;
  };
  const upload = () => {
    const form = new FormData();
    form.append('files', new Blob(['x'.repeat(3_000_000)]), 'large.txt');
    return must('POST', '/redact/api/v1/jobs', redactKey, form);
  };

  for (let i = 0; i < 50; i++) expect(await click()).toBe(302);
  await fill();
  const refusedUpload = await upload();
  expect(refusedUpload.status).toBe(503);
  expect(refusedUpload.body).toMatchObject({ error: 'service_unavailable' });
  // The journal has room of its own for a while; in the end it, too, has to say no.
  let refused = 0;
  for (let i = 0; i < 100_000 && refused < 20; i++) {
    const status = await click();
    if (status !== 302) refused++;
    expect([302, 503, 507]).toContain(status);
    if (i % 2000 === 1999) await fill();
  }

  execFileSync('bash', ['-c', `rm -f ${dataDir}/ballast-*`]);
  expect(await eventually(async () => (await ask('GET', '/readyz', ''))?.status === 200)).toBe(
    true,
  );
  expect(await eventually(async () => (await click()) === 302)).toBe(true);
  expect(await eventually(async () => (await upload()).status < 300)).toBe(true);
  const count = async () => {
    const { body: stats } = await must('GET', `/track/api/v1/campaigns/${id}/stats`, token);
    return Number((stats['data'] as { clicks?: number } | undefined)?.clicks ?? 0);
  };
  expect(await eventually(async () => (await count()) >= acked.size)).toBe(true);
  // An unacknowledged click may have been kept; an acknowledged one must be, once.
  for (const clickId of [...acked].filter((_, i) => i % 100 === 0)) {
    expect((await must('GET', `/track/api/v1/clicks/${clickId}`, token)).status).toBe(200);
  }
}, 240_000);
