/**
 * Checks a second with the credit taken and the decision recorded before the answer, as a ratio to a
 * bare Fastify that reads the same JSON and echoes an answer of the same size. Both take turns, several
 * times, in processes of their own under the same requests (256 visitors).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { ADMIN, freePort, startProcess } from '../test/harness/process.ts';
import { answering, type Contestant, takeTurns } from './turns/turns.ts';

const answerLike = (ip: string) => ({
  verdict: 'allow',
  score: 0,
  reasons: ['rep_trusted'],
  rule_matched: null,
  country: 'US',
  asn: 7922,
  org: 'Comcast Cable Communications, LLC',
  ip,
  flow_clicks_today: 1,
  credits_remaining: 999_999_999,
});

const [peer, peerPort] = process.argv.slice(2);
if (peer === 'fastify') await bareFastify(Number(peerPort));
else await measure();

async function bareFastify(port: number): Promise<void> {
  const app = Fastify();
  app.post('/check', (request) => answerLike((request.body as { ip: string }).ip));
  await app.listen({ port, host: '127.0.0.1' });
}

async function measure(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-check-'));
  const port = await freePort();
  const bare: ChildProcess = spawn(process.execPath, [
    import.meta.filename,
    'fastify',
    String(port),
  ]);
  const server = await startProcess({ dataDir });
  try {
    const { key, flow } = await account(server.url);
    const contestants = [
      contestant('bare Fastify', `http://127.0.0.1:${port}/check`, '', null),
      contestant('check', `${server.url}/gate/api/v1/check`, key, null),
      contestant('check of a flow', `${server.url}/gate/api/v1/check`, key, flow),
    ];
    await answering(`http://127.0.0.1:${port}/check`);
    await takeTurns(contestants);
  } finally {
    bare.kill();
    if (bare.exitCode === null && bare.signalCode === null) await once(bare, 'exit');
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function account(url: string): Promise<{ key: string; flow: number }> {
  const post = async (path: string, body: unknown, token = '') => {
    const response = await fetch(`${url}/gate/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { token: string; key: string; id: number };
  };
  const { token } = await post('/auth/login', ADMIN);
  const { key } = await post('/keys', { label: 'bench' }, token);
  const flow = {
    ...{ name: 'bench', white_url: 'https://safe.example.com/' },
    ...{ money_url: 'https://offer.example.com/', max_clicks_per_ip_per_day: 1_000_000 },
  };
  return { key, flow: (await post('/flows', flow, token)).id };
}

function contestant(name: string, url: string, key: string, flow: number | null): Contestant {
  const bodies = Array.from({ length: 256 }, (_, i) =>
    JSON.stringify({
      ip: `73.${i}.2.3`,
      ua: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${130 + (i % 20)}.0.0.0 Safari/537.36`,
      url: 'https://offer.example.com/lp?utm_source=fb',
      headers: { 'accept-language': 'en-US,en;q=0.9' },
      flow_id: flow,
    }),
  );
  const headers = { 'content-type': 'application/json', 'x-api-key': key };
  const requests = bodies.map((body) => ({ method: 'POST' as const, headers, body }));
  return { name, url, requests, answers: '2xx' };
}
