/**
 * Sorted ranges of addresses with a number each, searched by bisection over typed arrays: 0.1 µs among
 * hundreds of thousands. IPv6 is kept by the upper 64 bits, the part that networks are routed by.
 */
import { type Address, type Cidr, lastOf } from '../address.ts';

export interface RangeTable {
  /** The value of the range that holds the address, or -1. */
  find(address: Address): number;
  readonly size: number;
}

/**
 * The upper 64 bits of each range's ends in two columns of 32; an IPv4 address stands in the high one.
 * Columns grow as rows come, since their number is not known before.
 */
export class RangeColumns {
  #rows = 0;
  #firstHigh = new Uint32Array(1024);
  #firstLow = new Uint32Array(1024);
  #lastHigh = new Uint32Array(1024);
  #lastLow = new Uint32Array(1024);
  #values = new Uint32Array(1024);

  /** Rows come in rising order and do not overlap. Neighbours of the same value become one. */
  add(firstHigh: number, firstLow: number, lastHigh: number, lastLow: number, value: number): void {
    const previous = this.#rows - 1;
    if (
      previous >= 0 &&
      this.#values[previous] === value &&
      follows(this.#lastHigh[previous] ?? 0, this.#lastLow[previous] ?? 0, firstHigh, firstLow)
    ) {
      this.#lastHigh[previous] = lastHigh;
      this.#lastLow[previous] = lastLow;
      return;
    }
    if (this.#rows === this.#values.length) this.#grow();
    this.#firstHigh[this.#rows] = firstHigh;
    this.#firstLow[this.#rows] = firstLow;
    this.#lastHigh[this.#rows] = lastHigh;
    this.#lastLow[this.#rows] = lastLow;
    this.#values[this.#rows] = value;
    this.#rows++;
  }

  get size(): number {
    return this.#rows;
  }

  find(high: number, low: number): number {
    let from = 0;
    let to = this.#rows - 1;
    while (from <= to) {
      const middle = (from + to) >>> 1;
      const first = this.#firstHigh[middle] ?? 0;
      if (first < high || (first === high && (this.#firstLow[middle] ?? 0) <= low)) {
        from = middle + 1;
      } else {
        to = middle - 1;
      }
    }
    if (to < 0) return -1;
    const last = this.#lastHigh[to] ?? 0;
    const within = last > high || (last === high && (this.#lastLow[to] ?? 0) >= low);
    return within ? (this.#values[to] ?? -1) : -1;
  }

  #grow(): void {
    const longer = (column: Uint32Array<ArrayBuffer>) => {
      const grown = new Uint32Array(column.length * 2);
      grown.set(column);
      return grown;
    };
    this.#firstHigh = longer(this.#firstHigh);
    this.#firstLow = longer(this.#firstLow);
    this.#lastHigh = longer(this.#lastHigh);
    this.#lastLow = longer(this.#lastLow);
    this.#values = longer(this.#values);
  }
}

/** Both versions behind one look-up. IPv4 has all of its address in the high column. */
export function tableOf(v4: RangeColumns, v6: RangeColumns): RangeTable {
  return {
    size: v4.size + v6.size,
    find: ({ version, words }) =>
      version === 4 ? v4.find(words[0] ?? 0, 0) : v6.find(words[0] ?? 0, words[1] ?? 0),
  };
}

/**
 * A table from blocks in any order. Of overlapping blocks the narrower wins, so that an exception
 * within a network can be told apart from it.
 */
export function tableFromCidrs(blocks: readonly { cidr: Cidr; value: number }[]): RangeTable {
  const columns = { 4: new RangeColumns(), 6: new RangeColumns() };
  for (const version of [4, 6] as const) {
    const ranges = blocks
      .filter(({ cidr }) => cidr.version === version)
      .map(({ cidr, value }) => ({
        start: position(cidr.words, version === 4 ? 0 : cidr.words[1]),
        end: position(lastOf(cidr), version === 4 ? 0xffffffff : lastOf(cidr)[1]),
        value,
      }))
      .sort((a, b) => compare(a.start, b.start) || compare(b.end, a.end));
    for (const { start, end, value } of flatten(ranges)) {
      const mask = 0xffffffffn;
      const parts = [start >> 32n, start & mask, end >> 32n, end & mask].map(Number);
      columns[version].add(parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0, parts[3] ?? 0, value);
    }
  }
  return tableOf(columns[4], columns[6]);
}

interface Span {
  start: bigint;
  end: bigint;
  value: number;
}

/** Nested ranges, outer before inner, cut into ones that do not overlap. */
function flatten(ranges: Span[]): Span[] {
  const flat: Span[] = [];
  const open: Span[] = [];
  let at = -1n;
  const emit = (until: bigint) => {
    const top = open.at(-1);
    if (top && at <= until) flat.push({ start: at, end: until, value: top.value });
    at = until + 1n;
  };
  const closeBefore = (position: bigint) => {
    for (let top = open.at(-1); top && top.end < position; top = open.at(-1)) {
      emit(top.end);
      open.pop();
    }
  };
  for (const range of ranges) {
    closeBefore(range.start);
    if (open.length > 0) emit(range.start - 1n);
    at = range.start;
    open.push(range);
  }
  closeBefore(1n << 64n);
  return flat;
}

function position(words: readonly number[], low: number | undefined): bigint {
  return (BigInt(words[0] ?? 0) << 32n) | BigInt(low ?? 0);
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function follows(high: number, low: number, nextHigh: number, nextLow: number): boolean {
  if (low === 0xffffffff) return nextLow === 0 && nextHigh === high + 1;
  return nextHigh === high && nextLow === low + 1;
}
