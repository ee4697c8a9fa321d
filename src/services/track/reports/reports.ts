/** Reports of invalid traffic: asked for now, written by a job, kept as a file for 30 days. */
import { Readable } from 'node:stream';
import type { Db } from '../../../kernel/db/schema.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { Kernel } from '../../../kernel/index.ts';
import { jobType } from '../../../kernel/jobs/index.ts';
import type { Principal } from '../../../kernel/principal.ts';
import { addDays, daysOf } from '../days.ts';
import { clickIdFrom } from '../redirect/click-id.ts';
import type { CreateReport, Platform, Report } from '../schema/statistics.ts';
import { ownsCampaign } from '../store/campaign-store.ts';
import { midnights } from '../store/click-store.ts';
import * as store from '../store/report-store.ts';
import { moment } from '../wire.ts';
import { csvRow } from './csv.ts';
import { LAYOUTS } from './platforms.ts';

const KEPT_MS = 30 * 86_400_000;
const BATCH_ROWS = 1_000;

export const reportJob = jobType<{ organizationId: string; id: number }>('track.fraud-report');

/** @throws Fault `not_found` for a campaign of somebody else */
export async function createReport(
  { clock, jobs }: Kernel,
  tx: Db,
  { organizationId, timeZone }: Principal,
  body: CreateReport,
): Promise<Report> {
  const { campaign_id: campaignId, platform = 'generic' } = body;
  if (campaignId !== undefined && !(await ownsCampaign(tx, organizationId, campaignId))) {
    throw new Fault('not_found', 'There is no such campaign.');
  }
  const now = clock.now();
  const days = daysOf(body, now, timeZone);
  const fields = { campaignId: campaignId ?? null, platform, ...days };
  const id = await store.insertReport(tx, organizationId, fields, now);
  await jobs.send(reportJob, { organizationId, id }, { tx });
  return getReport(tx, organizationId, id);
}

/** @throws Fault `not_found` */
export async function getReport(db: Db, organizationId: string, id: number): Promise<Report> {
  return toWire(await find(db, organizationId, id));
}

/** @throws Fault `conflict` while it is not written yet, `not_found` once it is gone */
export async function readReport(
  { database, files }: Kernel,
  organizationId: string,
  id: number,
): Promise<Readable> {
  const report = await find(database.db, organizationId, id);
  if (report.status === 'pending') {
    throw new Fault('conflict', 'The report is still being written. Try again in a moment.');
  }
  if (report.fileId === null) throw new Fault('conflict', 'The report failed. Ask for a new one.');
  return files.read(report.fileId, organizationId);
}

/** The job: writes the file, then says so, once, however often it runs. */
export async function writeReport(
  kernel: Kernel,
  { organizationId, id }: { organizationId: string; id: number },
): Promise<void> {
  const { database, files, clock, accounts, webhooks } = kernel;
  const report = await find(database.db, organizationId, id);
  if (report.status !== 'pending') return;
  const { timeZone } = await accounts.organization(database.db, organizationId);
  let rows = 0;
  const lines = linesOf(database.db, report, timeZone, () => rows++);
  const file = await files.put(Readable.from(lines, { objectMode: false }));
  await database.tx(async (tx) => {
    const now = clock.now();
    const end = { status: 'ready', rows, fileId: file.id } as const;
    // Another run of the same job was first: its file is the report.
    if (!(await store.finishReport(tx, id, end, now))) return;
    await files.keep(tx, file.id, organizationId, new Date(now.getTime() + KEPT_MS));
    const data = toWire(await find(tx, organizationId, id));
    const payload = { type: 'report.ready', timestamp: moment(now), data };
    await webhooks.emit(tx, { organizationId, type: 'report.ready', payload });
  });
}

async function* linesOf(
  db: Db,
  report: store.ReportRow,
  timeZone: string,
  onRow: () => void,
): AsyncGenerator<string> {
  const layout = LAYOUTS[report.platform as Platform];
  const [from = 0, to = 0] = await midnights(db, [report.from, addDays(report.to, 1)], timeZone);
  const { organizationId, campaignId } = report;
  const scope = {
    organizationId,
    campaignId,
    fromId: clickIdFrom(from),
    beforeId: clickIdFrom(to),
  };
  yield csvRow(layout.header);
  let after = '';
  for (;;) {
    const clicks = await store.fraudulentClicks(db, scope, after, BATCH_ROWS);
    for (const click of clicks) {
      onRow();
      yield csvRow(layout.row(click));
    }
    if (clicks.length < BATCH_ROWS) return;
    after = clicks.at(-1)?.id ?? '';
  }
}

async function find(db: Db, organizationId: string, id: number): Promise<store.ReportRow> {
  const report = await store.findReport(db, organizationId, id);
  if (!report) throw new Fault('not_found', 'There is no such report.');
  return report;
}

function toWire(row: store.ReportRow): Report {
  return {
    id: row.id,
    status: row.status,
    campaign_id: row.campaignId,
    platform: row.platform as Platform,
    from: row.from,
    to: row.to,
    rows: row.rows,
    created_at: moment(row.createdAt),
    finished_at: row.finishedAt && moment(row.finishedAt),
  };
}
