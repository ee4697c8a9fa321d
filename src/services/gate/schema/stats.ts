/** Statistics, events and simulations on the wire. */
import { type Static, Type } from 'typebox';
import { Explanation } from './check.ts';
import { Id, nullable, Time, Verdict } from './wire.ts';

const Count = Type.Integer({ minimum: 0 });
/** Verdicts that did not occur are left out, as in the original. */
const Verdicts = Type.Object({
  allow: Type.Optional(Count),
  flag: Type.Optional(Count),
  challenge: Type.Optional(Count),
  block: Type.Optional(Count),
});
const Countries = Type.Array(Type.Object({ country: Type.String(), c: Count }));
const Timeline = Type.Array(
  Type.Object({ d: Type.String(), allows: Count, flags: Count, chals: Count, blocks: Count }),
);
export type TimelineWire = Static<typeof Timeline>;

export const Summary = Type.Object({
  total: Count,
  today: Count,
  verdicts: Verdicts,
  countries: Countries,
  timeline: Timeline,
});

export const WindowQuery = Type.Object(
  { window: Type.Enum(['24h', '7d', '30d'], { default: '24h' }) },
  { additionalProperties: false },
);

export const FlowStats = Type.Object({
  window: Type.String(),
  total: Count,
  verdicts: Verdicts,
  countries: Countries,
  devices: Type.Array(Type.Object({ device: Type.String(), c: Count })),
  reasons: Type.Array(Type.Object({ reason: Type.String(), c: Count })),
  timeline: Timeline,
});

const event = {
  id: Id,
  at: Time,
  flow_id: nullable(Id),
  ip: Type.String(),
  country: nullable(Type.String()),
  asn: nullable(Type.Integer()),
  org: nullable(Type.String()),
  device: Type.String(),
  verdict: Verdict,
  score: Type.Integer(),
  reasons: Type.Array(Type.String()),
  rule_matched: nullable(Type.String()),
};

export const EventsQuery = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
    before: Type.Optional(
      Type.Integer({ ...Id, description: 'The `next` of the page before: older than that.' }),
    ),
    verdict: Type.Optional(Verdict),
    flow_id: Type.Optional(Id),
  },
  { additionalProperties: false },
);

export const Events = Type.Object({
  events: Type.Array(Type.Object(event)),
  next: nullable(Id),
});

export const EventDetails = Type.Object({ ...event, explain: Explanation });

export const SimulateQuery = Type.Object(
  { days: Type.Integer({ minimum: 1, maximum: 30, default: 7 }) },
  { additionalProperties: false },
);

export const Simulation = Type.Object({
  days: Type.Integer(),
  replayed: Type.Integer({ description: 'Decisions judged again: the latest 5,000 at most.' }),
  changed: Count,
  before: Verdicts,
  after: Verdicts,
  changes: Type.Array(Type.Object({ from: Verdict, to: Verdict, c: Count })),
  examples: Type.Array(
    Type.Object({
      id: Id,
      at: Time,
      from: Verdict,
      to: Verdict,
      reasons_before: Type.Array(Type.String()),
      reasons_after: Type.Array(Type.String()),
      rule_matched: nullable(Type.String()),
    }),
    { description: 'The latest hundred that change, and why.' },
  ),
});
