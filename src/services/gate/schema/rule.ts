/** Rules on the wire. */
import { type Static, Type } from 'typebox';
import { LIST_FIELDS, TEXT_FIELDS } from '../judge/settings.ts';
import { Id, Time, Verdict } from './wire.ts';

const Scalar = Type.Union([Type.String({ minLength: 1, maxLength: 500 }), Type.Integer()]);

export const ConditionWire = Type.Object(
  {
    field: Type.Enum([...LIST_FIELDS, ...TEXT_FIELDS], {
      description:
        '`ip` takes addresses and CIDR blocks, `hour` 0–23 in the zone of the flow, `network` a kind of network, `language` `en` or `en-us`; `host`, `path`, `query` and `utm_…` are parts of the address.',
    }),
    op: Type.Enum(['is', 'is_not', 'in', 'not_in', 'contains', 'not_contains']),
    value: Type.Union([Scalar, Type.Array(Scalar, { minItems: 1, maxItems: 1000 })], {
      description: 'One value or a list. What is not known of a visitor is in no list.',
    }),
  },
  { additionalProperties: false },
);
export type ConditionWire = Static<typeof ConditionWire>;

const settable = {
  name: Type.String({ minLength: 1, maxLength: 200 }),
  match: Type.Enum(['all', 'any']),
  conditions: Type.Array(ConditionWire, { minItems: 1, maxItems: 50 }),
  action: Verdict,
  priority: Type.Integer({
    minimum: 0,
    maximum: 1_000_000,
    description: 'Lower is looked at first; among equals the older.',
  }),
  is_active: Type.Boolean(),
};

const { match, priority, is_active: isActive, ...needed } = settable;

export const NewRule = Type.Object(
  { ...needed, ...Type.Partial(Type.Object({ match, priority, is_active: isActive })).properties },
  { additionalProperties: false },
);
export const RulePatch = Type.Partial(Type.Object(settable), { additionalProperties: false });
export type RulePatch = Static<typeof RulePatch>;

export const RuleWire = Type.Object({ id: Id, ...settable, created_at: Time });
export type RuleWire = Static<typeof RuleWire>;
