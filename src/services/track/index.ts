/** Track: click tracking, conversions, statistics, invalid traffic. The front door of the service. */
import { join } from 'node:path';
import { Gauge } from 'prom-client';
import type { Intel } from '../../intel/index.ts';
import type { RawHandler } from '../../kernel/http/edge.ts';
import type { Kernel, Service } from '../../kernel/index.ts';
import type { TrackContext } from './context.ts';
import { createEdge } from './edge.ts';
import { startMarkingFarms } from './fraud/farms.ts';
import { Ingest } from './ingest/ingest.ts';
import { type TrackedMessage, trackLinks } from './redirect/link-tracking.ts';
import { type Decide, routeBy } from './redirect/routing.ts';
import { visitorFacts } from './redirect/visitor-facts.ts';
import { reportJob, writeReport } from './reports/reports.ts';
import { trackRoutes } from './routes.ts';
import { sweepMarks } from './store/ingest-store.ts';

export interface TrackFriends {
  intel: Intel;
  /** Gate's: where a flow sends a visitor. */
  decide: Decide;
  /** Gate's: whether the organization has this flow. */
  ownsFlow(organizationId: string, flowId: number): Promise<boolean>;
}

export interface TrackService extends Service {
  /** A message with its links measured, for Mail. */
  trackLinks(message: TrackedMessage): Promise<{ text?: string; html?: string }>;
}

/** How long a reader waits for clicks that are on disk and not yet in the database. */
const SETTLE_MS = 1_500;

export function createTrack(kernel: Kernel, friends: TrackFriends): TrackService {
  const { clock, config, database, metrics } = kernel;
  let ingest: Ingest | null = null;
  let stopMarking: (() => Promise<void>) | null = null;
  const raw: RawHandler = (request, response) => ingest?.redirect(request, response) ?? false;
  const context: TrackContext = {
    kernel,
    ownsFlow: friends.ownsFlow,
    settle: async () => ingest?.settle(SETTLE_MS),
    refreshLink: async (campaignId) => ingest?.links.refresh(campaignId),
    refreshAllLinks: async () => ingest?.links.load(),
    redirect: raw,
  };

  return {
    edge: createEdge((app) => trackRoutes(app, context)),
    raw,
    trackLinks: (message) => trackLinks(kernel, message),
    work(jobs) {
      jobs.work(reportJob, (data) => writeReport(kernel, data));
    },
    schedule: [
      {
        name: 'track-forget-visitors',
        cron: '23 * * * *',
        handler: () => sweepMarks(database.db, clock.now()),
      },
    ],
    async start(roles) {
      if (roles.has('worker')) stopMarking = startMarkingFarms(kernel);
      if (!roles.has('edge')) return;
      const opened = await Ingest.open(kernel, {
        dir: join(config.dataDir, 'journal'),
        factsOf: visitorFacts(friends.intel),
        route: routeBy(friends.decide),
      });
      ingest = opened;
      new Gauge({
        name: 'cloakroom_track_journal_backlog_bytes',
        help: 'Clicks that are durable and not yet in the database',
        registers: [metrics],
        collect() {
          this.set(opened.backlogBytes());
        },
      });
    },
    async stop() {
      await stopMarking?.();
      await ingest?.stop();
    },
  };
}
