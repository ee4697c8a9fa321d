/** The token endpoint: its answer stands outside of the envelope, as in the original. */
import { type Static, Type } from 'typebox';
import { strict } from './wire.ts';

const Text = Type.String({ minLength: 1, maxLength: 1_024 });

/** Either pair; which one is missing is said by the service. */
export const TokenRequest = strict({
  email: Type.Optional(Text),
  password: Type.Optional(Text),
  api_key: Type.Optional(Text),
  api_secret: Type.Optional(Text),
});
export type TokenRequest = Static<typeof TokenRequest>;

export const Token = Type.Object({
  success: Type.Literal(true),
  token: Type.String(),
  expires_in: Type.Integer({ description: 'Seconds' }),
});
