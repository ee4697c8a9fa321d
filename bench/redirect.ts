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
import Fastify from 'fastify';
import { ADMIN, freePort, startProcess } from '../test/harness/process.ts';
import { answering, type Contestant, takeTurns } from './turns/turns.ts';

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

async function measure(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-redirect-'));
  const peers: ChildProcess[] = [];
  const server = await startProcess({
    dataDir,
    env: { CLOAKROOM_TRUSTED_PROXIES: '127.0.0.1' },
  });
  try {
    const path = await makeLink(server.url);
    const contestants: Contestant[] = [];
    for (const name of ['http', 'fastify']) {
      const port = await freePort();
      peers.push(spawn(process.execPath, [import.meta.filename, name, String(port)]));
      contestants.push(contestant(`bare ${name === 'http' ? 'node:http' : 'Fastify'}`, port, path));
    }
    contestants.push(contestant('cloakroom', Number(new URL(server.url).port), path));
    await Promise.all(contestants.map(({ url }) => answering(url)));
    await takeTurns(contestants);
  } finally {
    for (const child of peers) child.kill();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function contestant(name: string, port: number, path: string): Contestant {
  const url = `http://127.0.0.1:${port}${path}`;
  return { name, url, requests: VISITORS, answers: '3xx' };
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
