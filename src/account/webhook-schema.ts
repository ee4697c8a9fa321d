/** Wire schemas of webhook endpoints and deliveries. */
import { type Static, Type } from 'typebox';
import { ALL_TYPES, WEBHOOK_TYPES } from '../kernel/webhooks/webhooks.ts';
import { NullableInteger, NullableText, NullableTime, oneOf, strict, Time } from './schema.ts';

const STATUSES = ['pending', 'delivered', 'failed'] as const;

const Url = Type.String({ minLength: 1, maxLength: 2048 });
const Types = Type.Array(oneOf([...WEBHOOK_TYPES, ALL_TYPES]), {
  minItems: 1,
  maxItems: 50,
  description: '`*` is every type, those of later versions too.',
});
const Description = Type.String({ maxLength: 500 });

export const Endpoint = Type.Object({
  id: Type.String(),
  url: Type.String(),
  description: Type.String(),
  types: Type.Array(Type.String()),
  is_active: Type.Boolean(),
  disabled_reason: {
    ...NullableText,
    description: '`gone` or `failing`, where it was switched off.',
  },
  failing_since: NullableTime,
  created_at: Time,
  updated_at: Time,
});
export const Endpoints = Type.Object({ webhooks: Type.Array(Endpoint) });
export const NewEndpoint = strict({
  url: Url,
  types: Types,
  description: Type.Optional(Description),
});
export const EndpointChange = strict({
  url: Type.Optional(Url),
  types: Type.Optional(Types),
  description: Type.Optional(Description),
  is_active: Type.Optional(Type.Boolean({ description: 'true forgets past failures.' })),
});
export const MadeEndpoint = Type.Object({ ...Endpoint.properties, secret: Type.String() });
export const Secret = Type.Object({ secret: Type.String() });

export const Delivery = Type.Object({
  id: Type.String({ description: 'The `webhook-id` of every attempt.' }),
  webhook_id: { ...NullableText, description: 'null where the address came with the request.' },
  url: Type.String(),
  type: Type.String(),
  status: oneOf(STATUSES),
  next_attempt_at: NullableTime,
  created_at: Time,
  finished_at: NullableTime,
  attempts: Type.Array(
    Type.Object({
      number: Type.Integer(),
      at: Time,
      duration_ms: Type.Integer(),
      status: { ...NullableInteger, description: 'null where there was no answer.' },
      error: NullableText,
      response: Type.String({ description: 'The first 500 bytes of the answer.' }),
    }),
  ),
});
export const DeliveriesQuery = strict({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
  before: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'The `next` of the page before.' }),
  ),
  webhook_id: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  status: Type.Optional(oneOf(STATUSES)),
});
export const Deliveries = Type.Object({ deliveries: Type.Array(Delivery), next: NullableText });

export type NewEndpointBody = Static<typeof NewEndpoint>;
export type EndpointChangeBody = Static<typeof EndpointChange>;
export type DeliveriesQueryString = Static<typeof DeliveriesQuery>;
