/** `POST /check` on the wire, word for word as the original has it. */
import { Type } from 'typebox';
import { Flag, Id, nullable, Verdict } from './wire.ts';

const Anything = Type.Record(Type.String(), Type.Unknown());

export const CheckBody = Type.Object(
  {
    ip: Type.Optional(nullable(Type.String({ description: "Default: the caller's own address." }))),
    ua: Type.Optional(
      nullable(Type.String({ maxLength: 8192, description: "Default: the caller's own." })),
    ),
    url: Type.Optional(
      nullable(Type.String({ maxLength: 8192, description: 'The page that is visited.' })),
    ),
    headers: Type.Optional(
      nullable(
        Type.Record(Type.String(), Type.String({ maxLength: 16_384 }), {
          description: 'As the visitor sent them. One that is left out is unknown, not missing.',
        }),
      ),
    ),
    fingerprint: Type.Optional(nullable(Anything)),
    behavior: Type.Optional(nullable(Anything)),
    flow_id: Type.Optional(nullable(Id)),
    allow_known_bots: Type.Optional(nullable(Type.Boolean())),
    allow_blocklist_hits: Type.Optional(nullable(Type.Boolean())),
    allow_datacenter: Type.Optional(nullable(Type.Boolean())),
  },
  { additionalProperties: false },
);

export const CheckQuery = Type.Object(
  {
    key: Type.Optional(Type.String({ description: 'The API key, instead of `X-Api-Key`.' })),
    explain: Type.Optional(Flag),
  },
  { additionalProperties: false },
);

const Value = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const Text = nullable(Type.String());

/** Why: everything that was looked at. The same in an answer and in a record. */
export const Explanation = Type.Object({
  crawler: Type.Object({ status: Type.String(), name: Text, operator: Text, method: Text }),
  facts: Type.Object({
    network: Type.String(),
    device: Type.String(),
    os: Text,
    browser: Text,
    language: Text,
    url: Text,
    ua: Text,
  }),
  signals: Type.Array(
    Type.Object({
      code: Type.String(),
      fired: Type.Boolean(),
      value: Value,
      weight: Type.Integer(),
    }),
  ),
  gates: Type.Array(Type.Object({ code: Type.String(), passed: Type.Boolean(), value: Value })),
  rule_id: nullable(Type.Integer()),
  thresholds: Type.Object({
    flag: Type.Integer(),
    challenge: Type.Integer(),
    block: Type.Integer(),
  }),
  overrides: Type.Object({
    allow_known_bots: Type.Optional(Type.Boolean()),
    allow_blocklist_hits: Type.Optional(Type.Boolean()),
    allow_datacenter: Type.Optional(Type.Boolean()),
  }),
  would_be: nullable(Type.Object({ verdict: Verdict, score: Type.Integer(), rule_matched: Text })),
  page: Type.String({ description: '`money`, `white`, or `refuse` (an open 403).' }),
  versions: Type.Record(Type.String(), Type.String()),
});

export const CheckAnswer = Type.Object({
  verdict: Verdict,
  score: Type.Integer(),
  reasons: Type.Array(Type.String()),
  rule_matched: Text,
  country: Text,
  asn: nullable(Type.Integer()),
  org: Text,
  ip: Type.String(),
  flow_clicks_today: Type.Integer(),
  credits_remaining: Type.Integer(),
  action: Type.Optional(
    Type.Literal('refuse', { description: 'Answer 403 and show neither page.' }),
  ),
  explain: Type.Optional(Explanation),
});

export const QuotaAnswer = Type.Object({
  verdict: Type.Literal('block'),
  reasons: Type.Array(Type.String()),
  score: Type.Integer(),
  error: Type.Literal('monthly_quota_exhausted'),
  action: Type.Literal('upgrade_or_wait_for_reset'),
});
