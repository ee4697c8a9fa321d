/**
 * Where a run of words has its fixed end. A line that is centred or flush right begins where its
 * width lets it begin, so its beginning tells how wide the removed words were. Which it is, the other
 * runs of the page say: those of other widths that share its beginning, its end or its middle.
 */
export interface Run {
  /** Direction of the line, in hundredths of a radian. */
  angle: number;
  /** Along the line, in points. */
  start: number;
  end: number;
}

export type Alignment = 'start' | 'middle' | 'end';

/** Points. */
const SAME = 0.7;
/** Runs whose widths differ by less say nothing. */
const OTHER_WIDTH = 1;

export class Alignments {
  private readonly byAngle = new Map<number, Run[]>();

  /** @param runs of the page, as they were */
  constructor(runs: Iterable<Run>) {
    for (const run of runs) {
      const same = this.byAngle.get(run.angle);
      if (same) same.push(run);
      else this.byAngle.set(run.angle, [run]);
    }
  }

  of({ angle, start, end }: Run): Alignment {
    const votes = { start: 0, middle: 0, end: 0 };
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const vote = (other: { start: number; end: number }) => {
      if (Math.abs(other.start - start) < SAME) votes.start++;
      if (Math.abs(other.end - end) < SAME) votes.end++;
      if (Math.abs(other.start + other.end - start - end) < SAME * 2) votes.middle++;
    };
    for (const other of this.byAngle.get(angle) ?? []) {
      if (Math.abs(other.end - other.start - (end - start)) < OTHER_WIDTH) continue;
      vote(other);
      least = Math.min(least, other.start);
      most = Math.max(most, other.end);
    }
    // The block of all lines has a voice where no single one says anything.
    if (most > least) vote({ start: least, end: most });
    if (votes.start >= Math.max(votes.middle, votes.end)) return 'start';
    return votes.end >= votes.middle ? 'end' : 'middle';
  }
}
