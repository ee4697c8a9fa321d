/** Flows on the wire: every field of the original, and ours after them. */
import { type Static, Type } from 'typebox';
import { Id, nullable, Time } from './wire.ts';

const Mode = Type.Enum(['redirect', 'local'], {
  description: '`redirect` (302 to an address) or `local` (a file beside the script).',
});
const Page = Type.String({ minLength: 1, maxLength: 2048 });
const Score = Type.Integer({ minimum: 1, maximum: 100 });

const settable = {
  name: Type.String({ minLength: 1, maxLength: 200 }),
  key_id: nullable(Id),
  white_url: Page,
  white_mode: Mode,
  money_url: Page,
  money_mode: Mode,
  cloaking_enabled: Type.Boolean({ description: 'false: everybody gets the money page.' }),
  block_vpn_proxy: Type.Boolean({ description: 'true: VPN, proxy and Tor block by themselves.' }),
  block_ipv6: Type.Boolean(),
  allow_known_bots: Type.Boolean({
    description: 'true: proven crawlers get what visitors get. false: they are refused with 403.',
  }),
  allow_datacenter: Type.Boolean(),
  allow_blocklist_hits: Type.Boolean(),
  max_clicks_per_ip_per_day: Type.Integer({
    minimum: 0,
    maximum: 1_000_000,
    description: '0: no cap. Of IPv6 a /64 counts as one address.',
  }),
  warmup_clicks: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
  blocked_countries: Type.String({
    maxLength: 1000,
    description: 'ISO 3166-1 alpha-2, comma separated.',
  }),
  allowed_devices: Type.String({
    maxLength: 200,
    description: 'Of desktop, mobile, tablet, other; comma separated. Empty: all.',
  }),
  status: Type.Enum(['active', 'paused'], {
    description: 'paused: everybody gets the white page.',
  }),
  flag_is_allowed: Type.Boolean({ description: 'true: routers take `flag` for `allow`.' }),
  thresholds: Type.Object(
    { flag: Score, challenge: Score, block: Score },
    { additionalProperties: false, description: 'Scores from which on; rising.' },
  ),
  time_zone: nullable(
    Type.String({ maxLength: 64, description: "IANA zone; null: the organization's." }),
  ),
  shadow: Type.Boolean({ description: 'true: decide and record, and always allow.' }),
};

const { name, white_url: whiteUrl, money_url: moneyUrl, ...others } = settable;

export const NewFlow = Type.Object(
  {
    ...{ name, white_url: whiteUrl, money_url: moneyUrl },
    ...Type.Partial(Type.Object(others)).properties,
  },
  { additionalProperties: false },
);

export const FlowPatch = Type.Partial(Type.Object(settable), { additionalProperties: false });
export type FlowPatch = Static<typeof FlowPatch>;

export const FlowWire = Type.Object({ id: Id, ...settable, created_at: Time });
export type FlowWire = Static<typeof FlowWire>;
