import { promises as dns } from 'node:dns';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { movableClock } from '../../../../test/harness/account-half.ts';
import { type DnsServer, startDnsServer } from '../../../../test/harness/dns-server.ts';
import { type SmtpSink, startSmtpSink } from '../../../../test/harness/smtp-sink.ts';
import { makeCertificate } from '../inbound/certificate.ts';
import { isServerOf, readPolicy } from './mta-sts.ts';
import { mxTransport } from './mx-transport.ts';

const HOST = 'mx.rcpt.example';
const RAW = Buffer.from('From: a@m.example\r\nMessage-ID: <1@m.example>\r\n\r\nHi');
const ENVELOPE = { from: 'b-1@m.example', to: 'friend@rcpt.example' };
const clock = movableClock();
// TLS goes by the real clock.
const MADE = new Date(Date.now() - 86_400_000);
const ofServer = makeCertificate(HOST, MADE);
const ofPolicy = makeCertificate('mta-sts.rcpt.example', MADE);
const ofStranger = makeCertificate('mx.evil.example', MADE);
const ca = ofServer.cert + ofPolicy.cert + ofStranger.cert;

let names: DnsServer;
let good: SmtpSink;
let stranger: SmtpSink;
let plain: SmtpSink;
let policyServer: Server;
let fetches = 0;
let respond: (response: ServerResponse) => void;
const resolver = new dns.Resolver({ timeout: 2000, tries: 2 });

beforeAll(async () => {
  [names, good, stranger, plain] = await Promise.all([
    startDnsServer(),
    startSmtpSink(0, ofServer),
    startSmtpSink(0, ofStranger),
    startSmtpSink(),
  ]);
  resolver.setServers([names.address]);
  policyServer = createServer(ofPolicy, (request, response) => {
    fetches++;
    if (request.url === '/.well-known/mta-sts.txt') respond(response);
    else response.writeHead(404).end();
  });
  // At every loopback address.
  policyServer.listen(0, '0.0.0.0');
  await once(policyServer, 'listening');
});
beforeEach(() => {
  for (const map of [names.a, names.mx, names.txt]) map.clear();
  for (const sink of [good, stranger, plain]) sink.messages.length = 0;
  names.mx.set('rcpt.example', [[10, HOST]]);
  names.a.set(HOST, ['127.0.0.1']);
  names.a.set('mta-sts.rcpt.example', ['127.0.0.1']);
  names.txt.set('_mta-sts.rcpt.example', ['v=STSv1; id=20261121T100000;']);
  fetches = 0;
  publish('enforce', `mx: ${HOST}`);
});
afterAll(async () => {
  await new Promise((done) => policyServer.close(done));
  await Promise.all([names.stop(), good.stop(), stranger.stop(), plain.stop()]);
});

const answer = (body: string, type = 'text/plain; charset=utf-8', status = 200) => {
  respond = (response) => void response.writeHead(status, { 'content-type': type }).end(body);
};
function publish(mode: string, mx: string, maxAgeS = 86_400): void {
  answer(`version: STSv1\r\nmode: ${mode}\r\n${mx}\r\nmax_age: ${maxAgeS}\r\n`);
}
function sender(sink: SmtpSink, isAllowed: (address: string) => boolean = () => true) {
  const { port } = policyServer.address() as AddressInfo;
  return mxTransport(resolver, { clock, ca, isAllowed, ports: { smtp: sink.port, https: port } });
}

describe('a domain that enforces its policy', () => {
  test('is written to over TLS whose certificate holds', async () => {
    expect(await sender(good).send(ENVELOPE, RAW)).toEqual({ kind: 'taken' });
    expect(good.messages).toMatchObject([{ to: [ENVELOPE.to], secure: true }]);
  });

  test.each([
    ["a server that shows another's certificate", () => stranger],
    ['a server that offers no TLS', () => plain],
  ])('is not written to through %s: the message waits', async (_what, sinkOf) => {
    const handed = await sender(sinkOf()).send(ENVELOPE, RAW);
    expect(handed).toMatchObject({
      kind: 'deferred',
      reason: expect.stringMatching(/^4\.7\.0 MTA-STS/),
    });
    expect(sinkOf().messages).toEqual([]);
  });

  test('is not written to through a server that DNS names and the policy does not', async () => {
    publish('enforce', 'mx: *.mail.rcpt.example');
    const handed = await sender(good).send(ENVELOPE, RAW);
    expect(handed).toMatchObject({ kind: 'deferred', reason: expect.stringMatching(/policy/) });
    expect(good.messages).toEqual([]);
  });

  test('is held to it by a sender that knows it, while its DNS and its host are silent, until it ends', async () => {
    const transport = sender(plain);
    expect(await transport.send(ENVELOPE, RAW)).toMatchObject({ kind: 'deferred' });
    names.txt.clear();
    clock.advance(86_000);
    expect(await transport.send(ENVELOPE, RAW)).toMatchObject({ kind: 'deferred' });
    names.txt.set('_mta-sts.rcpt.example', ['v=STSv1; id=new']);
    answer('gone', 'text/plain', 500);
    expect(await transport.send(ENVELOPE, RAW)).toMatchObject({ kind: 'deferred' });
    expect(plain.messages).toEqual([]);
    clock.advance(1000);
    expect(await transport.send(ENVELOPE, RAW)).toEqual({ kind: 'taken' });
  });

  test('is asked again only when its record shows another id', async () => {
    const transport = sender(plain);
    for (let i = 0; i < 3; i++) await transport.send(ENVELOPE, RAW);
    expect(fetches).toBe(1);
    publish('none', '');
    names.txt.set('_mta-sts.rcpt.example', ['v=STSv1; id=2']);
    expect(await transport.send(ENVELOPE, RAW)).toEqual({ kind: 'taken' });
    expect(fetches).toBe(2);
  });
});

test.each(['testing', 'none'])('the mode %s holds no message up', async (mode) => {
  publish(mode, 'mx: other.example');
  expect(await sender(stranger).send(ENVELOPE, RAW)).toEqual({ kind: 'taken' });
});

test.each<[string, () => void]>([
  ['is of another type', () => answer('version: STSv1', 'text/html')],
  ['leads elsewhere', () => answer('', 'text/plain', 302)],
  [
    'is endless',
    () => answer(`version: STSv1\nmode: enforce\nmx: a.b\nmax_age: 1\n${'x'.repeat(70_000)}`),
  ],
  ['is no policy', () => answer('hello')],
])('what %s is no policy, and is not asked for again at once', async (_what, prepare) => {
  prepare();
  const transport = sender(plain);
  for (let i = 0; i < 2; i++)
    expect(await transport.send(ENVELOPE, RAW)).toEqual({ kind: 'taken' });
  expect(fetches).toBe(1);
});

test.each([
  ['two records', ['v=STSv1; id=1', 'v=STSv1; id=2']],
  ['a record without an id', ['v=STSv1;']],
])('%s announce no policy', async (_what, records) => {
  names.txt.set('_mta-sts.rcpt.example', records);
  expect(await sender(plain).send(ENVELOPE, RAW)).toEqual({ kind: 'taken' });
  expect(fetches).toBe(0);
});

test('a policy host at an address that is not allowed, or with a certificate that does not hold, is not heard', async () => {
  names.a.set('mta-sts.rcpt.example', ['127.0.0.2']);
  const transport = sender(plain, (address) => address === '127.0.0.1');
  expect(await transport.send(ENVELOPE, RAW)).toEqual({ kind: 'taken' });
  expect(fetches).toBe(0);
  names.txt.set('_mta-sts.other.example', ['v=STSv1; id=1']);
  names.mx.set('other.example', [[10, HOST]]);
  names.a.set('mta-sts.other.example', ['127.0.0.1']);
  const to = { ...ENVELOPE, to: 'friend@other.example' };
  expect(await sender(plain).send(to, RAW)).toEqual({ kind: 'taken' });
  expect(fetches).toBe(0);
});

test.each([
  ['version: STSv1\nmode: enforce\nmx: A.example\nmx: *.b.example\nmax_age: 60', true],
  ['max_age: 99999999999\nversion: STSv1\nmode: none', false],
  ['version: STSv1\nmode: none\nmax_age: 60', true],
  ['version: STSv1\nmode: enforce\nmax_age: 60', false],
  ['version: STSv2\nmode: none\nmax_age: 60', false],
  ['version: STSv1\nmode: perhaps\nmx: a\nmax_age: 60', false],
  ['version: STSv1\nmode: testing\nmx: a\nmax_age: -1', false],
  ['', false],
])('%j is a policy: %s', (text, isOne) => {
  expect(readPolicy(text) !== null).toBe(isOne);
});

test('a star stands for one label', () => {
  const policy = { mode: 'enforce' as const, mx: ['a.example', '*.b.example'], maxAgeS: 60 };
  const servers = [
    'a.example',
    'A.example.',
    'x.b.example',
    'b.example',
    'x.y.b.example',
    'example',
  ];
  expect(servers.map((host) => isServerOf(policy, host))).toEqual([
    ...[true, true, true],
    ...[false, false, false],
  ]);
});
