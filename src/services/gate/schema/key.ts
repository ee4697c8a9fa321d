/** Keys and sign-in on the wire. */
import { Type } from 'typebox';
import { Id, nullable, Time } from './wire.ts';

export const KeyList = Type.Object({
  keys: Type.Array(
    Type.Object({
      id: Id,
      label: Type.String(),
      key: Type.String({ description: '`ck_live_8f2a...c91`: enough to know it by.' }),
      is_active: Type.Union([Type.Literal(0), Type.Literal(1)]),
      created_at: Time,
      last_used_at: nullable(Time),
    }),
  ),
});

export const NewKey = Type.Object(
  { label: Type.String({ minLength: 1, maxLength: 100 }) },
  { additionalProperties: false },
);

export const CreatedKey = Type.Object({
  id: Id,
  label: Type.String(),
  key: Type.String({ description: 'The key itself; shown this once.' }),
});

export const Login = Type.Object(
  {
    email: Type.String({ minLength: 3, maxLength: 254 }),
    password: Type.String({ minLength: 1, maxLength: 1024 }),
  },
  { additionalProperties: false },
);

export const Session = Type.Object({
  token: Type.String(),
  expires_in: Type.Integer({ description: 'Seconds.' }),
});
