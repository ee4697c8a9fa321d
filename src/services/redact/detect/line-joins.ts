/**
 * A value that is broken over two lines, as paper does it: the end of one line and the beginning of
 * the next are read as if nothing lay between them, where what stands there looks like part of a
 * number or an address. Prose is left alone: names see through line ends by themselves.
 */
import type { Match } from './rule.ts';

export interface JoinedLines {
  /** All joints of a text, with a sign between that no value holds. */
  text: string;
  /** Where a match lies in the text that the lines came from; null unless it is on both lines. */
  place<T extends Match>(match: T): T | null;
}

interface Joint {
  /** In the joined text: where the joint begins and where its second line does. */
  start: number;
  middle: number;
  end: number;
  /** What is to be added to a place on the first line, and on the second. */
  left: number;
  right: number;
}

const REACH = 64;
const APART = '\n\u001e\n';

export function joinedLines(text: string): JoinedLines | null {
  const joints: Joint[] = [];
  const pieces: string[] = [];
  let length = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    const before = text.slice(Math.max(text.lastIndexOf('\n', at - 1) + 1, at - REACH), at);
    const next = text.indexOf('\n', at + 1);
    const behind = text.slice(at + 1, Math.min(next < 0 ? text.length : next, at + 1 + REACH));
    const last = /\S{1,64}\s?$/.exec(before)?.[0].trim() ?? '';
    const first = /^\s?\S{1,64}/.exec(behind)?.[0].trim() ?? '';
    if (!isMiddle(last, first)) continue;
    const [one, two] = [before.trimEnd(), behind.trimStart()];
    const middle = length + one.length;
    joints.push({
      ...{ start: length, middle, end: middle + two.length },
      left: at - before.length - length,
      right: at + 1 + (behind.length - two.length) - middle,
    });
    pieces.push(one + two, APART);
    length = middle + two.length + APART.length;
  }
  if (joints.length === 0) return null;
  return { text: pieces.join(''), place: (match) => placed(joints, match) };
}

function placed<T extends Match>(joints: readonly Joint[], match: T): T | null {
  let [low, high] = [0, joints.length];
  while (low < high) {
    const half = (low + high) >> 1;
    if ((joints[half]?.start ?? 0) <= match.start) low = half + 1;
    else high = half;
  }
  const joint = joints[low - 1];
  if (!joint || match.end > joint.end) return null;
  if (match.start >= joint.middle || match.end <= joint.middle) return null;
  return { ...match, start: match.start + joint.left, end: match.end + joint.right };
}

/** `jane.featherst`, of which a full cell has no more; not the address of a site. */
function isLocalPart(last: string): boolean {
  return /^[\p{L}\p{N}._+-]{0,60}[._+-]\p{L}{4,40}$/u.test(last) && !SITE.test(last);
}

const SITE = /^www\.|\.(?:info|name|online|shop|site|tech|cloud|store|agency|solutions)$/i;

/**
 * Both sides could be of one value: digits, or an address that is broken at a mark or in its domain.
 * A whole address at the end of a line does not go on with the next word.
 */
function isMiddle(last: string, first: string): boolean {
  if (last === '' || first === '') return false;
  if (last.includes('@') || first.includes('@')) {
    const isAtMark = /[@._+-]$/.test(last) || /^[@._+-]/.test(first);
    return isAtMark || /@[^.@]{1,64}$/.test(last) || isLocalPart(last);
  }
  return /\d[\d\-./(]{0,64}$/.test(last) && /^[\d\-./]{0,64}\d/.test(first);
}
