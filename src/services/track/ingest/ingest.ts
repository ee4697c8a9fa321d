/** What takes clicks in: the links in memory, the journal, the redirect that writes it, the shipper. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Db } from '../../../kernel/db/schema.ts';
import type { Kernel } from '../../../kernel/index.ts';
import { LINKS_TOPIC } from '../campaigns.ts';
import { clientAddress } from '../redirect/client-address.ts';
import { LinkCache } from '../redirect/link-cache.ts';
import { createRedirect, type RedirectDeps } from '../redirect/redirect.ts';
import { VisitorHashes } from '../redirect/visitor.ts';
import { allLinks, linkOf } from '../store/link-store.ts';
import { moment, number } from '../wire.ts';
import { Journal } from './journal.ts';
import { Shipper } from './shipper.ts';
import type { JudgedClick } from './visits.ts';

interface IngestOptions {
  dir: string;
  factsOf: RedirectDeps['factsOf'];
  route: RedirectDeps['route'];
}

export class Ingest {
  readonly links: LinkCache;
  readonly redirect: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly #journal: Journal;
  readonly #shipper: Shipper;
  readonly #unsubscribe: () => void;

  private constructor(kernel: Kernel, journal: Journal, { dir, factsOf, route }: IngestOptions) {
    const { clock, config, database, keyring, log } = kernel;
    this.#journal = journal;
    this.links = new LinkCache({
      snapshotPath: join(dir, 'links.json'),
      log,
      readAll: () => allLinks(database.db),
      readOne: (campaignId) => linkOf(database.db, campaignId),
    });
    this.redirect = createRedirect({
      clock,
      log,
      links: this.links,
      journal,
      hashes: new VisitorHashes(keyring),
      isForeignHost: foreignHosts(config.hosts),
      addressOf: clientAddress(config.trustedProxies),
      factsOf,
      route,
      random: Math.random,
    });
    this.#shipper = new Shipper({
      ...{ journal, database, clock, log },
      onClicks: (tx, judged) => tellFraud(kernel, tx, judged),
    });
    this.#unsubscribe = database.changes.subscribe(LINKS_TOPIC, (key) => {
      // No number: all links, or news that may have been missed.
      const campaignId = Number(key);
      void (campaignId > 0 ? this.links.refresh(campaignId) : this.links.load());
    });
  }

  static async open(kernel: Kernel, options: IngestOptions): Promise<Ingest> {
    const journal = await Journal.open({
      dir: options.dir,
      onTrouble: (message, detail) => kernel.log.warn(detail, message),
    });
    const ingest = new Ingest(kernel, journal, options);
    await ingest.links.load();
    ingest.#shipper.start();
    return ingest;
  }

  settle(timeoutMs: number): Promise<void> {
    return this.#shipper.settle(timeoutMs);
  }

  backlogBytes(): number {
    return this.#shipper.backlogBytes();
  }

  /** Makes durable what waits, ships what it can; the rest is shipped by the next start. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#journal.close();
    await this.#shipper.stop();
    await this.links.close();
  }
}

async function tellFraud(
  { webhooks }: Kernel,
  tx: Db,
  judged: readonly JudgedClick[],
): Promise<void> {
  const events = judged.flatMap(({ click, fraud }) => {
    if (fraud === null) return [];
    const timestamp = moment(new Date(click.atMs));
    const { id, organizationId, campaignId, ip, country, cost } = click;
    const data = {
      id,
      campaign_id: campaignId,
      fraud_type: fraud,
      ip,
      country,
      cost: number(cost),
    };
    const type = 'click.fraud' as const;
    return [{ organizationId, type, payload: { type, timestamp, data } }];
  });
  if (events.length > 0) await webhooks.emit(tx, events);
}

/** A host that is bound to another service has that service's paths, ours not among them. */
function foreignHosts(hosts: Kernel['config']['hosts']): (host: string | undefined) => boolean {
  if (!hosts) return () => false;
  return (host) => {
    const bound = hosts.get((host ?? '').replace(/:\d+$/, '').toLowerCase());
    return bound !== undefined && bound !== 'track';
  };
}
