/**
 * A text that a regular expression would like: its own characters in its own order, each count near
 * its most, each group by one of its alternatives. For tests that try to make patterns run away, so
 * it need not match to the letter.
 */
const MOST_REPEATS = 12;

/** @param source of a pattern with the flag `u` or without any */
export function sampleOf(source: string): string {
  return alternatives(source, 0).text;
}

interface Piece {
  text: string;
  end: number;
}

function alternatives(source: string, from: number): Piece {
  let best = '';
  let at = from;
  for (;;) {
    const one = sequence(source, at);
    // The longest says the most of what the pattern is about.
    if (one.text.length > best.length) best = one.text;
    at = one.end;
    if (source[at] !== '|') return { text: best, end: at };
    at++;
  }
}

function sequence(source: string, from: number): Piece {
  let [text, at] = ['', from];
  while (at < source.length && source[at] !== '|' && source[at] !== ')') {
    const piece = single(source, at);
    const count = /^(?:\{(\d+)(?:,(\d*))?\}|[?*+])\??/.exec(source.slice(piece.end));
    const most = Math.min(MOST_REPEATS, Number(count?.[2] || count?.[1] || 1));
    text += piece.text.repeat(most);
    at = piece.end + (count?.[0].length ?? 0);
  }
  return { text, end: at };
}

function single(source: string, at: number): Piece {
  const rest = source.slice(at);
  const opening = /^\((\?(?:[:=!]|<[=!]|[a-z]+:|<\w+>))?/.exec(rest);
  if (opening) {
    const inner = alternatives(source, at + opening[0].length);
    const isLook = /^\?<?[=!]/.test(opening[1] ?? '');
    return { text: isLook ? '' : inner.text, end: inner.end + 1 };
  }
  const set = /^\[(\^?)((?:[^\]\\]|\\.)*)\]/.exec(rest);
  if (set) return { text: fromSet(set[1] === '^', set[2] ?? ''), end: at + set[0].length };
  const escaped = /^\\(?:[pP]\{[^}]*\}|u[0-9a-fA-F]{4}|.)/u.exec(rest);
  if (escaped) return { text: fromEscape(escaped[0]), end: at + escaped[0].length };
  const character = rest[0] ?? '';
  return { text: /[\^$]/.test(character) ? '' : character === '.' ? 'a' : character, end: at + 1 };
}

function fromSet(isNegated: boolean, inside: string): string {
  if (isNegated) return inside.includes('a') ? '1' : 'a';
  const escaped = /^\\(?:[pP]\{[^}]*\}|u[0-9a-fA-F]{4}|.)/u.exec(inside);
  return escaped ? fromEscape(escaped[0]) : (inside[0] ?? '');
}

const CLASSES: Readonly<Record<string, string>> = {
  ...{ '\\d': '1', '\\w': 'a', '\\s': ' ', '\\S': 'a', '\\D': 'a', '\\b': '', '\\n': '\n' },
  ...{ '\\t': '\t', '\\p{L}': 'a', '\\p{Lu}': 'A', '\\p{Ll}': 'a', '\\p{Lo}': '一', '\\p{N}': '1' },
};

function fromEscape(escaped: string): string {
  const known = CLASSES[escaped];
  if (known !== undefined) return known;
  if (escaped.startsWith('\\u')) return String.fromCharCode(Number.parseInt(escaped.slice(2), 16));
  return /^\\\d$/.test(escaped) ? '-' : escaped.slice(1);
}
