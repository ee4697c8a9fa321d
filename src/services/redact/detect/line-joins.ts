/**
 * A value that is broken over two lines, as paper does it: the end of one line and the beginning of
 * the next are read as if nothing lay between them, where what stands there looks like part of a
 * number or an address. Prose is left alone: names see through line ends by themselves.
 */
import type { Match } from './rule.ts';

export interface LineJoin {
  text: string;
  /** Where a match lies in the text that the lines came from. */
  place(match: Match): Match;
  /** True where the match has a part on both lines. */
  spans(match: Match): boolean;
}

const REACH = 64;

export function* lineJoins(text: string): Generator<LineJoin> {
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    const before = text.slice(Math.max(0, at - REACH), at);
    const behind = text.slice(at + 1, at + 1 + REACH);
    const last = /\S{1,64}\s?$/.exec(before)?.[0].trim() ?? '';
    const first = /^\s?\S{1,64}/.exec(behind)?.[0].trim() ?? '';
    if (!isMiddle(last, first)) continue;
    const [left, right] = [before.trimEnd(), behind.trimStart()];
    const offset = at - before.length;
    const skipped = at + 1 + (behind.length - right.length) - left.length;
    yield {
      text: left + right,
      place: ({ start, end }) => ({
        start: start < left.length ? offset + start : skipped + start,
        end: end <= left.length ? offset + end : skipped + end,
      }),
      spans: ({ start, end }) => start < left.length && end > left.length,
    };
  }
}

/**
 * Both sides could be of one value: digits, or an address that is broken at a mark or in its domain.
 * A whole address at the end of a line does not go on with the next word.
 */
function isMiddle(last: string, first: string): boolean {
  if (last === '' || first === '') return false;
  if (last.includes('@') || first.includes('@')) {
    return /[@._+-]$/.test(last) || /^[@._+-]/.test(first) || /@[^.@]{1,64}$/.test(last);
  }
  return /\d[\d\-./(]{0,64}$/.test(last) && /^[\d\-./]{0,64}\d/.test(first);
}
