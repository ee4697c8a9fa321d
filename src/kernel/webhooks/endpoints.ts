/** The addresses that an organization wants its events sent to, and who may change them. */
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Db } from '../db/schema.ts';
import { Fault, invalidField } from '../fault.ts';
import { newId } from '../ids.ts';
import * as store from './endpoint-store.ts';
import { ALL_TYPES, WEBHOOK_TYPES } from './event-types.ts';
import type { Secrets } from './secrets.ts';
import type { WebhookEndpoint, Webhooks } from './webhooks.ts';

interface EndpointsDeps {
  clock: Clock;
  audit: Audit;
  secrets: Secrets;
  checkUrl: Webhooks['checkUrl'];
}

type Endpoints = Pick<
  Webhooks,
  | 'createEndpoint'
  | 'listEndpoints'
  | 'getEndpoint'
  | 'updateEndpoint'
  | 'deleteEndpoint'
  | 'secret'
  | 'rotateSecret'
>;

const MAX_ENDPOINTS = 50;
const MAX_DESCRIPTION_LENGTH = 500;

export function createEndpoints({ clock, audit, secrets, checkUrl }: EndpointsDeps): Endpoints {
  const note = (tx: Db, organizationId: string, actor: string, action: string, id: string) =>
    audit.append(tx, { organizationId, actor, action, target: `webhook_endpoint:${id}` });

  const mustFind = async (db: Db, organizationId: string, id: string, options = {}) =>
    (await store.findEndpoint(db, organizationId, id, options)) ?? notFound();

  return {
    async createEndpoint(tx, organizationId, { url, types, description = '' }, actor) {
      checkTypes(types);
      checkDescription(description);
      await checkUrl(url, 'url');
      const now = clock.now();
      if ((await store.listEndpoints(tx, organizationId)).length >= MAX_ENDPOINTS) {
        const message = `An organization can have ${MAX_ENDPOINTS} webhook endpoints. Delete one first.`;
        throw new Fault('plan_limit', message, { extra: { limit: MAX_ENDPOINTS } });
      }
      const fields = { url, description, types: unique(types), createdAt: now };
      const endpoint = await store.insertEndpoint(tx, organizationId, {
        id: newId('we_', now),
        ...fields,
      });
      const secret = await secrets.current(tx, organizationId, endpoint.id);
      await note(tx, organizationId, actor, 'webhook_endpoint.created', endpoint.id);
      return { endpoint, secret };
    },

    listEndpoints: store.listEndpoints,
    getEndpoint: (db, organizationId, id) => mustFind(db, organizationId, id),

    async updateEndpoint(tx, organizationId, id, change, actor) {
      if (change.types) checkTypes(change.types);
      if (change.description !== undefined) checkDescription(change.description);
      if (change.url !== undefined) await checkUrl(change.url, 'url');
      const before = await mustFind(tx, organizationId, id, { lock: true });
      const after = changed(before, change, clock.now());
      const saved = (await store.saveEndpoint(tx, organizationId, after)) ?? notFound();
      await note(tx, organizationId, actor, 'webhook_endpoint.updated', id);
      return saved;
    },

    async deleteEndpoint(tx, organizationId, id, actor) {
      if (!(await store.deleteEndpoint(tx, organizationId, id))) notFound();
      await note(tx, organizationId, actor, 'webhook_endpoint.deleted', id);
    },

    async secret(tx, organizationId, endpointId) {
      if (endpointId !== null) await mustFind(tx, organizationId, endpointId);
      return secrets.current(tx, organizationId, endpointId);
    },

    async rotateSecret(tx, organizationId, endpointId, actor) {
      if (endpointId !== null) await mustFind(tx, organizationId, endpointId);
      const secret = await secrets.rotate(tx, organizationId, endpointId);
      const target = endpointId ?? 'organization';
      await note(tx, organizationId, actor, 'webhook_secret.rotated', target);
      return secret;
    },
  };
}

function changed(
  before: WebhookEndpoint,
  change: Parameters<Webhooks['updateEndpoint']>[3],
  now: Date,
): WebhookEndpoint {
  const { url = before.url, types = before.types, description = before.description } = change;
  const after = { ...before, url, types: unique(types), description, updatedAt: now };
  if (change.isActive === undefined) return after;
  const isActive = change.isActive;
  // Whoever switches an endpoint by hand takes over from the server's own judgement.
  return { ...after, isActive, disabledReason: null, failingSince: null };
}

function checkTypes(types: readonly string[]): void {
  const known: readonly string[] = [...WEBHOOK_TYPES, ALL_TYPES];
  if (types.length === 0)
    throw invalidField('types', 'The types field must name at least one type');
  const wrong = types.find((type) => !known.includes(type));
  if (wrong === undefined) return;
  throw invalidField('types', `The types field must be of: ${known.join(', ')}`);
}

function checkDescription(description: string): void {
  if (description.length <= MAX_DESCRIPTION_LENGTH && !description.includes('\0')) return;
  throw invalidField(
    'description',
    `The description field must be text of at most ${MAX_DESCRIPTION_LENGTH} characters`,
  );
}

function unique(types: readonly string[]): string[] {
  return [...new Set(types)];
}

function notFound(): never {
  throw new Fault('not_found', 'There is no such webhook endpoint.');
}
