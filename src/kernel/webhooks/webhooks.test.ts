/** Webhooks from the event to the receiver, through the real queue and a real HTTP server. */
import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestDatabase } from '../../../test/harness/database.ts';
import { createAudit } from '../audit/audit.ts';
import type { Database } from '../db/index.ts';
import { createJobs, type Jobs } from '../jobs/index.ts';
import { Keyring } from '../keyring.ts';
import { createWebhooks, type WebhookDelivery, type Webhooks } from './webhooks.ts';

interface Received {
  headers: IncomingMessage['headers'];
  body: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Long past, so that whatever is to wait until then is due at once: retries need no waiting here. */
const START = new Date('2020-01-01T00:00:00Z').getTime();
const clock = { at: START, now: () => new Date(clock.at) };
const audit = createAudit({ clock });

let database: Database;
let jobs: Jobs;
let webhooks: Webhooks;
let receiver: Server;
let receiverUrl: string;
let received: Received[];
/** What the receiver answers, one a request; the last one stays. */
let answers: number[];
let organizationId: string;
let serial = 0;

beforeAll(async () => {
  database = await openTestDatabase();
  const log = pino({ level: 'silent' });
  jobs = createJobs({ database, log, clock });
  const keyring = new Keyring(randomBytes(32));
  const deps = { database, keyring, jobs, clock, log, audit, allowPrivate: true };
  webhooks = createWebhooks({ ...deps, random: () => 0 });
  webhooks.work(jobs);
  await jobs.start();
  receiver = createServer(async (request, response) => {
    const body = (await request.toArray()).join('');
    received.push({ headers: request.headers, body });
    const status = answers.length > 1 ? answers.shift() : answers[0];
    // Whoever fails is asked again at the time that the message then shows.
    clock.at += HOUR_MS;
    response.writeHead(status ?? 200).end(`answer ${status}`);
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});

afterAll(async () => {
  await jobs.stop();
  receiver.close();
  receiver.closeAllConnections();
  await database.close();
});

beforeEach(() => {
  organizationId = `org_${++serial}`;
  received = [];
  answers = [200];
});

const db = () => database.db;
const tx = <T>(work: Parameters<typeof database.tx<T>>[0]) => database.tx(work);

function endpoint(types: string[] = ['*'], url = receiverUrl) {
  return tx((t) => webhooks.createEndpoint(t, organizationId, { url, types }, 'user:1'));
}

const PAYLOAD = { event: 'job.completed', jobId: 'job_1' };
function emit(url?: string, type: 'job.completed' | 'click.fraud' = 'job.completed') {
  return tx((t) => webhooks.emit(t, { organizationId, type, payload: PAYLOAD, url }));
}

const deliveries = () => webhooks.listDeliveries(db(), organizationId, { limit: 100 });

async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (let round = 0; round < 600; round++) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('it did not happen within 30 s');
}

/** The organization's only delivery, once it has ended. */
const ended = () =>
  until(async () => (await deliveries()).find(({ status }) => status !== 'pending'));

function isSignedWith(secret: string, { headers, body }: Received): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const signature = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(signature);
}

describe('an event', () => {
  test('reaches the endpoint, signed with its secret, the body as it was given', async () => {
    const { secret } = await endpoint(['job.completed']);
    const before = clock.at;
    await emit();
    const delivery = await ended();
    expect(received).toHaveLength(1);
    const [message] = received as [Received];
    expect(message.body).toBe(JSON.stringify(PAYLOAD));
    expect(message.headers['webhook-id']).toBe(delivery.id);
    expect(Number(message.headers['webhook-timestamp'])).toBe(before / 1000);
    expect(isSignedWith(secret, message)).toBe(true);
    expect(delivery).toMatchObject({
      ...{ status: 'delivered', type: 'job.completed', url: receiverUrl, nextAttemptAt: null },
      attempts: [{ number: 1, status: 200, error: null, response: 'answer 200' }],
    });
  });

  test('is sent to every active endpoint of the organization that asks for it, and no other', async () => {
    const wanting = [await endpoint(['job.completed', 'job.failed']), await endpoint(['*'])];
    await endpoint(['click.fraud']);
    const off = await endpoint();
    await tx((t) =>
      webhooks.updateEndpoint(t, organizationId, off.endpoint.id, { isActive: false }, 'user:1'),
    );
    const mine = organizationId;
    organizationId = 'org_stranger';
    await endpoint();
    organizationId = mine;
    await emit();
    const all = await deliveries();
    expect(new Set(all.map(({ endpointId }) => endpointId))).toEqual(
      new Set(wanting.map((one) => one.endpoint.id)),
    );
    await until(async () => received.length === 2);
  });

  test('with an address of its own goes there, signed with the organization’s secret', async () => {
    await endpoint();
    await emit(`${receiverUrl}?own`);
    await ended();
    const secret = await tx((t) => webhooks.secret(t, organizationId, null));
    expect(received).toHaveLength(1);
    expect(isSignedWith(secret, received[0] as Received)).toBe(true);
    expect(await deliveries()).toMatchObject([{ endpointId: null, url: `${receiverUrl}?own` }]);
  });

  test('whose cause is rolled back is never sent', async () => {
    await endpoint();
    const failing = tx(async (t) => {
      await webhooks.emit(t, { organizationId, type: 'job.failed', payload: {} });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await deliveries()).toEqual([]);
  });

  test('may be one of many that are emitted together', async () => {
    await endpoint(['click.fraud']);
    const events = Array.from({ length: 30 }, (_, n) => ({
      ...{ organizationId, type: 'click.fraud' as const, payload: { n } },
    }));
    await tx((t) => webhooks.emit(t, events));
    await until(async () => received.length === 30);
    expect(new Set(received.map(({ body }) => JSON.parse(body).n)).size).toBe(30);
  });

  test('is not to be read in the database', async () => {
    await endpoint();
    await emit();
    const { rows } = await sql<{ payload: Buffer }>`
      SELECT payload FROM core.webhook_deliveries
      WHERE organization_id = ${organizationId}`.execute(db());
    expect(rows[0]?.payload.includes('job_1')).toBe(false);
    await ended();
  });
});

describe('a receiver that fails', () => {
  test('is asked again until it succeeds, with the same id and a fresh signature', async () => {
    const { secret } = await endpoint();
    answers = [500, 302, 200];
    await emit();
    const delivery = await ended();
    expect(delivery.status).toBe('delivered');
    expect(delivery.attempts.map(({ status }) => status)).toEqual([500, 302, 200]);
    expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set([delivery.id]),
    );
    expect(new Set(received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3);
    expect(received.every((message) => isSignedWith(secret, message))).toBe(true);
    expect(await webhooks.listEndpoints(db(), organizationId)).toMatchObject([
      { failingSince: null },
    ]);
  });

  test('is given up after eight tries, and sent to again when asked', async () => {
    await endpoint();
    answers = [500];
    await emit();
    const failed = await ended();
    expect(failed).toMatchObject({ status: 'failed', nextAttemptAt: null });
    expect(failed.attempts).toHaveLength(8);
    answers = [200];
    await tx((t) => webhooks.resend(t, organizationId, failed.id, 'user:1'));
    const again = await until(async () =>
      (await deliveries()).find(({ status }) => status === 'delivered'),
    );
    expect(again.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(received.at(-1)?.headers['webhook-id']).toBe(failed.id);
  });

  test('with 410 is switched off at once, which the audit log tells', async () => {
    const made = await endpoint();
    answers = [410];
    await emit();
    expect(await ended()).toMatchObject({ status: 'failed', attempts: [{ status: 410 }] });
    const get = () => webhooks.getEndpoint(db(), organizationId, made.endpoint.id);
    expect(await get()).toMatchObject({ isActive: false, disabledReason: 'gone' });
    const [entry] = await audit.list(db(), organizationId, { limit: 1 });
    expect(entry).toMatchObject({
      ...{ actor: 'system', action: 'webhook_endpoint.disabled', details: { reason: 'gone' } },
      target: `webhook_endpoint:${made.endpoint.id}`,
    });
    await emit();
    const [delivery, ...more] = await deliveries();
    expect(more).toEqual([]);
    const resend = () =>
      tx((t) => webhooks.resend(t, organizationId, delivery?.id ?? '', 'user:1'));
    await expect(resend()).rejects.toMatchObject({ code: 'conflict' });
    await tx((t) =>
      webhooks.updateEndpoint(t, organizationId, made.endpoint.id, { isActive: true }, 'user:1'),
    );
    expect(await get()).toMatchObject({ isActive: true, disabledReason: null, failingSince: null });
    await resend();
    await expect(resend()).rejects.toMatchObject({ code: 'conflict' });
    await until(async () => received.length === 2);
  });

  test('for five days with no success between is switched off', async () => {
    const made = await endpoint();
    const get = () => webhooks.getEndpoint(db(), organizationId, made.endpoint.id);
    answers = [500];
    await emit();
    await ended();
    expect(await get()).toMatchObject({ isActive: true, failingSince: expect.any(Date) });
    clock.at += 5 * DAY_MS;
    await emit();
    await until(async () => !(await get()).isActive);
    expect(await get()).toMatchObject({ disabledReason: 'failing' });
    // What was still to be sent is given up, not kept for ever.
    await until(async () => (await deliveries()).every(({ status }) => status === 'failed'));
  });

  test('is nobody’s matter but its own: an address in a request is never switched off', async () => {
    const { endpoint: other } = await endpoint(['click.fraud']);
    answers = [410];
    await emit(receiverUrl);
    expect(await ended()).toMatchObject({ status: 'failed', attempts: [{ status: 410 }] });
    expect(await webhooks.getEndpoint(db(), organizationId, other.id)).toMatchObject({
      isActive: true,
    });
  });
});

test('a receiver that does not answer keeps nobody else waiting', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const { endpoint: slow } = await endpoint(['click.fraud'], `http://127.0.0.1:${port}/`);
  const slowOrganization = organizationId;
  const events = Array.from({ length: 20 }, () => ({
    ...{ organizationId, type: 'click.fraud' as const, payload: {} },
  }));
  await tx((t) => webhooks.emit(t, events));
  organizationId = `org_${++serial}`;
  await endpoint();
  await emit();
  await until(async () => received.length === 1);
  await tx((t) => webhooks.deleteEndpoint(t, slowOrganization, slow.id, 'user:1'));
  silent.close();
  silent.closeAllConnections();
});

describe('secrets', () => {
  test('after a rotation the old one signs along for a day, then no more', async () => {
    const made = await endpoint();
    const rotate = () =>
      tx((t) => webhooks.rotateSecret(t, organizationId, made.endpoint.id, 'user:1'));
    const secret = await rotate();
    expect(secret).not.toBe(made.secret);
    await emit();
    await until(async () => received.length === 1);
    expect(isSignedWith(secret, received[0] as Received)).toBe(true);
    expect(isSignedWith(made.secret, received[0] as Received)).toBe(true);
    clock.at += DAY_MS;
    await emit();
    await until(async () => received.length === 2);
    expect(isSignedWith(secret, received[1] as Received)).toBe(true);
    expect(isSignedWith(made.secret, received[1] as Received)).toBe(false);
    expect(await tx((t) => webhooks.secret(t, organizationId, made.endpoint.id))).toBe(secret);
  });

  test('are one for all who ask for an organization’s first one at once', async () => {
    const asked = Array.from({ length: 10 }, () =>
      tx((t) => webhooks.secret(t, organizationId, null)),
    );
    expect(new Set(await Promise.all(asked)).size).toBe(1);
  });

  test('are not to be read in the database', async () => {
    const { secret } = await endpoint();
    const { rows } = await sql<{ sealed: Buffer }>`
      SELECT sealed FROM core.webhook_secrets
      WHERE organization_id = ${organizationId}`.execute(db());
    expect(rows).toHaveLength(1);
    expect(rows[0]?.sealed.includes(secret)).toBe(false);
    expect(rows[0]?.sealed.includes(Buffer.from(secret.slice(6), 'base64'))).toBe(false);
  });
});

describe('bad input is refused with the field named', () => {
  test.each([
    ['url', { url: 'ftp://example.com', types: ['*'] }],
    ['url', { url: 'https://a:b@example.com', types: ['*'] }],
    ['types', { url: 'https://example.com', types: [] }],
    ['types', { url: 'https://example.com', types: ['job.completd'] }],
    ['description', { url: 'https://example.com', types: ['*'], description: 'x'.repeat(501) }],
  ])('%s', async (field, input) => {
    const creating = tx((t) => webhooks.createEndpoint(t, organizationId, input, 'user:1'));
    await expect(creating).rejects.toMatchObject({
      ...{ code: 'invalid_request', fields: { [field]: [expect.any(String)] } },
    });
    expect(await webhooks.listEndpoints(db(), organizationId)).toEqual([]);
  });

  test('a private address, when registered and when changed to', async () => {
    const strict = createWebhooks({
      ...{ database, keyring: new Keyring(randomBytes(32)), jobs, clock, audit },
      ...{ log: pino({ level: 'silent' }), allowPrivate: false },
      resolve: async () => [{ address: '10.0.0.1', family: 4 }],
    });
    const url = 'https://intranet.example/hook';
    const fault = { code: 'invalid_request', fields: { url: [expect.stringMatching(/private/)] } };
    const creating = tx((t) =>
      strict.createEndpoint(t, organizationId, { url, types: ['*'] }, 'user:1'),
    );
    await expect(creating).rejects.toMatchObject(fault);
    const made = await endpoint();
    const changing = tx((t) =>
      strict.updateEndpoint(t, organizationId, made.endpoint.id, { url }, 'user:1'),
    );
    await expect(changing).rejects.toMatchObject(fault);
  });

  test('a 51st endpoint', async () => {
    for (let n = 0; n < 50; n++) await endpoint();
    await expect(endpoint()).rejects.toMatchObject({ code: 'plan_limit', extra: { limit: 50 } });
  });
});

test('another organization’s ids are not found, whatever is asked of them', async () => {
  const { endpoint: theirs } = await endpoint();
  await emit();
  const delivery = await ended();
  const me = 'org_curious';
  const asked: ((t: ReturnType<typeof db>) => Promise<unknown>)[] = [
    (t) => webhooks.getEndpoint(t, me, theirs.id),
    (t) => webhooks.updateEndpoint(t, me, theirs.id, { description: 'x' }, 'user:2'),
    (t) => webhooks.deleteEndpoint(t, me, theirs.id, 'user:2'),
    (t) => webhooks.secret(t, me, theirs.id),
    (t) => webhooks.rotateSecret(t, me, theirs.id, 'user:2'),
    (t) => webhooks.getDelivery(t, me, delivery.id),
    (t) => webhooks.resend(t, me, delivery.id, 'user:2'),
  ];
  for (const ask of asked) await expect(tx(ask)).rejects.toMatchObject({ code: 'not_found' });
  expect(await webhooks.listEndpoints(db(), me)).toEqual([]);
  expect(await webhooks.listDeliveries(db(), me, { limit: 10 })).toEqual([]);
});

test('an endpoint is changed field by field and goes with its deliveries', async () => {
  const { endpoint: made } = await endpoint(['click.fraud']);
  await emit(undefined, 'click.fraud');
  await ended();
  clock.at += 1000;
  const changed = await tx((t) =>
    webhooks.updateEndpoint(t, organizationId, made.id, { types: ['*', '*'] }, 'user:1'),
  );
  expect(changed).toEqual({ ...made, types: ['*'], updatedAt: clock.now() });
  await tx((t) => webhooks.deleteEndpoint(t, organizationId, made.id, 'user:1'));
  expect(await webhooks.listEndpoints(db(), organizationId)).toEqual([]);
  expect(await deliveries()).toEqual([]);
});

test('deliveries list newest first, page by page, by endpoint and by status', async () => {
  const one = await endpoint(['click.fraud']);
  await endpoint(['job.completed']);
  for (let n = 0; n < 7; n++) await emit(undefined, 'click.fraud');
  await emit();
  await until(async () => (await deliveries()).every(({ status }) => status === 'delivered'));
  const seen: WebhookDelivery[] = [];
  for (let before: string | undefined; ; before = seen.at(-1)?.id) {
    const page = await webhooks.listDeliveries(db(), organizationId, {
      ...{ limit: 3, before, endpointId: one.endpoint.id, status: 'delivered' },
    });
    if (page.length === 0) break;
    seen.push(...page);
  }
  expect(seen).toHaveLength(7);
  expect(seen.map(({ id }) => id)).toEqual(
    seen
      .map(({ id }) => id)
      .sort()
      .reverse(),
  );
  const query = { limit: 3, status: 'failed' } as const;
  expect(await webhooks.listDeliveries(db(), organizationId, query)).toEqual([]);
});

test('what ended a month ago is swept, what is younger or pending stays', async () => {
  await endpoint();
  await emit();
  await ended();
  await webhooks.sweep();
  expect(await deliveries()).toHaveLength(1);
  clock.at += 31 * DAY_MS;
  expect(await webhooks.sweep()).toBeGreaterThanOrEqual(1);
  expect(await deliveries()).toEqual([]);
});
