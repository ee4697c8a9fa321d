/**
 * A click as it stands in the journal: everything known at the moment of the click, so that shipping
 * it hours later, when its campaign has another cost or is gone, counts it as it was. One JSON array
 * by position; the first entry is the version of this layout.
 */

export interface ClickRecord {
  id: string;
  organizationId: string;
  campaignId: number;
  /** Milliseconds since 1970. */
  atMs: number;
  /** False for HEAD, prefetch and link previews: answered, kept, not counted. */
  isCounted: boolean;
  /** Masked, unless the organization keeps addresses whole. */
  ip: string;
  visitor: string;
  /** The visitor's names on the earlier days that the uniqueness window reaches into. */
  earlierVisitors: string[];
  network: string;
  country: string | null;
  city: string | null;
  asn: number | null;
  device: string | null;
  os: string | null;
  browser: string | null;
  isBot: boolean;
  isVpn: boolean;
  isDatacenter: boolean;
  /** Sent to the fallback page. */
  isDiverted: boolean;
  /** Decimal. */
  cost: string;
  hasOwnCost: boolean;
  trafficSourceId: number | null;
  externalId: string | null;
  /** `sub1`…`sub10` and click ids of ad platforms by their own names. */
  params: Record<string, string> | null;
  uniquenessWindowHours: number;
  clickLimitPerMinute: number | null;
}

const VERSION = 1;

export function encodeClick(click: ClickRecord): string {
  return JSON.stringify([
    VERSION,
    click.id,
    click.organizationId,
    click.campaignId,
    click.atMs,
    flagsOf(click),
    click.ip,
    click.visitor,
    click.earlierVisitors,
    click.network,
    click.country,
    click.city,
    click.asn,
    click.device,
    click.os,
    click.browser,
    click.cost,
    click.trafficSourceId,
    click.externalId,
    click.params,
    click.uniquenessWindowHours,
    click.clickLimitPerMinute,
  ]);
}

type Row = [
  version: number,
  id: string,
  organizationId: string,
  campaignId: number,
  atMs: number,
  flags: number,
  ip: string,
  visitor: string,
  earlierVisitors: string[],
  network: string,
  country: string | null,
  city: string | null,
  asn: number | null,
  device: string | null,
  os: string | null,
  browser: string | null,
  cost: string,
  trafficSourceId: number | null,
  externalId: string | null,
  params: Record<string, string> | null,
  uniquenessWindowHours: number,
  clickLimitPerMinute: number | null,
];

/** @throws Error for a layout of a newer program */
export function decodeClick(payload: string): ClickRecord {
  const row = JSON.parse(payload) as Row;
  if (row[0] !== VERSION) throw new Error(`the journal holds records of version ${row[0]}`);
  const flags = row[5];
  return {
    id: row[1],
    organizationId: row[2],
    campaignId: row[3],
    atMs: row[4],
    isCounted: (flags & 1) !== 0,
    isBot: (flags & 2) !== 0,
    isVpn: (flags & 4) !== 0,
    isDatacenter: (flags & 8) !== 0,
    isDiverted: (flags & 16) !== 0,
    hasOwnCost: (flags & 32) !== 0,
    ip: row[6],
    visitor: row[7],
    earlierVisitors: row[8],
    network: row[9],
    country: row[10],
    city: row[11],
    asn: row[12],
    device: row[13],
    os: row[14],
    browser: row[15],
    cost: row[16],
    trafficSourceId: row[17],
    externalId: row[18],
    params: row[19],
    uniquenessWindowHours: row[20],
    clickLimitPerMinute: row[21],
  };
}

function flagsOf(click: ClickRecord): number {
  return (
    (click.isCounted ? 1 : 0) |
    (click.isBot ? 2 : 0) |
    (click.isVpn ? 4 : 0) |
    (click.isDatacenter ? 8 : 0) |
    (click.isDiverted ? 16 : 0) |
    (click.hasOwnCost ? 32 : 0)
  );
}
