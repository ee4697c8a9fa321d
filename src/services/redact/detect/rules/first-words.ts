/**
 * The words with which a pattern can begin: read off the pattern itself, so that a rule and the words
 * at which it is tried never part ways. Knows letters, classes of letters, groups, alternatives and
 * `?`; everything else ends a word.
 */

interface Reading {
  /** Words begun so far; those in `done` have met their end. */
  open: Set<string>;
  done: Set<string>;
}

/** In small letters. */
export function firstWords(...sources: string[]): string[] {
  const words = new Set<string>();
  for (const source of sources) {
    const { open, done } = readAlternatives(source, 0);
    for (const word of [...open, ...done]) if (word !== '') words.add(word.toLowerCase());
  }
  return [...words].toSorted();
}

function readAlternatives(source: string, from: number): Reading & { end: number } {
  const result: Reading = { open: new Set(), done: new Set() };
  let at = from;
  for (;;) {
    const one = readSequence(source, at);
    for (const word of one.open) result.open.add(word);
    for (const word of one.done) result.done.add(word);
    at = one.end;
    if (source[at] !== '|') return { ...result, end: at };
    at++;
  }
}

function readSequence(source: string, from: number): Reading & { end: number } {
  let open = new Set(['']);
  const done = new Set<string>();
  let at = from;
  while (at < source.length && source[at] !== '|' && source[at] !== ')') {
    const piece = readPiece(source, at);
    at = piece.end;
    if (open.size === 0 || piece.isNothing) continue;
    const isOptional = source[at] === '?';
    if (isOptional) at++;
    const before = open;
    open = new Set(isOptional ? before : []);
    for (const word of before) {
      for (const part of piece.done) done.add(word + part);
      for (const part of piece.open) open.add(word + part);
    }
  }
  return { open, done, end: at };
}

function readPiece(source: string, at: number): Reading & { end: number; isNothing?: boolean } {
  const rest = source.slice(at);
  const around = /^\(\?(?:[=!]|<[=!])/.exec(rest);
  if (around)
    return { open: new Set(), done: new Set(), end: behindGroup(source, at), isNothing: true };
  const opening = /^\((?:\?:|\?i:|\?<\w{1,20}>)?/.exec(rest)?.[0];
  if (opening) {
    const inner = readAlternatives(source, at + opening.length);
    return { ...inner, end: inner.end + 1 };
  }
  const letters = /^\[(\p{L}{1,6})\]/u.exec(rest);
  if (letters) return { open: new Set(letters[1]), done: new Set(), end: at + letters[0].length };
  const letter = /^\p{L}/u.exec(rest)?.[0];
  if (letter) return { open: new Set([letter]), done: new Set(), end: at + letter.length };
  // A sign, a space, an escape, a class: the word is over here.
  const other =
    /^(?:\\.|\[(?:[^\]\\]|\\.){1,80}\]|[\s\S])(?:\{\d{1,3}(?:,\d{0,3})?\})?/.exec(rest)?.[0] ?? ' ';
  return { open: new Set(), done: new Set(['']), end: at + other.length };
}

function behindGroup(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === '(') depth++;
    else if (source[at] === ')' && --depth === 0) return at + 1;
  }
  return source.length;
}
