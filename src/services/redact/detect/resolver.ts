/**
 * Where several findings claim the same text one of them speaks for it. One that lies within
 * another goes, unless it is much surer; of two equal stretches the surer stays. Two that merely
 * overlap both stay: what is removed is their union.
 */
import type { EntityType } from './entities.ts';

export interface Candidate {
  type: EntityType;
  confidence: number;
  start: number;
  end: number;
}

/** Settles ties between types whose forms are the same: the more telling first. */
const RANK: Partial<Record<EntityType, number>> = {
  term: 9,
  card_track: 8,
  mrz: 8,
  credit_card: 7,
  iban: 7,
  ssn: 6,
  date_of_birth: 6,
  email: 6,
  secret: 5,
  url: 5,
  medical_record: 5,
  health_plan: 5,
  phone: 3,
  date: 3,
  account_number: 2,
  bank_account: 2,
  username: 1,
};

export function resolve<T extends Candidate>(candidates: readonly T[]): T[] {
  const byStrength = candidates.toSorted(
    (a, b) => strength(b) - strength(a) || b.end - b.start - (a.end - a.start) || a.start - b.start,
  );
  const kept: T[] = [];
  const covered = new Coverage();
  for (const candidate of byStrength) {
    if (covered.holds(candidate.start, candidate.end)) continue;
    covered.add(candidate.start, candidate.end);
    kept.push(candidate);
  }
  return withoutInner(kept.toSorted((a, b) => a.start - b.start || b.end - a.end));
}

function strength({ confidence, type, start, end }: Candidate): number {
  // Length counts a little: of two nearly as sure the longer says more.
  return confidence * 100 + (RANK[type] ?? 2) + Math.min(end - start, 40) / 10;
}

/** Drops what lies wholly within a longer one that came later in strength. */
function withoutInner<T extends Candidate>(sorted: readonly T[]): T[] {
  const result: T[] = [];
  let outerEnd = -1;
  for (const candidate of sorted) {
    if (candidate.end <= outerEnd) continue;
    result.push(candidate);
    outerEnd = Math.max(outerEnd, candidate.end);
  }
  return result;
}

/** Stretches already spoken for, merged and ordered, so that a look-up is a binary search. */
class Coverage {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  /** True where one stretch holds all of it. */
  holds(start: number, end: number): boolean {
    const i = this.before(start);
    return i >= 0 && (this.ends[i] ?? 0) >= end;
  }

  add(start: number, end: number): void {
    let i = this.before(start);
    if (i < 0 || (this.ends[i] ?? 0) < start) i++;
    let last = i;
    let [from, to] = [start, end];
    while (last < this.starts.length && (this.starts[last] ?? 0) <= end) {
      from = Math.min(from, this.starts[last] ?? from);
      to = Math.max(to, this.ends[last] ?? to);
      last++;
    }
    this.starts.splice(i, last - i, from);
    this.ends.splice(i, last - i, to);
  }

  private before(start: number): number {
    let [low, high] = [0, this.starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
