/** Campaigns and traffic sources on the wire. */
import { type Static, Type } from 'typebox';
import { Moment, nullable, oneOf, paging, strict } from './wire.ts';

export const STATUSES = ['active', 'paused', 'inactive'] as const;
export const COST_MODELS = ['cpc', 'cpm', 'cpa', 'revshare'] as const;

const Name = Type.String({ minLength: 1, maxLength: 255, pattern: '\\S' });
const Url = Type.String({
  minLength: 1,
  maxLength: 4_096,
  description: 'http(s) address; may hold macros such as {clickid} and {sub1}',
});
const Id = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
const Offer = strict({
  url: Url,
  weight: Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Share of the visitors' }),
});

const settings = {
  traffic_source_id: Type.Optional(nullable(Id)),
  cost_model: Type.Optional(
    nullable(oneOf(COST_MODELS), {
      description: 'cpc: a click, cpm: 1,000 clicks, cpa: a conversion, revshare: % of revenue',
    }),
  ),
  cost_value: Type.Optional(nullable(Type.Number({ minimum: 0, maximum: 999_999_999_999 }))),
  cost_currency: Type.Optional(
    Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217; default USD' }),
  ),
  status: Type.Optional(oneOf(STATUSES, { description: 'Default active' })),
  destination_url: Type.Optional(nullable(Url)),
  offers: Type.Optional(
    Type.Array(Offer, { maxItems: 100, description: 'Instead of destination_url: by weight' }),
  ),
  fallback_url: Type.Optional(nullable(Url)),
  flow_id: Type.Optional(nullable(Id, { description: 'The Gate flow that routes the clicks' })),
  uniqueness_window: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 720, description: 'Hours; default 24' }),
  ),
  attribution_window: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 365, description: 'Days; default 30' }),
  ),
  postback_token: Type.Optional(
    nullable(Type.String({ pattern: '^[\\x21-\\x7e]{8,128}$' }), {
      description: 'Where set, a postback must bring it as `token`',
    }),
  ),
  click_limit_per_minute: Type.Optional(
    nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 }), {
      description: 'Clicks of one visitor beyond it are rapid_fire; null: no limit',
    }),
  ),
};

export const CreateCampaign = strict({ name: Name, ...settings });
export type CreateCampaign = Static<typeof CreateCampaign>;

export const UpdateCampaign = strict({ name: Type.Optional(Name), ...settings });
export type UpdateCampaign = Static<typeof UpdateCampaign>;

export const CampaignQuery = strict({
  ...paging,
  status: Type.Optional(oneOf(STATUSES)),
});

export const Campaign = Type.Object({
  id: Type.Integer(),
  uuid: Type.String(),
  name: Type.String(),
  status: oneOf(STATUSES),
  tracking_url: Type.String(),
  clicks_today: Type.Integer(),
  conversions_today: Type.Integer(),
  traffic_source_id: nullable(Type.Integer()),
  cost_model: nullable(Type.String()),
  cost_value: nullable(Type.Number()),
  cost_currency: Type.String(),
  destination_url: nullable(Type.String()),
  offers: Type.Array(Type.Object({ url: Type.String(), weight: Type.Integer() })),
  fallback_url: nullable(Type.String()),
  flow_id: nullable(Type.Integer()),
  uniqueness_window: Type.Integer(),
  attribution_window: Type.Integer(),
  postback_token: nullable(Type.String()),
  click_limit_per_minute: nullable(Type.Integer()),
  created_at: Moment,
  updated_at: Moment,
});
export type Campaign = Static<typeof Campaign>;

const Param = Type.String({
  pattern: '^[\\w.~-]{1,64}$',
  description: 'Name of a query parameter',
});
const Subs = Type.Record(Type.String({ pattern: '^sub([1-9]|10)$' }), Param, {
  additionalProperties: false,
  description: 'Which parameter of the link is which sub id: {"sub1": "utm_campaign"}',
});

const sourceFields = {
  click_id_param: Type.Optional(nullable(Param)),
  cost_param: Type.Optional(nullable(Param)),
  sub_params: Type.Optional(Subs),
};

export const CreateSource = strict({
  name: Type.Optional(Name),
  preset: Type.Optional(
    Type.String({ maxLength: 32, description: 'Start from a preset: google, meta, microsoft, …' }),
  ),
  ...sourceFields,
});
export type CreateSource = Static<typeof CreateSource>;

export const UpdateSource = strict({ name: Type.Optional(Name), ...sourceFields });
export type UpdateSource = Static<typeof UpdateSource>;

export const Source = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  preset: nullable(Type.String()),
  is_preset: Type.Boolean({ description: 'Given with the server: for all, changed by none' }),
  click_id_param: nullable(Type.String()),
  cost_param: nullable(Type.String()),
  sub_params: Type.Record(Type.String(), Type.String()),
  created_at: Moment,
  updated_at: Moment,
});
export type Source = Static<typeof Source>;

export const Settings = strict({
  store_full_ip: Type.Boolean({ description: 'Keep whole IP addresses with new clicks' }),
});
