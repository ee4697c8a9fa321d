import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { relayTransport } from './transport.ts';

/** A server that says the greeting, then to each command what the table says, else 250. */
async function talk(answers: Record<string, string>) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(`${answers['CONNECT'] ?? '220 ready'}\r\n`);
    socket.on('data', (chunk) => {
      const line = String(chunk);
      const command = Object.keys(answers).find((one) => line.startsWith(one));
      if (command) socket.write(`${answers[command]}\r\n`);
      else if (line.startsWith('DATA')) socket.write('354 go on\r\n');
      else socket.write('250 ok\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay = relayTransport(`smtp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const envelope = { from: 'b-1@m.example', to: 'friend@rcpt.example' };
  try {
    return await relay.send(envelope, Buffer.from('Subject: x\r\n\r\nHi'));
  } finally {
    relay.close();
    server.close();
  }
}

test.each([
  ['an unknown recipient', { RCPT: '550 5.1.1 unknown' }, { kind: 'refused', bounce: 'hard' }],
  ['refused content', { 'Subject:': '554 5.6.0 no' }, { kind: 'refused', bounce: 'hard' }],
  ['a full mailbox', { RCPT: '552 5.2.2 full' }, { kind: 'refused', bounce: 'soft' }],
  ['a refused sender', { MAIL: '550 5.7.1 not you' }, { kind: 'refused', bounce: 'soft' }],
  ['a busy recipient', { RCPT: '450 4.2.1 busy' }, { kind: 'deferred' }],
  ['a lost session', { RCPT: '503 5.5.1 sequence' }, { kind: 'deferred' }],
  ['a refused connection', { CONNECT: '554 5.7.1 blocked' }, { kind: 'deferred' }],
  [
    'a relay that wants to know who we are',
    { EHLO: '530 5.7.0', HELO: '530 5.7.0' },
    { kind: 'deferred' },
  ],
])('%s is told apart from the others', async (_what, answers, expected) => {
  expect(await talk(answers as unknown as Record<string, string>)).toMatchObject(expected);
});

test('the reason names no address', async () => {
  const { reason } = (await talk({ RCPT: '550 5.1.1 <friend@rcpt.example> unknown' })) as {
    reason: string;
  };
  expect(reason).toBe('550 5.1.1 <[address]> unknown');
});
