/**
 * Which clicks of a batch are unique, fast repeats or duplicates. Each visitor of a campaign has a
 * mark: when it last counted as unique, and how many clicks its present minute has. Clicks are taken
 * in their order, the marks moving along, exactly as if they had come one by one.
 */
import type { ClickRecord } from './click-record.ts';

export interface VisitorMark {
  campaignId: number;
  visitor: string;
  /** When this visitor last counted as unique. */
  uniqueAtMs: number;
  /** The start of the minute that is being counted, and the clicks in it. */
  minuteAtMs: number;
  minuteClicks: number;
  /** From then on the mark says nothing any more. */
  expiresAtMs: number;
}

export type FraudType = 'bot' | 'datacenter' | 'vpn' | 'click_farm' | 'rapid_fire' | 'duplicate';

/** In the order in which the first that holds is the click's one. */
export const FRAUD_TYPES: readonly FraudType[] = [
  'bot',
  'datacenter',
  'vpn',
  'click_farm',
  'rapid_fire',
  'duplicate',
];

export interface JudgedClick {
  click: ClickRecord;
  isUnique: boolean;
  fraud: FraudType | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export function markKey(campaignId: number, visitor: string): string {
  return `${campaignId} ${visitor}`;
}

/**
 * Judges clicks in their order.
 * @param marks what is known of these visitors by `markKey`, under today's and earlier days' names;
 *   holds afterwards what is to be kept
 * @returns the judgements, and the keys of the marks that changed
 */
export function judgeClicks(
  clicks: readonly ClickRecord[],
  marks: Map<string, VisitorMark>,
): { judged: JudgedClick[]; changed: Set<string> } {
  const changed = new Set<string>();
  const judged = clicks.map((click): JudgedClick => {
    // What was answered but is not counted leaves no trace on what is.
    if (!click.isCounted) return { click, isUnique: false, fraud: null };
    const key = markKey(click.campaignId, click.visitor);
    const windowMs = click.uniquenessWindowHours * HOUR_MS;
    const before = marks.get(key) ?? earlierMark(click, marks);
    const isUnique = before === undefined || click.atMs >= before.uniqueAtMs + windowMs;
    const minuteAtMs = Math.floor(click.atMs / MINUTE_MS) * MINUTE_MS;
    const isSameMinute = before?.minuteAtMs === minuteAtMs;
    const minuteClicks = (isSameMinute ? before.minuteClicks : 0) + 1;
    const uniqueAtMs = isUnique ? click.atMs : before.uniqueAtMs;
    const { campaignId, visitor } = click;
    const expiresAtMs = uniqueAtMs + windowMs + MINUTE_MS;
    marks.set(key, { campaignId, visitor, uniqueAtMs, minuteAtMs, minuteClicks, expiresAtMs });
    changed.add(key);
    return { click, isUnique, fraud: fraudOf(click, isUnique, minuteClicks) };
  });
  return { judged, changed };
}

/** The mark under a name of an earlier day: a window reaches over midnight, a name does not. */
function earlierMark(
  { campaignId, earlierVisitors }: ClickRecord,
  marks: Map<string, VisitorMark>,
): VisitorMark | undefined {
  let latest: VisitorMark | undefined;
  for (const visitor of earlierVisitors) {
    const mark = marks.get(markKey(campaignId, visitor));
    if (mark && (!latest || mark.uniqueAtMs > latest.uniqueAtMs)) latest = mark;
  }
  return latest;
}

/** Everything but `click_farm`, which needs the neighbours and is found by a job. */
function fraudOf(click: ClickRecord, isUnique: boolean, minuteClicks: number): FraudType | null {
  if (click.isBot) return 'bot';
  if (click.isDatacenter) return 'datacenter';
  if (click.isVpn) return 'vpn';
  const limit = click.clickLimitPerMinute;
  if (limit !== null && minuteClicks > limit) return 'rapid_fire';
  return isUnique ? null : 'duplicate';
}
