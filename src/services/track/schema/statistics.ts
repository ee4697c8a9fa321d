/** Statistics, fraud and reports on the wire. */
import { type Static, Type } from 'typebox';
import { Id, Moment, nullable, oneOf, range, strict } from './wire.ts';

const block = {
  clicks: Type.Integer(),
  unique_clicks: Type.Integer(),
  real_clicks: Type.Integer(),
  bot_clicks: Type.Integer(),
  vpn_clicks: Type.Integer(),
  conversions: Type.Integer(),
  revenue: Type.Number(),
  cost: Type.Number(),
  profit: Type.Number(),
  roi: Type.Number({ description: 'profit ÷ cost × 100' }),
  cr: Type.Number({ description: 'conversions ÷ real clicks × 100' }),
  epc: Type.Number({ description: 'revenue ÷ clicks' }),
};

export const StatsBlock = Type.Object(block);
export type StatsBlock = Static<typeof StatsBlock>;

export const TimelineRow = Type.Object({ date: Type.String(), ...block });
export const OverallStats = Type.Object({ ...block, timeline: Type.Array(TimelineRow) });
export const CountryRow = Type.Object({ country: nullable(Type.String()), ...block });
export const DeviceRow = Type.Object({ device: nullable(Type.String()), ...block });
export const BrowserRow = Type.Object({ browser: nullable(Type.String()), ...block });
export const OsRow = Type.Object({ os: nullable(Type.String()), ...block });
export const HourRow = Type.Object({ hour: Type.Integer(), ...block });
export const SourceRow = Type.Object({
  source: nullable(Type.String()),
  traffic_source_id: nullable(Type.Integer()),
  ...block,
});

export const StatsQuery = strict(range);
export const AnalyticsQuery = strict({
  ...range,
  campaign_id: Type.Optional(Id),
});
export type AnalyticsQuery = Static<typeof AnalyticsQuery>;

export const FraudStats = Type.Object({
  total_clicks: Type.Integer(),
  fraudulent_clicks: Type.Integer(),
  fraud_rate: Type.Number({ description: 'Percent' }),
  fraud_by_type: Type.Object({
    bot: Type.Integer(),
    duplicate: Type.Integer(),
    vpn: Type.Integer(),
    datacenter: Type.Integer(),
    rapid_fire: Type.Integer(),
    click_farm: Type.Integer(),
  }),
  estimated_savings: Type.Number({ description: 'The cost of the fraudulent clicks' }),
});

export const PLATFORMS = ['google', 'meta', 'microsoft', 'tiktok', 'generic'] as const;
export type Platform = (typeof PLATFORMS)[number];

export const CreateReport = strict({
  campaign_id: Type.Optional(Id),
  ...range,
  platform: Type.Optional(oneOf(PLATFORMS, { description: 'Default generic' })),
});
export type CreateReport = Static<typeof CreateReport>;

export const Report = Type.Object({
  id: Type.Integer(),
  status: oneOf(['pending', 'ready', 'failed']),
  campaign_id: nullable(Type.Integer()),
  platform: oneOf(PLATFORMS),
  from: Type.String(),
  to: Type.String(),
  rows: nullable(Type.Integer()),
  created_at: Moment,
  finished_at: nullable(Moment),
});
export type Report = Static<typeof Report>;
