import { promises as dns } from 'node:dns';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DnsServer, startDnsServer } from '../../../../test/harness/dns-server.ts';
import { type SmtpSink, startSmtpSink } from '../../../../test/harness/smtp-sink.ts';
import { systemClock } from '../../../kernel/clock.ts';
import { mxTransport } from './mx-transport.ts';

let sink: SmtpSink;
let names: DnsServer;
const resolver = new dns.Resolver({ timeout: 300, tries: 1 });

beforeAll(async () => {
  [sink, names] = await Promise.all([startSmtpSink(), startDnsServer()]);
  resolver.setServers([names.address]);
});
beforeEach(() => {
  for (const map of [names.a, names.mx, names.txt]) map.clear();
  sink.messages.length = 0;
});
afterAll(async () => {
  await Promise.all([sink.stop(), names.stop()]);
});

const RAW = Buffer.from('From: a@m.example\r\nMessage-ID: <1@m.example>\r\n\r\nHi');
const ENVELOPE = { from: 'b-1@m.example', to: 'friend@rcpt.example' };
const near = (more: object = {}) => ({
  ...{ clock: systemClock, ports: { smtp: sink.port, https: 9 } },
  ...more,
});
const sendNear = () => mxTransport(resolver, near({ isAllowed: () => true })).send(ENVELOPE, RAW);

test('the server of the lowest preference number takes it; one that is dead is passed over', async () => {
  names.mx.set('rcpt.example', [
    [20, 'mx2.rcpt.example'],
    [10, 'mx1.rcpt.example'],
  ]);
  names.a.set('mx1.rcpt.example', ['127.0.0.9']); // nobody listens there
  names.a.set('mx2.rcpt.example', ['127.0.0.1']);
  expect(await sendNear()).toEqual({ kind: 'taken' });
  expect(sink.messages).toMatchObject([{ from: ENVELOPE.from, to: [ENVELOPE.to] }]);
});

test('a domain without an MX is its own server', async () => {
  names.a.set('rcpt.example', ['127.0.0.1']);
  expect(await sendNear()).toEqual({ kind: 'taken' });
});

test('a domain that does not exist, or takes no mail, is a hard bounce', async () => {
  expect(await sendNear()).toMatchObject({ kind: 'refused', bounce: 'hard' });
  names.mx.set('rcpt.example', [[0, '']]);
  expect(await sendNear()).toMatchObject({
    kind: 'refused',
    reason: expect.stringMatching(/7505/),
  });
});

test('name servers that do not answer are a temporary failure', async () => {
  const deaf = new dns.Resolver({ timeout: 100, tries: 1 });
  deaf.setServers(['127.0.0.1:9']);
  const handed = await mxTransport(deaf, near()).send(ENVELOPE, RAW);
  expect(handed).toMatchObject({ kind: 'deferred', reason: expect.stringMatching(/4\.4\.3/) });
});

test.each(['127.0.0.1', '10.1.2.3', '169.254.169.254', '0.0.0.0'])(
  'an MX that leads to %s is not connected to',
  async (address) => {
    names.mx.set('rcpt.example', [[10, 'mx.rcpt.example']]);
    names.a.set('mx.rcpt.example', [address]);
    const handed = await mxTransport(resolver, near()).send(ENVELOPE, RAW);
    expect(handed).toMatchObject({ kind: 'deferred', reason: expect.stringMatching(/public/) });
    expect(sink.messages).toEqual([]);
  },
);
