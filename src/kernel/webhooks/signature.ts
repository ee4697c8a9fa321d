/** Signatures of the Standard Webhooks specification, version 1.0.0 (symmetric, `v1`). */
import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
/** The specification asks for 24 to 64 bytes. */
const SECRET_BYTES = 32;

/** A new secret in the form that is shown to its owner: `whsec_` and base64. */
export function newSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64');
}

export interface SignedMessage {
  /** The message's id: the same for every attempt, so that a receiver can tell repeats. */
  id: string;
  /** When this attempt is made, in Unix seconds. */
  timestampS: number;
  body: string;
}

/** The three headers; with several secrets there are several signatures, parted by spaces. */
export function signedHeaders(
  { id, timestampS, body }: SignedMessage,
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    const mac = createHmac('sha256', key).update(`${id}.${timestampS}.${body}`);
    return `v1,${mac.digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': signatures.join(' '),
  };
}
