/**
 * Gate: a verdict on each visitor. The front door: `createGate` for the server (with `decide` and
 * `ownsFlow` for other services of the process), `observe` and `judge` for whoever has a visitor and no server.
 */
import type { Intel } from '../../intel/index.ts';
import type { Kernel, Service } from '../../kernel/index.ts';
import { createSettingsCache } from './account-settings.ts';
import { dayOf, daysBefore } from './calendar.ts';
import { GATE_EDGE } from './edge.ts';
import { createChecks, type Decide } from './gate.ts';
import { gateRoutes } from './routes.ts';
import { deleteAddressDaysBefore } from './store/count-store.ts';

export type { Decide, DecideInput, Routing } from './gate.ts';
export { judge } from './judge/judge.ts';
export { observe } from './judge/observation.ts';

/** The latest zone is 26 hours behind the earliest: yesterday's caps may still be today's somewhere. */
const CAP_DAYS_KEPT = 2;

export interface GateService extends Service {
  decide: Decide;
  /** Whether the organization has this flow. */
  ownsFlow(organizationId: string, flowId: number): Promise<boolean>;
}

export function createGate(kernel: Kernel, { intel }: { intel: Intel }): GateService {
  const { accounts, clock, database, keys, ledger, limiter } = kernel;
  const settings = createSettingsCache(database, accounts);
  const gate = createChecks({ intel, clock, database, keys, ledger, limiter, settings });
  return {
    edge: {
      ...GATE_EDGE,
      routes: (app) => gateRoutes(app, { kernel, intel, settings, gate }),
    },
    decide: gate.decide,
    ownsFlow: async (organizationId, flowId) =>
      (await settings.of(organizationId)).flows.has(flowId),
    schedule: [
      {
        name: 'gate-forget-caps',
        cron: '43 2 * * *',
        async handler() {
          const oldest = daysBefore(dayOf(clock.now(), 'UTC'), CAP_DAYS_KEPT);
          await deleteAddressDaysBefore(database.db, oldest);
        },
      },
    ],
    async stop() {
      await gate.drained();
      settings.close();
    },
  };
}
