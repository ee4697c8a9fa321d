/**
 * The bridge between a text as it is read and the source that it stands in: `&amp;` in HTML is one
 * character of text, a tag between two letters is none. A map is a list of runs in text order; an
 * edit of the text becomes cuts in the source, and nothing between the runs is touched.
 */
export interface Run {
  textStart: number;
  textEnd: number;
  sourceStart: number;
  sourceEnd: number;
  /** Character for character the same; else the run goes as a whole. */
  isPlain: boolean;
  /** How a stand-in is written here. */
  encode?: (text: string) => string;
}

export interface Cut {
  start: number;
  end: number;
  /** What stands there instead, as source. */
  insert: string;
}

export class SourceMap {
  private readonly pieces: string[] = [];
  private readonly runs: Run[] = [];
  private length = 0;

  get text(): string {
    return this.pieces.join('');
  }

  get textLength(): number {
    return this.length;
  }

  /** Text that is written exactly so at `sourceStart`. */
  plain(text: string, sourceStart: number, encode?: (text: string) => string): void {
    this.add(text, sourceStart, sourceStart + text.length, true, encode);
  }

  /** Text that is written some other way; an edit that touches it replaces all of it. */
  whole(
    text: string,
    sourceStart: number,
    sourceEnd: number,
    encode?: (text: string) => string,
  ): void {
    this.add(text, sourceStart, sourceEnd, false, encode);
  }

  /** Text that is nowhere in the source: the line break that a paragraph's end is. */
  virtual(text: string): void {
    this.pieces.push(text);
    this.length += text.length;
  }

  private add(
    text: string,
    sourceStart: number,
    sourceEnd: number,
    isPlain: boolean,
    encode?: (text: string) => string,
  ): void {
    if (text.length === 0) return;
    const textStart = this.length;
    this.virtual(text);
    this.runs.push({ textStart, textEnd: this.length, sourceStart, sourceEnd, isPlain, encode });
  }

  /** The cuts that make a stretch of the text `replacement`. */
  cuts(start: number, end: number, replacement: string): Cut[] {
    const cuts: Cut[] = [];
    for (let i = this.firstRunAt(start); i < this.runs.length; i++) {
      const run = this.runs[i];
      if (!run || run.textStart >= end) break;
      const from = run.isPlain ? Math.max(start - run.textStart, 0) : 0;
      const to = run.isPlain ? Math.min(end, run.textEnd) - run.textStart : 0;
      const insert = cuts.length === 0 ? (run.encode?.(replacement) ?? replacement) : '';
      cuts.push({
        start: run.sourceStart + from,
        end: run.isPlain ? run.sourceStart + to : run.sourceEnd,
        insert: insert || (run.encode && !run.isPlain ? run.encode('') : ''),
      });
    }
    return cuts;
  }

  private firstRunAt(position: number): number {
    let [low, high] = [0, this.runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.runs[middle]?.textEnd ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The source with the cuts made. Overlapping cuts become one. */
export function applyCuts(source: string, cuts: readonly Cut[]): string {
  const pieces: string[] = [];
  let position = 0;
  for (const cut of cuts.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (cut.end <= position && cut.start < position) continue;
    if (cut.start >= position) pieces.push(source.slice(position, cut.start), cut.insert);
    position = Math.max(position, cut.end);
  }
  pieces.push(source.slice(position));
  return pieces.join('');
}
