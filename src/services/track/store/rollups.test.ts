/**
 * Rollups against a recount of the raw rows, written here a second time and in another language: they
 * agree to the last unit whatever happened in whatever order and at once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../../../test/harness/server.ts';
import type { Database } from '../../../kernel/db/index.ts';
import type { Kernel } from '../../../kernel/index.ts';
import { recordConversion } from '../conversions/conversions.ts';
import { markFarms } from '../fraud/farms.ts';
import { type ClickRecord, encodeClick } from '../ingest/click-record.ts';
import { Journal } from '../ingest/journal.ts';
import { Shipper } from '../ingest/shipper.ts';
import { newClickId } from '../redirect/click-id.ts';
import { ensureSettings, insertCampaign } from './campaign-store.ts';
import { recountInZone } from './rollup-store.ts';

let server: TestServer;
let kernel: Kernel;
let database: Database;
let dir: string;
const NOW = new Date('2026-03-29T01:30:00Z');
const clock = { now: () => NOW };
beforeAll(async () => {
  server = await startTestServer({ clock });
  ({ kernel } = server);
  ({ database } = kernel);
  dir = await mkdtemp(join(tmpdir(), 'rollups-'));
});
afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

const fields = {
  ...{ name: 'C', status: 'active' as const, trafficSourceId: 1, costCurrency: 'USD' },
  ...{ destinationUrl: null, offers: [], fallbackUrl: null, flowId: null, postbackToken: null },
  ...{ uniquenessWindowHours: 24, attributionWindowDays: 30, clickLimitPerMinute: 2 },
};

const anyClick = fc.record({
  minutesAgo: fc.integer({ min: 0, max: 59 }),
  // Few visitors, so that there are duplicates, fast ones, and now and then a farm.
  visitor: fc.nat(40),
  campaign: fc.nat(1),
  isCounted: fc.constantFrom(true, true, true, false),
  isBot: fc.constantFrom(false, false, false, true),
  isVpn: fc.constantFrom(false, false, true),
  isDatacenter: fc.constantFrom(false, false, true),
  country: fc.constantFrom('US', 'GB', null),
  device: fc.constantFrom('mobile', 'desktop'),
  cost: fc.constantFrom('0.5', '0.000001', '123456.789'),
});
const anyConversion = fc.record({
  click: fc.nat(),
  transaction: fc.constantFrom('', 'a', 'b'),
  payout: fc.constantFrom(undefined, '45', '0.01', '99999.99'),
  status: fc.constantFrom('approved' as const, 'pending' as const, 'rejected' as const),
});
const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.record({ clicks: fc.array(anyClick, { maxLength: 60 }) }) },
  { weight: 4, arbitrary: fc.record({ conversions: fc.array(anyConversion, { maxLength: 8 }) }) },
  { weight: 1, arbitrary: fc.constant({ farms: true }) },
  {
    weight: 1,
    arbitrary: fc.record({ zone: fc.constantFrom('UTC', 'Asia/Kolkata', 'Europe/Berlin') }),
  },
);

const firstClicks = fc.array(anyClick, { minLength: 5, maxLength: 60 });

let serial = 0;

test('rollups equal a recount of the raw rows under random interleavings', async () => {
  await fc.assert(
    fc.asyncProperty(firstClicks, fc.array(anyStep, { minLength: 3 }), async (first, steps) => {
      const organizationId = `org_${++serial}`;
      const campaigns = await makeCampaigns(organizationId);
      // Two nodes, each with a journal and a shipper of its own.
      const nodes = await Promise.all([startNode(`${serial}-a`), startNode(`${serial}-b`)]);
      const ids: string[] = [];
      const ship = async (node: (typeof nodes)[number], given: GivenClick[]) => {
        const clicks = given.map((click) => clickOf(organizationId, campaigns, click));
        await Promise.all(clicks.map((click) => node.append(click)));
        await node.shipper.settle(20_000);
        ids.push(...clicks.map(({ id }) => id));
      };
      await ship(nodes[0] as (typeof nodes)[number], first);
      // All at once: only what they wait for of each other orders them.
      await Promise.all(
        steps.map(async (step, index) => {
          const node = nodes[index % 2] as (typeof nodes)[number];
          if ('clicks' in step) {
            await ship(node, step.clicks);
          } else if ('conversions' in step) {
            for (const { click, transaction, payout, status } of step.conversions) {
              const clickId = ids[click % ids.length] as string;
              const input = { clickId, transactionId: transaction, payout, status };
              await database.tx((tx) => recordConversion(kernel, tx, { organizationId }, input));
            }
          } else if ('farms' in step) {
            await markFarms(kernel);
          } else {
            await database.tx((tx) => recountInZone(tx, organizationId, step.zone));
          }
        }),
      );
      for (const node of nodes) await node.stop();
      await markFarms(kernel);
      expect(await readRollups(organizationId)).toEqual(await recount(organizationId));
    }),
    { numRuns: 25 },
  );
}, 240_000);

async function makeCampaigns(organizationId: string): Promise<number[]> {
  return database.tx(async (tx) => {
    await ensureSettings(tx, organizationId, 'Europe/Berlin');
    const make = (costModel: string, costValue: string) =>
      insertCampaign(
        tx,
        organizationId,
        `${organizationId}${costModel}`,
        { ...fields, costModel, costValue },
        NOW,
      );
    return [await make('cpa', '7.5'), await make('revshare', '33.333333')];
  });
}

async function startNode(name: string) {
  const journal = await Journal.open({ dir: join(dir, name), segmentBytes: 64 * 1024 });
  const shipper = new Shipper({ journal, database, clock, log: kernel.log });
  shipper.start();
  return {
    shipper,
    append: (click: ClickRecord) =>
      new Promise<void>((resolve, reject) =>
        journal.append(encodeClick(click), (error) => (error ? reject(error) : resolve())),
      ),
    async stop() {
      await journal.close();
      await shipper.stop();
    },
  };
}

type GivenClick = typeof anyClick extends fc.Arbitrary<infer T> ? T : never;

function clickOf(organizationId: string, campaigns: number[], given: GivenClick): ClickRecord {
  const atMs = NOW.getTime() - given.minutesAgo * 60_000;
  const { isCounted, isBot, isVpn, isDatacenter, country, device, cost } = given;
  return {
    ...{
      id: newClickId(atMs),
      organizationId,
      campaignId: campaigns[given.campaign] as number,
      atMs,
    },
    ...{ isCounted, isBot, isVpn, isDatacenter, isDiverted: isBot, country, device, cost },
    ...{ ip: '203.0.x.x', visitor: `v${given.visitor}`, earlierVisitors: [], network: 'n1' },
    ...{ city: null, asn: 7922, os: 'iOS', browser: null, hasOwnCost: given.visitor % 2 === 0 },
    ...{ trafficSourceId: given.visitor % 3 ? 1 : null, externalId: null, params: null },
    ...{ uniquenessWindowHours: 24, clickLimitPerMinute: 2 },
  };
}

type Sums = Record<string, bigint>;

/** Rollups that are not all zero, by key, money in billionths. */
async function readRollups(organizationId: string): Promise<Record<string, Sums>> {
  const { rows } = await database.pool.query(
    `SELECT dimension, campaign_id, day::text AS day, value, clicks, unique_clicks, real_clicks,
       bot_clicks, vpn_clicks, conversions, (revenue * 1000000000)::numeric(40, 0)::text AS revenue,
       (cost * 1000000000)::numeric(40, 0)::text AS cost
     FROM track.rollups WHERE organization_id = $1`,
    [organizationId],
  );
  const all = rows.map(({ dimension, campaign_id, day, value, ...sums }) => [
    `${dimension} ${campaign_id} ${day} ${value}`,
    Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, BigInt(sum as string)])),
  ]);
  return Object.fromEntries(all.filter(([, sums]) => Object.values(sums as Sums).some(Boolean)));
}

const billionths = (decimal: string) => {
  const [whole = '0', part = ''] = decimal.split('.');
  return BigInt(whole) * 1_000_000_000n + BigInt(part.padEnd(9, '0').slice(0, 9));
};

/** The same from every single click and conversion, in plain loops. */
async function recount(organizationId: string): Promise<Record<string, Sums>> {
  const { rows: zones } = await database.pool.query(
    'SELECT time_zone FROM track.settings WHERE organization_id = $1',
    [organizationId],
  );
  const local = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone: zones[0].time_zone, year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', hourCycle: 'h23' },
  });
  const totals: Record<string, Sums> = {};
  const add = (
    click: Record<string, unknown>,
    at: Date,
    fraud: unknown,
    more: Record<string, bigint>,
  ) => {
    const [day, hour] = local.format(at).split(' ');
    const values: [string, unknown][] = [
      ['total', ''],
      ['country', click['country'] ?? ''],
      ['device', click['device'] ?? ''],
      ['os', click['os'] ?? ''],
      ['browser', click['browser'] ?? ''],
      ['source', click['traffic_source_id'] ?? ''],
      ['hour', hour],
      ['fraud', fraud],
    ];
    for (const [dimension, value] of values) {
      if (value === null) continue;
      const key = `${dimension} ${click['campaign_id']} ${day} ${value}`;
      totals[key] ??= {
        ...{ clicks: 0n, unique_clicks: 0n, real_clicks: 0n, bot_clicks: 0n, vpn_clicks: 0n },
        ...{ conversions: 0n, revenue: 0n, cost: 0n },
      };
      for (const [name, amount] of Object.entries(more)) {
        totals[key][name] = (totals[key][name] ?? 0n) + amount;
      }
    }
  };
  const { rows: clicks } = await database.pool.query(
    'SELECT *, cost::text AS money FROM track.clicks WHERE organization_id = $1',
    [organizationId],
  );
  const byId = new Map(clicks.map((click) => [click.id, click]));
  for (const click of clicks) {
    if (!click.is_counted) continue;
    add(click, click.created_at, click.fraud, {
      clicks: 1n,
      unique_clicks: click.is_unique ? 1n : 0n,
      bot_clicks: click.is_bot ? 1n : 0n,
      vpn_clicks: !click.is_bot && click.is_vpn ? 1n : 0n,
      real_clicks: !click.is_bot && !click.is_vpn ? 1n : 0n,
      cost: billionths(click.money),
    });
  }
  const { rows: conversions } = await database.pool.query(
    `SELECT *, cost::text AS money, payout::text AS paid FROM track.conversions
     WHERE organization_id = $1`,
    [organizationId],
  );
  for (const conversion of conversions) {
    if (conversion.is_late || conversion.status === 'rejected') continue;
    const isApproved = conversion.status === 'approved';
    add(byId.get(conversion.click_id), conversion.created_at, null, {
      conversions: 1n,
      revenue: isApproved ? billionths(conversion.paid) : 0n,
      cost: isApproved ? billionths(conversion.money) : 0n,
    });
  }
  return Object.fromEntries(
    Object.entries(totals).filter(([, sums]) => Object.values(sums).some(Boolean)),
  );
}
