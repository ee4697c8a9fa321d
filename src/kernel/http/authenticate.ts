/** Turns the credential that an edge found into a principal, or a Fault `unauthenticated`. */
import type { Accounts } from '../accounts/accounts.ts';
import { Fault } from '../fault.ts';
import type { Keys } from '../keys/keys.ts';
import type { Principal, ServiceName } from '../principal.ts';
import type { Credential, Edge, RouteConfig } from './edge.ts';

const KEY_PREFIX: Record<ServiceName, string | null> = {
  mail: 'cm_sk_',
  gate: 'ck_live_',
  redact: 'clk_live_',
  // Track's key and secret are exchanged for a token; by themselves they open nothing.
  track: null,
};

export async function authenticate(
  edge: Edge,
  route: RouteConfig,
  credential: Credential | null,
  { accounts, keys }: { accounts: Accounts; keys: Keys },
): Promise<Principal> {
  if (!credential) {
    throw new Fault(
      'unauthenticated',
      'Credentials are missing. Send them as the documentation says.',
    );
  }
  const principal = isKey(edge, credential)
    ? await keys.authenticate(edge.service as ServiceName, credential.value)
    : await accounts.authenticate(credential.value);
  if (principal.service && principal.service !== edge.service) {
    throw new Fault('unauthenticated', 'These credentials belong to another service.');
  }
  if (route.as && route.as !== principal.kind) {
    const message =
      route.as === 'user'
        ? 'This endpoint needs a session token.'
        : 'This endpoint needs an API key.';
    throw new Fault('unauthenticated', message);
  }
  return principal;
}

function isKey(edge: Edge, { kind, value }: Credential): boolean {
  if (kind === 'key') return true;
  if (edge.service === 'account') return false;
  const prefix = KEY_PREFIX[edge.service];
  return prefix !== null && value.startsWith(prefix);
}
