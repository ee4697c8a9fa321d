/** The first minute without a domain or a relay: all mail stays in the development mailbox. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type MailClient, mailClient, until } from './mail-client.ts';

let server: TestServer;
let client: MailClient;

beforeAll(async () => {
  server = await startTestServer();
  client = mailClient(server, await server.key('mail'));
});
afterAll(() => server.stop());

async function letters(): Promise<string[]> {
  const dir = join(server.dataDir, 'mailbox');
  const names = await readdir(dir).catch(() => []);
  const whole = names.filter((name) => name.endsWith('.eml'));
  return Promise.all(whole.map((name) => readFile(join(dir, name), 'utf8')));
}

test('a sent message lies there whole, and nobody else on the machine can read it', async () => {
  const { id, email } = await client.newAlias();
  expect(email).toMatch(/@cloakroom\.localhost$/);
  expect((await client.send(id)).body).toMatchObject({ status: 'sent' });
  const [letter] = await letters();
  expect(letter).toMatch(/^Return-Path: <b-.*\r\nDelivered-To: friend@rcpt\.example\r\nDKIM-Sig/);
  expect((await stat(join(server.dataDir, 'mailbox'))).mode & 0o077).toBe(0);
});

test('what comes in reaches the first owner too, whose address is no real one', async () => {
  await server.kernel.database.pool.query(`UPDATE core.users SET email = 'owner@localhost'`);
  const { email } = await client.newAlias();
  const stranger = nodemailer.createTransport({
    ...{ host: '127.0.0.1', port: server.smtpPort, ignoreTLS: true },
  });
  await stranger.sendMail({ from: 'a@b.example', to: email, subject: 'Hi', text: 'first letter' });
  stranger.close();
  const forward = await until(async () =>
    (await letters()).find((one) => one.includes('first letter')),
  );
  expect(forward).toMatch(/^Delivered-To: owner@localhost\r$/m);
});
