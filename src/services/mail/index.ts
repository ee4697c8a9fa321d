/** Mail: aliases on your own domains, sending from them, replies, bounces, health. */
import { promises as dns } from 'node:dns';
import { join } from 'node:path';
import type { Kernel, Service } from '../../kernel/index.ts';
import { DEVELOPMENT_DOMAIN, type MailDeps, type TrackLinks } from './deps.ts';
import { MAIL_EDGE } from './edge.ts';
import { receive, receiveJob } from './inbound/receive.ts';
import { type Inbound, startInbound } from './inbound/smtp-server.ts';
import { deliver, deliverJob } from './outbound/deliver.ts';
import { mxTransport } from './outbound/mx-transport.ts';
import { mailboxTransport, relayTransport } from './outbound/transport.ts';
import { refreshHealth } from './reputation/reputation.ts';
import { mailRoutes } from './routes.ts';
import { listForgotten } from './store/arrival-store.ts';
import { listOverdue } from './store/delivery-store.ts';
import { createVault } from './vault.ts';

export type { TrackLinks } from './deps.ts';

export interface MailFriends {
  trackLinks?: TrackLinks;
}

export interface MailService extends Service {
  /** Where the SMTP server listens, once it does. */
  smtpPort(): number | null;
}

/** A message that no job came for is looked after by the schedule. */
const OVERDUE_MS = 5 * 60_000;

export function createMail(kernel: Kernel, { trackLinks }: MailFriends): MailService {
  const { config, clock, database } = kernel;
  const resolver = new dns.Resolver({ timeout: 3_000, tries: 2 });
  if (config.dnsServers) resolver.setServers(config.dnsServers);
  const relay = config.smtpUrl ? relayTransport(config.smtpUrl) : null;
  const mailbox = mailboxTransport(join(config.dataDir, 'mailbox'));
  const direct = mxTransport(resolver, { clock, name: config.bounceDomain ?? config.mailDomain });
  // Only where neither a relay nor a real domain is configured does mail stay here.
  const staysHere = config.mailDomain === undefined ? DEVELOPMENT_DOMAIN : null;
  const deps: MailDeps = {
    kernel,
    vault: createVault(kernel.keyring),
    transportFor: (domain) => relay ?? (domain === staysHere ? mailbox : direct),
    resolver,
    trackLinks,
  };
  let inbound: Inbound | null = null;

  return {
    edge: { ...MAIL_EDGE, routes: (app) => mailRoutes(app, deps) },
    work(jobs) {
      jobs.work(deliverJob, async ({ messageId }) => void (await deliver(deps, messageId)));
      jobs.work(receiveJob, ({ arrivalId }) => receive(deps, arrivalId));
    },
    schedule: [
      {
        name: 'mail-overdue',
        cron: '* * * * *',
        async handler() {
          const before = new Date(clock.now().getTime() - OVERDUE_MS);
          for (const messageId of await listOverdue(database.db, before)) {
            await kernel.jobs.send(deliverJob, { messageId }, { singletonKey: messageId });
          }
          for (const arrivalId of await listForgotten(database.db, before)) {
            await kernel.jobs.send(receiveJob, { arrivalId }, { singletonKey: arrivalId });
          }
        },
      },
      { name: 'mail-health', cron: '11 * * * *', handler: () => refreshHealth(deps) },
    ],
    async start(roles) {
      if (roles.has('smtp')) inbound = await startInbound(deps);
    },
    async stop() {
      await inbound?.stop();
      relay?.close();
    },
    smtpPort: () => inbound?.port ?? null,
  };
}
