/**
 * From an event to its receivers. Each delivery is a chain of jobs, one a try: a job that fails in
 * the middle of a try (the process died) is run again, one whose turn has passed does nothing.
 */
import type { Logger } from 'pino';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import type { Db } from '../db/schema.ts';
import { Fault } from '../fault.ts';
import { newId } from '../ids.ts';
import { type Jobs, jobType } from '../jobs/index.ts';
import type { Keyring } from '../keyring.ts';
import * as store from './delivery-store.ts';
import * as endpointStore from './endpoint-store.ts';
import { ALL_TYPES } from './event-types.ts';
import { waitAfterS } from './retry-schedule.ts';
import type { Secrets } from './secrets.ts';
import type { Attempt, Sender } from './sender.ts';
import { signedHeaders } from './signature.ts';
import type { WebhookEvent, Webhooks } from './webhooks.ts';

interface DeliveryDeps {
  database: Database;
  keyring: Keyring;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  audit: Audit;
  secrets: Secrets;
  sender: Sender;
  random?: () => number;
}

type Delivery = Pick<
  Webhooks,
  'emit' | 'listDeliveries' | 'getDelivery' | 'resend' | 'work' | 'sweep'
>;

/** How long ended deliveries can be looked up and sent again. */
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;
/** An endpoint that fails for so long, with no success between, is switched off. */
const FAILING_DAYS = 5;
const PURPOSE = 'webhook-payloads';

const deliver = jobType<store.Turn>('webhooks.deliver', {
  ...{ retryLimit: 10, expireInS: 120, concurrency: 8, perGroup: 2 },
});

export function createDelivery(deps: DeliveryDeps): Delivery {
  const { database, keyring, jobs, clock, audit } = deps;

  return {
    async emit(tx, given) {
      const deliveries = await addressed(tx, [given].flat(), keyring, clock.now());
      if (deliveries.length === 0) return;
      await store.insertDeliveries(tx, deliveries);
      for (const delivery of deliveries) {
        const turn = { id: delivery.id, round: 1, tries: 0 };
        await jobs.send(deliver, turn, { tx, group: groupOf(delivery) });
      }
    },

    listDeliveries: store.listDeliveries,

    async getDelivery(db, organizationId, id) {
      const [found] = await store.listDeliveries(db, organizationId, { id, limit: 1 });
      return found ?? notFound();
    },

    async resend(tx, organizationId, id, actor) {
      const turn = await store.beginRound(tx, organizationId, id, clock.now());
      if (turn === null) return notFound();
      if (!turn) throw new Fault('conflict', 'This delivery is still being tried.');
      const due = await store.readDue(tx, turn);
      if (!due?.endpointIsActive) {
        throw new Fault('conflict', 'The endpoint is switched off. Switch it on first.');
      }
      await jobs.send(deliver, turn, { tx, group: groupOf(due) });
      const target = `webhook_delivery:${id}`;
      await audit.append(tx, { organizationId, actor, action: 'webhook_delivery.resent', target });
    },

    work(on) {
      on.work(deliver, (turn) => take(turn, deps));
    },

    sweep: () =>
      store.deleteFinished(database.db, new Date(clock.now().getTime() - KEPT_DAYS * DAY_MS)),
  };
}

/** Whose turn it is: a receiver that answers slowly keeps only its own messages waiting. */
function groupOf({
  endpointId,
  organizationId,
}: Pick<store.DueDelivery, 'endpointId' | 'organizationId'>): string {
  return endpointId ?? organizationId;
}

/** One delivery for each receiver of each event. */
async function addressed(
  tx: Db,
  events: readonly WebhookEvent[],
  keyring: Keyring,
  now: Date,
): Promise<store.NewDelivery[]> {
  const unaddressed = events.filter(({ url }) => url === undefined);
  const endpoints =
    unaddressed.length === 0
      ? []
      : await endpointStore.endpointsWanting(
          tx,
          [...new Set(unaddressed.map(({ organizationId }) => organizationId))],
          [...new Set(unaddressed.map(({ type }) => type))],
        );
  return events.flatMap(({ organizationId, type, payload, url }) => {
    const body = JSON.stringify(payload);
    const receivers =
      url === undefined
        ? endpoints.filter(
            (endpoint) =>
              endpoint.organizationId === organizationId &&
              (endpoint.types.includes(type) || endpoint.types.includes(ALL_TYPES)),
          )
        : [{ id: null }];
    return receivers.map(({ id: endpointId }) => {
      const id = newId('evt_', now);
      const sealed = keyring.seal(PURPOSE, body, id);
      return {
        ...{ id, organizationId, endpointId, type, createdAt: now },
        ...{ url: url ?? null, payload: sealed },
      };
    });
  });
}

/** One try of a delivery, if it is still its turn. */
async function take(turn: store.Turn, deps: DeliveryDeps): Promise<void> {
  const { database, keyring, clock, secrets, sender } = deps;
  const delivery = await store.readDue(database.db, turn);
  if (!delivery) return;
  if (!delivery.endpointIsActive) {
    await store.giveUp(database.db, turn, clock.now());
    return;
  }
  const { id, organizationId, endpointId, url } = delivery;
  const body = keyring.open(PURPOSE, delivery.payload, id).toString();
  const keys = await secrets.signing(database.db, organizationId, endpointId);
  const timestampS = Math.floor(clock.now().getTime() / 1000);
  const attempt = await sender.post(url, body, signedHeaders({ id, timestampS, body }, keys));
  await database.tx((tx) => conclude(tx, turn, delivery, attempt, deps));
}

/** Writes the attempt down together with what follows from it. */
async function conclude(
  tx: Db,
  turn: store.Turn,
  delivery: store.DueDelivery,
  attempt: Attempt,
  { jobs, clock, random = Math.random, ...deps }: DeliveryDeps,
): Promise<void> {
  const at = clock.now();
  const isDelivered = attempt.error === null;
  const isGone = attempt.status === 410;
  const waitS = isDelivered || isGone ? null : waitAfterS(turn.tries + 1, random());
  const nextAttemptAt = waitS === null ? null : new Date(at.getTime() + waitS * 1000);
  const status = isDelivered ? 'delivered' : nextAttemptAt ? 'pending' : 'failed';
  const isRecorded = await store.recordAttempt(tx, turn, attempt, { status, at, nextAttemptAt });
  if (!isRecorded) return;
  if (nextAttemptAt) {
    const next = { ...turn, tries: turn.tries + 1 };
    await jobs.send(deliver, next, { tx, startAfter: nextAttemptAt, group: groupOf(delivery) });
  }
  if (delivery.endpointId === null) return;
  if (isDelivered) await endpointStore.noteSuccess(tx, delivery.endpointId);
  else
    await judgeEndpoint(tx, delivery.organizationId, delivery.endpointId, isGone, { ...deps, at });
}

/** Switches an endpoint off that is gone for good or has failed for days. */
async function judgeEndpoint(
  tx: Db,
  organizationId: string,
  endpointId: string,
  isGone: boolean,
  { audit, log, at }: Pick<DeliveryDeps, 'audit' | 'log'> & { at: Date },
): Promise<void> {
  const failingSince = await endpointStore.noteFailure(tx, endpointId, at);
  const failingMs = failingSince ? at.getTime() - failingSince.getTime() : 0;
  if (!isGone && failingMs < FAILING_DAYS * DAY_MS) return;
  const reason = isGone ? 'gone' : 'failing';
  if (!(await endpointStore.disableEndpoint(tx, endpointId, reason, at))) return;
  log.warn({ organizationId, endpointId, reason }, 'webhook endpoint switched off');
  await audit.append(tx, {
    ...{ organizationId, actor: 'system', action: 'webhook_endpoint.disabled' },
    ...{ target: `webhook_endpoint:${endpointId}`, details: { reason } },
  });
}

function notFound(): never {
  throw new Fault('not_found', 'There is no such webhook delivery.');
}
