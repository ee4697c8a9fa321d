/**
 * What each ad platform's click-quality form asks for, a row a fraudulent click. Google's
 * investigation form takes the click ids (gclid) with date, time, IP and what is wrong; the others
 * have no fixed file, so theirs carry the same under their own click id's name.
 */
import type { Platform } from '../schema/statistics.ts';
import type { FraudulentClick } from '../store/report-store.ts';
import { moment, number } from '../wire.ts';

const REASONS: Record<string, string> = {
  bot: 'Automated client (bot)',
  datacenter: 'Datacenter address, not a consumer network',
  vpn: 'VPN, proxy or Tor address',
  click_farm: 'Click farm: many like devices from one network without conversions',
  rapid_fire: 'Rapid repeated clicks by one visitor',
  duplicate: 'Duplicate click by the same visitor',
};

interface Layout {
  header: readonly string[];
  row(click: FraudulentClick): readonly unknown[];
}

/** The platform's click id: kept by its own name, or as the id of the campaign's traffic source. */
function idOf({ subs, externalId }: FraudulentClick, ...names: string[]): string {
  for (const name of names) if (subs[name]) return subs[name];
  return externalId ?? '';
}

function platformLayout(idTitle: string, ...names: string[]): Layout {
  return {
    header: [idTitle, 'Date and Time (UTC)', 'IP Address', 'Country', 'Campaign', 'Reason'],
    row: (click) => [
      idOf(click, ...names),
      click.createdAt.toISOString().slice(0, 19).replace('T', ' '),
      click.ip,
      click.country,
      click.campaignName,
      REASONS[click.fraud] ?? click.fraud,
    ],
  };
}

export const LAYOUTS: Record<Platform, Layout> = {
  google: {
    header: ['GCLID', 'Date and Time (UTC)', 'IP Address', 'Reason'],
    row: (click) => [
      idOf(click, 'gclid', 'gbraid', 'wbraid'),
      click.createdAt.toISOString().slice(0, 19).replace('T', ' '),
      click.ip,
      REASONS[click.fraud] ?? click.fraud,
    ],
  },
  meta: platformLayout('FBCLID', 'fbclid'),
  microsoft: platformLayout('MSCLKID', 'msclkid'),
  tiktok: platformLayout('TTCLID', 'ttclid'),
  generic: {
    header: [
      'click_id',
      'external_id',
      'time',
      'ip',
      'country',
      'campaign_id',
      'campaign',
      'fraud_type',
      'cost',
    ],
    row: (click) => [
      click.id,
      click.externalId,
      moment(click.createdAt),
      click.ip,
      click.country,
      click.campaignId,
      click.campaignName,
      click.fraud,
      number(click.cost),
    ],
  },
};
