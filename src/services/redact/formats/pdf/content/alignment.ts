/**
 * Where a run of words has its fixed end. A line that is centred or flush right begins where its
 * width lets it begin, so its beginning tells how wide the removed words were. Which it is, the other
 * runs of the page say: those of other widths that share its beginning, its end or its middle.
 */
export interface Run {
  /** Direction of the line, in hundredths of a radian. */
  angle: number;
  /** Across the lines, in points: where its baseline is. */
  offset: number;
  /** Along the line, in points. */
  start: number;
  end: number;
  /** Of its letters, in points. */
  size: number;
}

export type Alignment = 'start' | 'middle' | 'end';

/** Points. */
const SAME = 0.7;
/** Runs whose widths differ by less say nothing. */
const OTHER_WIDTH = 1;
/** In sizes of the letters: rows of a table are no further apart. */
const NEAR = 6;
/** What the block of all lines has to say where no line says anything. */
const BLOCK_VOTE = 0.01;
/** More on a page are hostile. */
const MOST_RUNS = 5000;

export class Alignments {
  private readonly byAngle = new Map<number, Run[]>();

  /** @param runs of the page, as they were */
  constructor(runs: readonly Run[]) {
    for (const run of runs.slice(0, MOST_RUNS)) {
      const same = this.byAngle.get(run.angle);
      if (same) same.push(run);
      else this.byAngle.set(run.angle, [run]);
    }
  }

  /** True where runs of lines near by begin, too. */
  isBeginning({ angle, offset, start, size }: Omit<Run, 'end'>): boolean {
    return (this.byAngle.get(angle) ?? []).some((other) => {
      const away = Math.abs(other.offset - offset);
      return away > size / 2 && away < size * NEAR && Math.abs(other.start - start) < SAME;
    });
  }

  of({ angle, offset, start, end, size }: Run): Alignment {
    const votes = { start: 0, middle: 0, end: 0 };
    const vote = (other: { start: number; end: number }, weight: number) => {
      if (Math.abs(other.start - start) < SAME) votes.start += weight;
      if (Math.abs(other.end - end) < SAME) votes.end += weight;
      if (Math.abs(other.start + other.end - start - end) < SAME * 2) votes.middle += weight;
    };
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const other of this.byAngle.get(angle) ?? []) {
      if (Math.abs(other.end - other.start - (end - start)) < OTHER_WIDTH) continue;
      // The lines next to it say most: they are of its column.
      vote(other, 1 / (1 + ((other.offset - offset) / Math.max(size, 1)) ** 2));
      least = Math.min(least, other.start);
      most = Math.max(most, other.end);
    }
    if (most > least) vote({ start: least, end: most }, BLOCK_VOTE);
    if (votes.start >= Math.max(votes.middle, votes.end)) return 'start';
    return votes.end >= votes.middle ? 'end' : 'middle';
  }
}
