/** Wire schemas of people, organization, keys, usage and the audit log. */
import { type Static, type TProperties, Type } from 'typebox';
import { SCOPES } from '../kernel/keys/keys.ts';
import { METERS } from '../kernel/ledger/ledger.ts';
import { ROLES, SERVICES } from '../kernel/principal.ts';

/** A body or query in which an unknown field is an error. */
export const strict = <P extends TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
export const oneOf = <const T extends readonly string[]>(values: T, description?: string) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values], description });
const nullable = <T>(schema: object) =>
  Type.Unsafe<T | null>({ ...schema, type: [(schema as { type: string }).type, 'null'] });

export const Time = Type.String({ format: 'date-time', description: 'ISO 8601, UTC.' });
export const NullableTime = nullable<string>(Time);
export const NullableText = nullable<string>(Type.String());
export const NullableInteger = nullable<number>(Type.Integer());

export const IdParams = strict({ id: Type.String({ minLength: 1, maxLength: 100 }) });
export const Ok = Type.Object({ ok: Type.Literal(true) });

const Email = Type.String({ minLength: 3, maxLength: 254 });
const Password = Type.String({
  minLength: 10,
  maxLength: 256,
  description: '10 to 256 characters.',
});

export const SignIn = strict({
  email: Type.String({ minLength: 1, maxLength: 254 }),
  password: Type.String({ minLength: 1, maxLength: 1024 }),
});
export const Session = Type.Object({
  token: Type.String({ description: 'Send it as `Authorization: Bearer …`.' }),
  expires_in: Type.Integer({ description: 'Seconds.' }),
});
export const PasswordChange = strict({
  current_password: Type.String({ minLength: 1, maxLength: 1024 }),
  new_password: Password,
});

export const Plan = Type.Object({
  id: Type.String(),
  name: Type.String(),
  limits: Type.Record(Type.String(), Type.Integer(), {
    description: 'A figure that is not there is unlimited (1,000,000,000).',
  }),
});
export const Plans = Type.Object({ plans: Type.Array(Plan) });
export const Organization = Type.Object({
  id: Type.String(),
  name: Type.String(),
  time_zone: Type.String({ description: 'IANA zone in which days are counted.' }),
  plan: Plan,
  created_at: Time,
});
export const OrganizationChange = strict({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  time_zone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
});

export const Member = Type.Object({
  id: Type.String(),
  email: Type.String(),
  role: oneOf(ROLES),
  created_at: Time,
});
export const Members = Type.Object({ members: Type.Array(Member) });
export const NewMember = strict({ email: Email, password: Password, role: oneOf(ROLES) });
export const RoleChange = strict({ role: oneOf(ROLES) });
export const Me = Type.Object({ user: Member, organization: Organization });

export const Key = Type.Object({
  id: Type.String(),
  service: oneOf(SERVICES),
  label: Type.String(),
  scopes: Type.Array(Type.String()),
  last_four: Type.String(),
  is_active: Type.Boolean({ description: 'Neither revoked nor expired.' }),
  expires_at: NullableTime,
  last_used_at: NullableTime,
  created_at: Time,
});
export const Keys = Type.Object({ keys: Type.Array(Key) });
export const KeysQuery = strict({ service: Type.Optional(oneOf(SERVICES)) });
export const NewKey = strict({
  service: oneOf(SERVICES),
  label: Type.String({ minLength: 1, maxLength: 100 }),
  scopes: Type.Optional(
    Type.Array(Type.String({ maxLength: 50 }), {
      minItems: 1,
      maxItems: 50,
      description: `Default: all. ${SERVICES.map((name) => `${name}: ${SCOPES[name].join(', ')}`).join('. ')}.`,
    }),
  ),
  expires_at: Type.Optional(Time),
});
export const MadeKey = Type.Object({
  ...Key.properties,
  secret: Type.String({ description: 'The key, shown this once. Track’s is KEY:SECRET.' }),
});
export const Rotation = strict({
  overlap_s: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 30 * 86_400,
      default: 0,
      description: 'For how many more seconds the old secret holds.',
    }),
  ),
});

export const Usage = Type.Object({
  meters: Type.Array(
    Type.Object({
      meter: oneOf(METERS),
      total: Type.Integer({ description: 'What the month and one-off credits allow together.' }),
      used: Type.Integer(),
      available: Type.Integer(),
      resets_at: Time,
    }),
  ),
});

export const AuditQuery = strict({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
  before: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Entries with a smaller number: the `next` of the page before.',
    }),
  ),
});
export const AuditLog = Type.Object({
  entries: Type.Array(
    Type.Object({
      number: Type.Integer(),
      at: Time,
      actor: Type.String({ description: '`user:ID`, `key:ID`, `cli` or `system`.' }),
      action: Type.String(),
      target: Type.String(),
      details: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
  next: NullableInteger,
});

export type NewKeyBody = Static<typeof NewKey>;
export type NewMemberBody = Static<typeof NewMember>;
