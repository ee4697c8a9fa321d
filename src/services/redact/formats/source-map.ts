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
  /** The text stands elsewhere: there, from this place on. */
  link?: { map: SourceMap; start: number };
}

export interface Cut {
  /** Of the source, where there are several. */
  file: string;
  start: number;
  end: number;
  /** What stands there instead, as source. */
  insert: string;
}

export interface Stretch {
  start: number;
  end: number;
}

export interface Link {
  to: { map: SourceMap; start: number };
  textStart: number;
  textEnd: number;
}

export class SourceMap {
  /** Which source it maps, where there are several. */
  readonly file: string;
  private readonly pieces: string[] = [];
  private readonly runs: Run[] = [];
  private readonly ties: { stretch: Stretch; follower: Stretch }[] = [];
  private length = 0;

  constructor(file = '') {
    this.file = file;
  }

  get text(): string {
    return this.pieces.join('');
  }

  get textLength(): number {
    return this.length;
  }

  /** True where nothing has been written yet, or the last was a line's end. */
  get endsLine(): boolean {
    return this.length === 0 || (this.pieces.at(-1)?.endsWith('\n') ?? true);
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

  /** Text that stands in another source, shared perhaps: edits go there. */
  linked(text: string, map: SourceMap, start: number): void {
    if (text.length === 0) return;
    const textStart = this.length;
    this.virtual(text);
    const link = { map, start };
    this.runs.push({
      textStart,
      textEnd: this.length,
      sourceStart: 0,
      sourceEnd: 0,
      isPlain: true,
      link,
    });
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

  /** Says that `with` goes where something of `stretch` goes. */
  tie(stretch: Stretch, follower: Stretch): void {
    this.ties.push({ stretch, follower });
  }

  /** What truly goes with a stretch: runs that go as a whole, and what is tied to them. */
  extended({ start, end }: Stretch): { stretch: Stretch; followers: Stretch[] } {
    let [from, to] = [start, end];
    for (let i = this.firstRunAt(start); i < this.runs.length; i++) {
      const run = this.runs[i];
      if (!run || run.textStart >= end) break;
      if (run.isPlain) continue;
      from = Math.min(from, run.textStart);
      to = Math.max(to, run.textEnd);
    }
    return { stretch: { start: from, end: to }, followers: this.followersOf(from, to) };
  }

  /** Ties are made in text order, so the first that matters is found by halving. */
  private followersOf(start: number, end: number): Stretch[] {
    let [low, high] = [0, this.ties.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ties[middle]?.stretch.end ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    const followers: Stretch[] = [];
    for (let i = low; i < this.ties.length; i++) {
      const tie = this.ties[i];
      if (!tie || tie.stretch.start >= end) break;
      followers.push(tie.follower);
    }
    return followers;
  }

  /** The texts that stand elsewhere. */
  *links(): Generator<Link> {
    for (const { link, textStart, textEnd } of this.runs) {
      if (link) yield { to: link, textStart, textEnd };
    }
  }

  linkAt(position: number): Link | undefined {
    const run = this.runs[this.firstRunAt(position)];
    if (!run?.link || run.textStart > position) return undefined;
    return { to: run.link, textStart: run.textStart, textEnd: run.textEnd };
  }

  /** The cuts that make a stretch of the text `replacement`. */
  cuts(start: number, end: number, replacement: string): Cut[] {
    const cuts: Cut[] = [];
    for (let i = this.firstRunAt(start); i < this.runs.length; i++) {
      const run = this.runs[i];
      if (!run || run.textStart >= end) break;
      if (run.link) {
        const [first, last] = [Math.max(start, run.textStart), Math.min(end, run.textEnd)];
        const offset = run.link.start - run.textStart;
        const there = run.link.map.cuts(
          first + offset,
          last + offset,
          cuts.length === 0 ? replacement : '',
        );
        cuts.push(...there);
        continue;
      }
      const from = run.isPlain ? Math.max(start - run.textStart, 0) : 0;
      const to = run.isPlain ? Math.min(end, run.textEnd) - run.textStart : 0;
      const insert = cuts.length === 0 ? (run.encode?.(replacement) ?? replacement) : '';
      cuts.push({
        file: this.file,
        start: run.sourceStart + from,
        end: run.isPlain ? run.sourceStart + to : run.sourceEnd,
        insert: insert || (!run.isPlain && run.encode?.('')) || '',
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
