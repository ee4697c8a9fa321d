/**
 * A name for a flow that may stand in a public page: sealed, so that it names nothing else and nobody
 * can make one up. It can only ask for the page of a visitor who asks by himself.
 */
import type { Keyring } from '../../../kernel/keyring.ts';

const PURPOSE = 'gate-snippet';

export function sealSnippetToken(keyring: Keyring, organizationId: string, flow: number): string {
  return keyring.seal(PURPOSE, JSON.stringify([organizationId, flow])).toString('base64url');
}

/** Null where the token is none of ours. */
export function openSnippetToken(
  keyring: Keyring,
  token: string,
): { organizationId: string; flowId: number } | null {
  const plain = tryOpen(keyring, Buffer.from(token, 'base64url'));
  if (plain === null) return null;
  const [organizationId, flowId] = JSON.parse(plain) as [string, number];
  return { organizationId, flowId };
}

function tryOpen(keyring: Keyring, sealed: Buffer): string | null {
  try {
    return keyring.open(PURPOSE, sealed).toString();
  } catch {
    return null;
  }
}
