/** Tokens: for a person's address and password, or for an API key and its secret. */
import type { Session } from '../../kernel/accounts/accounts.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { TokenRequest } from './schema/token.ts';

/** @throws Fault `invalid_request` where neither pair is whole, `unauthenticated` where it is wrong */
export async function issueToken(
  { accounts }: Kernel,
  body: TokenRequest,
  remoteAddress: string,
): Promise<Session> {
  const { email, password, api_key: apiKey, api_secret: apiSecret } = body;
  const isKey = apiKey !== undefined || apiSecret !== undefined;
  if (isKey && (email !== undefined || password !== undefined)) {
    throw missing('api_key', 'Send email and password, or api_key and api_secret, not both');
  }
  return isKey
    ? accounts.tokenForKey(needed(apiKey, 'api_key'), needed(apiSecret, 'api_secret'))
    : accounts.login(needed(email, 'email'), needed(password, 'password'), remoteAddress);
}

function needed(value: string | undefined, field: string): string {
  if (value === undefined) throw missing(field, `The ${field} field is required`);
  return value;
}

function missing(field: string, message: string): Fault {
  return new Fault('invalid_request', message, { fields: { [field]: [message] } });
}
