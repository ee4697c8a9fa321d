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
import autocannon from 'autocannon';
import Fastify from 'fastify';
import { ADMIN, freePort, startProcess } from '../test/harness/process.ts';

const CONNECTIONS = [32, 256];
const ROUNDS = 3;
const ROUND_S = 2;

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

interface Runner {
  name: string;
  url: string;
  headers: Record<string, string>;
  bodies: string[];
  rates: Map<number, number[]>;
  latencies: Map<number, { p50: number; p99: number }>;
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
    const runners = [
      runner('bare Fastify', `http://127.0.0.1:${port}/check`, '', null),
      runner('check', `${server.url}/gate/api/v1/check`, key, null),
      runner('check of a flow', `${server.url}/gate/api/v1/check`, key, flow),
    ];
    for (const one of runners) await answering(one);
    for (const one of runners) await load(one, 32, 1);
    for (const one of runners) one.rates.clear();
    for (const connections of CONNECTIONS) {
      for (let round = 0; round < ROUNDS; round++) {
        for (const one of runners) await load(one, connections, ROUND_S);
      }
    }
    report(runners);
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

function runner(name: string, url: string, key: string, flow: number | null): Runner {
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
  return { name, url, headers, bodies, rates: new Map(), latencies: new Map() };
}

async function answering({ url, headers, bodies }: Runner): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const init = { method: 'POST', headers, body: bodies[0] };
    const answer = await fetch(url, init).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${url} does not answer`);
}

async function load(one: Runner, connections: number, duration: number): Promise<void> {
  const { url, headers, bodies } = one;
  const requests = bodies.map((body) => ({ method: 'POST' as const, headers, body }));
  const result = await autocannon({ url, connections, duration, requests });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${one.name}: ${result.non2xx} others, ${result.errors} errors`);
  }
  one.rates.set(connections, [
    ...(one.rates.get(connections) ?? []),
    result['2xx'] / result.duration,
  ]);
  one.latencies.set(connections, { p50: result.latency.p50, p99: result.latency.p99 });
}

function report(runners: Runner[]): void {
  const [bare] = runners;
  for (const connections of CONNECTIONS) {
    process.stdout.write(`\n${connections} connections\n`);
    for (const { name, rates, latencies } of runners) {
      const rate = median(rates.get(connections) ?? []);
      const floor = median(bare?.rates.get(connections) ?? []);
      const { p50 = 0, p99 = 0 } = latencies.get(connections) ?? {};
      process.stdout.write(
        `  ${name.padEnd(16)} ${String(Math.round(rate)).padStart(7)}/s  ratio ${(rate / floor).toFixed(2)}  p50 ${p50} ms  p99 ${p99} ms\n`,
      );
    }
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
