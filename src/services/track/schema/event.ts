/** Clicks and conversions on the wire. */
import { type Static, Type } from 'typebox';
import { FRAUD_TYPES } from '../ingest/visits.ts';
import { Id, Moment, nullable, oneOf, paging, range, strict } from './wire.ts';

export const CLICK_STATUSES = ['real', 'bot', 'vpn', 'cloaked'] as const;
export const CONVERSION_STATUSES = ['approved', 'pending', 'rejected'] as const;
const FORMATS = ['json', 'csv', 'ndjson'] as const;

const deepPaging = {
  ...paging,
  cursor: Type.Optional(
    Type.String({ pattern: '^[\\w-]{1,64}$', description: '`next_cursor` of the page before' }),
  ),
  format: Type.Optional(
    oneOf(FORMATS, { description: 'csv and ndjson stream every row that the filters let through' }),
  ),
};

export const ClickQuery = strict({
  ...deepPaging,
  ...range,
  campaign_id: Type.Optional(Id),
  status: Type.Optional(oneOf(CLICK_STATUSES)),
  country: Type.Optional(
    Type.String({ pattern: '^[A-Za-z]{2}$', description: 'ISO 3166-1; UK is taken as GB' }),
  ),
  fraud_type: Type.Optional(oneOf(FRAUD_TYPES)),
  include: Type.Optional(
    oneOf(['uncounted'], { description: 'HEAD, prefetch and preview requests, too' }),
  ),
});
export type ClickQuery = Static<typeof ClickQuery>;

export const Click = Type.Object({
  id: Type.String(),
  campaign_id: Type.Integer(),
  ip: Type.String(),
  country: nullable(Type.String()),
  city: nullable(Type.String()),
  device: nullable(Type.String()),
  os: nullable(Type.String()),
  browser: nullable(Type.String()),
  status: oneOf(CLICK_STATUSES),
  is_bot: Type.Boolean(),
  is_vpn: Type.Boolean(),
  converted: Type.Boolean(),
  created_at: Moment,
  is_datacenter: Type.Boolean(),
  is_unique: Type.Boolean(),
  is_counted: Type.Boolean(),
  fraud_type: nullable(Type.String()),
  asn: nullable(Type.Integer()),
  cost: Type.Number(),
  traffic_source_id: nullable(Type.Integer()),
  external_id: nullable(Type.String({ description: 'The traffic source’s own click id' })),
  subs: Type.Record(Type.String(), Type.String()),
});
export type Click = Static<typeof Click>;

export const ClickParams = strict({ clickid: Type.String({ maxLength: 64 }) });
export const LinkParams = strict({ uuid: Type.String({ maxLength: 64 }) });

export const CreateConversion = strict({
  click_id: Type.String({ minLength: 1, maxLength: 64, description: 'Click ID' }),
  payout: Type.Optional(Type.Number({ minimum: 0, maximum: 999_999_999_999 })),
  transaction_id: Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, description: 'External transaction ID' }),
  ),
  status: Type.Optional(oneOf(CONVERSION_STATUSES, { description: 'Default approved' })),
});
export type CreateConversion = Static<typeof CreateConversion>;

export const ConversionQuery = strict({
  ...deepPaging,
  ...range,
  campaign_id: Type.Optional(Id),
  click_id: Type.Optional(Type.String({ maxLength: 64 })),
  status: Type.Optional(oneOf(CONVERSION_STATUSES)),
});
export type ConversionQuery = Static<typeof ConversionQuery>;

export const Conversion = Type.Object({
  id: Type.Integer(),
  click_id: Type.String(),
  campaign_id: Type.Integer(),
  transaction_id: nullable(Type.String()),
  payout: Type.Number(),
  currency: Type.String(),
  status: oneOf(CONVERSION_STATUSES),
  late: Type.Boolean({ description: 'Outside the attribution window: kept, not counted' }),
  created_at: Moment,
});
export type Conversion = Static<typeof Conversion>;

/** Networks add parameters of their own, which are none of our business. */
export const PostbackQuery = Type.Object({
  clickid: Type.String({ minLength: 1, maxLength: 64 }),
  payout: Type.Optional(Type.String({ maxLength: 32 })),
  txid: Type.Optional(Type.String({ maxLength: 255 })),
  status: Type.Optional(oneOf(CONVERSION_STATUSES)),
  token: Type.Optional(Type.String({ maxLength: 128 })),
});
export type PostbackQuery = Static<typeof PostbackQuery>;
