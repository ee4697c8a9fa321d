/** The next hop and the name servers at their worst: slow, silent, gone. */
import { readdir } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer, type TestServerOptions } from '../harness/server.ts';
import { mailClient, until } from './mail-client.ts';

let server: TestServer | undefined;
let hop: Server;
/** Says what the hop has held back, once it is told to. */
let release: () => void = () => {};
const taken: string[] = [];
const sockets = new Set<Socket>();

/** A hop that answers a recipient only when it is released. */
beforeAll(async () => {
  hop = createServer((socket) => {
    sockets.add(socket);
    let isData = false;
    socket.setEncoding('utf8').on('error', () => {});
    socket.write('220 slow\r\n');
    socket.on('data', (text: string) => {
      if (isData) {
        taken.push(text);
        if (text.includes('\r\n.\r\n')) {
          isData = false;
          socket.write('250 ok\r\n');
        }
      } else if (text.startsWith('RCPT')) release = () => void socket.write('250 ok\r\n');
      else if (text.startsWith('DATA')) {
        isData = true;
        socket.write('354 go on\r\n');
      } else socket.write('250 ok\r\n');
    });
  });
  await new Promise<void>((done) => hop.listen(0, '127.0.0.1', done));
});
afterEach(() => server?.stop());
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  hop.close();
});

async function start(env: TestServerOptions['env']) {
  server = await startTestServer({ env: { CLOAKROOM_MAIL_DOMAIN: 'm.example.com', ...env } });
  return { server, client: mailClient(server, await server.key('mail')) };
}

test('a hop that takes its time: the request is answered `queued`, and the message goes out once', async () => {
  const port = (hop.address() as AddressInfo).port;
  const { client } = await start({ CLOAKROOM_SMTP_URL: `smtp://127.0.0.1:${port}` });
  const { id } = await client.newAlias();
  const { status, body } = await client.send(id);
  expect([status, body]).toMatchObject([201, { status: 'queued', sentAt: null }]);
  const read = async () => {
    const log = (await client.call('GET', `/emails?id=${body['id']}`)).body['emails'];
    return (log as unknown as { status: string; sentAt: string | null }[])[0];
  };
  expect(await read()).toMatchObject({ status: 'queued' });
  release();
  await until(async () => (await read())?.status === 'sent');
  expect((await read())?.sentAt).toEqual(expect.any(String));
  expect(taken.filter((text) => text.includes(`Message-ID: <${body['id']}@`))).toHaveLength(1);
});

test('a hop that is not there is a temporary failure', async () => {
  const { client } = await start({ CLOAKROOM_SMTP_URL: 'smtp://127.0.0.1:9' });
  const { id } = await client.newAlias();
  expect((await client.send(id)).body).toMatchObject({
    ...{ status: 'queued', sentAt: null, error: expect.stringMatching(/no connection/) },
  });
});

test('name servers that are away: nothing counts as delivered, and no domain as lost', async () => {
  const { server: own, client } = await start({ CLOAKROOM_DNS_SERVERS: '127.0.0.1:9' });
  const { id } = await client.newAlias();
  expect((await client.send(id)).body).toMatchObject({
    ...{ status: 'queued', error: expect.stringMatching(/^4\.4\.3 the name servers did not/) },
  });
  expect(await readdir(join(own.dataDir, 'mailbox')).catch(() => [])).toEqual([]);
  const { body } = await client.call('POST', '/domains', { name: 'away.example.org' });
  const { pool } = own.kernel.database;
  await pool.query('UPDATE mail.domains SET verified_at = now() WHERE id = $1', [body['id']]);
  const verified = await client.call('POST', `/domains/verify?id=${body['id']}`);
  expect(verified.body).toMatchObject({ isVerified: true });
  const records = verified.body['records'] as unknown as { status: string; problem: string }[];
  expect(records).toHaveLength(6);
  for (const { status, problem } of records)
    expect([status, problem]).toEqual(['unknown', expect.stringMatching(/did not answer/)]);
});
