/** Webhooks as the people of an organization manage them: owners and admins only. */
import type { Db } from '../kernel/db/schema.ts';
import type { Kernel } from '../kernel/index.ts';
import { actorOf, type Principal, requireRole } from '../kernel/principal.ts';
import type { WebhookDelivery, WebhookEndpoint } from '../kernel/webhooks/webhooks.ts';
import type {
  DeliveriesQueryString,
  EndpointChangeBody,
  NewEndpointBody,
} from './webhook-schema.ts';

/** The organization whose webhooks the caller manages; Fault `forbidden` for others. */
function managed(principal: Principal): string {
  requireRole(principal, 'owner', 'admin');
  return principal.organizationId;
}

export const listEndpoints = async ({ webhooks, database: { db } }: Kernel, principal: Principal) =>
  webhooks.listEndpoints(db, managed(principal));

export const getEndpoint = async (
  { webhooks, database: { db } }: Kernel,
  principal: Principal,
  id: string,
) => webhooks.getEndpoint(db, managed(principal), id);

export const createEndpoint = async (
  { webhooks }: Kernel,
  tx: Db,
  principal: Principal,
  input: NewEndpointBody,
) => webhooks.createEndpoint(tx, managed(principal), input, actorOf(principal));

export async function updateEndpoint(
  { webhooks, database }: Kernel,
  principal: Principal,
  id: string,
  { is_active: isActive, ...change }: EndpointChangeBody,
): Promise<WebhookEndpoint> {
  const organizationId = managed(principal);
  return database.tx((tx) =>
    webhooks.updateEndpoint(tx, organizationId, id, { ...change, isActive }, actorOf(principal)),
  );
}

export async function deleteEndpoint(
  { webhooks, database }: Kernel,
  principal: Principal,
  id: string,
): Promise<void> {
  const organizationId = managed(principal);
  return database.tx((tx) => webhooks.deleteEndpoint(tx, organizationId, id, actorOf(principal)));
}

/** Of an endpoint, or (null) the organization's own, which signs to addresses named in a request. */
export async function secret(
  { webhooks, database }: Kernel,
  principal: Principal,
  endpointId: string | null,
): Promise<string> {
  const organizationId = managed(principal);
  return database.tx((tx) => webhooks.secret(tx, organizationId, endpointId));
}

export async function rotateSecret(
  { webhooks, database }: Kernel,
  principal: Principal,
  endpointId: string | null,
): Promise<string> {
  const organizationId = managed(principal);
  return database.tx((tx) =>
    webhooks.rotateSecret(tx, organizationId, endpointId, actorOf(principal)),
  );
}

/** Newest first; `next` is the id to go on from, or null at the end. */
export async function deliveries(
  { webhooks, database: { db } }: Kernel,
  principal: Principal,
  { limit = 50, before, webhook_id: endpointId, status }: DeliveriesQueryString,
): Promise<{ deliveries: WebhookDelivery[]; next: string | null }> {
  const organizationId = managed(principal);
  if (endpointId !== undefined) await webhooks.getEndpoint(db, organizationId, endpointId);
  const query = { limit: limit + 1, before, endpointId, status };
  const found = await webhooks.listDeliveries(db, organizationId, query);
  const page = found.slice(0, limit);
  return { deliveries: page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}

export const getDelivery = async (
  { webhooks, database: { db } }: Kernel,
  principal: Principal,
  id: string,
) => webhooks.getDelivery(db, managed(principal), id);

export async function resend(
  { webhooks }: Kernel,
  tx: Db,
  principal: Principal,
  id: string,
): Promise<WebhookDelivery> {
  const organizationId = managed(principal);
  await webhooks.resend(tx, organizationId, id, actorOf(principal));
  return webhooks.getDelivery(tx, organizationId, id);
}
