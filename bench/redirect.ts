/**
 * Redirects a second with the click durable before the answer, as a ratio to a bare `node:http` 302
 * and a bare Fastify 302. All three take turns, several times, in processes of their own under the
 * same requests (256 visitors), so that what else the machine does falls on all alike.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import Fastify from 'fastify';
import { ADMIN, freePort, startProcess } from '../test/harness/process.ts';

const CONNECTIONS = [32, 256];
const ROUNDS = 3;
const ROUND_S = 2;
const DESTINATION = 'https://shop.example/landing?c=0';
const VISITORS = Array.from({ length: 256 }, (_, index) => ({
  headers: {
    'x-forwarded-for': `92.184.${index}.${index}`,
    'user-agent': `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${120 + (index % 20)}.0.0.0 Safari/537.36`,
  },
}));

const [peer, peerPort] = process.argv.slice(2);
if (peer === 'http') bareHttp(Number(peerPort));
else if (peer === 'fastify') await bareFastify(Number(peerPort));
else await measure();

function bareHttp(port: number): void {
  createServer((_request, response) => {
    response.writeHead(302, { location: DESTINATION }).end();
  }).listen(port, '127.0.0.1');
}

async function bareFastify(port: number): Promise<void> {
  const app = Fastify();
  app.get('/c/:uuid', (_request, reply) => reply.redirect(DESTINATION, 302));
  await app.listen({ port, host: '127.0.0.1' });
}

interface Runner {
  name: string;
  url: string;
  rates: Map<number, number[]>;
  latencies: Map<number, { p50: number; p99: number }>;
}

async function measure(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-redirect-'));
  const peers: ChildProcess[] = [];
  const server = await startProcess({
    dataDir,
    env: { CLOAKROOM_TRUSTED_PROXIES: '127.0.0.1' },
  });
  try {
    const path = await makeLink(server.url);
    const runners: Runner[] = [];
    for (const name of ['http', 'fastify']) {
      const port = await freePort();
      peers.push(spawn(process.execPath, [import.meta.filename, name, String(port)]));
      runners.push(runner(`bare ${name === 'http' ? 'node:http' : 'Fastify'}`, port, path));
    }
    runners.push(runner('cloakroom', Number(new URL(server.url).port), path));
    await Promise.all(runners.map(({ url }) => answering(url)));
    for (const one of runners) await load(one, 32, 1);
    for (const one of runners) one.rates.clear();
    for (const connections of CONNECTIONS) {
      for (let round = 0; round < ROUNDS; round++) {
        for (const one of runners) await load(one, connections, ROUND_S);
      }
    }
    report(runners);
  } finally {
    for (const child of peers) child.kill();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function runner(name: string, port: number, path: string): Runner {
  return { name, url: `http://127.0.0.1:${port}${path}`, rates: new Map(), latencies: new Map() };
}

async function makeLink(url: string): Promise<string> {
  const post = async (path: string, body: unknown, token = '') => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { token: string; data: { uuid: string } };
  };
  const { token } = await post('/track/api/v1/auth/token', ADMIN);
  const campaign = {
    name: 'bench',
    destination_url: 'https://shop.example/landing?c={clickid}',
    cost_model: 'cpc',
    cost_value: 0.5,
  };
  const { data } = await post('/track/api/v1/campaigns', campaign, token);
  return `/c/${data.uuid}`;
}

async function answering(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await fetch(url, { redirect: 'manual' }).catch(() => null);
    if (answer?.status === 302) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${url} does not redirect`);
}

async function load(one: Runner, connections: number, duration: number): Promise<void> {
  const result = await autocannon({ url: one.url, connections, duration, requests: VISITORS });
  const redirected = result['3xx'];
  if (result.non2xx !== redirected || result.errors > 0) {
    throw new Error(
      `${one.name} answered ${result.non2xx - redirected} others, ${result.errors} errors`,
    );
  }
  one.rates.set(connections, [...(one.rates.get(connections) ?? []), redirected / result.duration]);
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
        `  ${name.padEnd(14)} ${String(Math.round(rate)).padStart(7)}/s  ratio ${(rate / floor).toFixed(2)}  p50 ${p50} ms  p99 ${p99} ms\n`,
      );
    }
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
