/**
 * A text as the tokens of a model, each with its place in the text. The library tells no places, so
 * the text is given to it in pieces between spaces, which tokenizers do not look across, and the
 * tokens of a piece are laid along its letters.
 */
/** What is used of the library, whose own types do not resolve outside of bundlers. */
export interface LibraryTokenizer {
  encode(
    text: string,
    options?: { add_special_tokens: boolean },
  ): { ids: number[]; tokens: string[] };
}

export interface Token {
  id: number;
  /** UTF-16 units in the text. */
  start: number;
  end: number;
}

interface Piece {
  /** Relative to the piece. */
  tokens: readonly Token[];
}

/** Words longer than any word are cut: some tokenizers take the square of their length. */
const PIECE = /\S{1,100}/gu;
const MOST_REMEMBERED = 20_000;

export class TextTokenizer {
  private readonly tokenizer: LibraryTokenizer;
  private readonly isOfBytes: boolean;
  private readonly known = new Map<string, Piece>();
  /** The marks before and behind every text. */
  readonly before: readonly number[];
  readonly behind: readonly number[];

  /** `source`: the tokenizer.json. */
  constructor(tokenizer: LibraryTokenizer, source: unknown) {
    this.tokenizer = tokenizer;
    this.isOfBytes = /"type":"ByteLevel"/.test(JSON.stringify(source));
    const inner = tokenizer.encode('a', { add_special_tokens: false }).ids;
    const all = tokenizer.encode('a').ids;
    const at = all.findIndex((_, i) => inner.every((id, k) => all[i + k] === id));
    this.before = at < 0 ? [] : all.slice(0, at);
    this.behind = at < 0 ? [] : all.slice(at + inner.length);
  }

  tokens(text: string): Token[] {
    return [...text.matchAll(PIECE)].flatMap(({ 0: word, index }) =>
      this.piece(word).tokens.map(({ id, start, end }) => ({
        ...{ id, start: index + start, end: index + end },
      })),
    );
  }

  private piece(word: string): Piece {
    const known = this.known.get(word);
    if (known) return known;
    const { ids, tokens } = this.tokenizer.encode(` ${word}`, { add_special_tokens: false });
    const places = this.isOfBytes ? alongBytes(word, tokens) : alongLetters(word, tokens);
    const piece = {
      tokens: ids.map((id, i) => ({ id, ...(places?.[i] ?? { start: 0, end: word.length }) })),
    };
    if (this.known.size >= MOST_REMEMBERED) this.known.clear();
    this.known.set(word, piece);
    return piece;
  }
}

type Places = readonly { start: number; end: number }[] | null;

/**
 * Tokens of letters (WordPiece, Unigram, BPE): case, accents and width may have been taken away. One
 * that is not there (the model does not know the letters) reaches to the next that is.
 */
function alongLetters(word: string, tokens: readonly string[]): Places {
  const letters: string[] = [];
  const origin: number[] = [];
  let at = 0;
  for (const letter of word) {
    for (const one of folded(letter)) {
      letters.push(one);
      origin.push(at);
    }
    at += letter.length;
  }
  origin.push(word.length);
  const placeOf = (from: number, to: number) => ({
    start: origin[from] ?? 0,
    end: origin[to] ?? 0,
  });
  const places: { start: number; end: number }[] = [];
  let [position, unplaced] = [0, 0];
  for (const [i, token] of tokens.entries()) {
    const own = [...folded(token.replace(i > 0 ? /^##|^▁/u : /^▁/u, ''))];
    const next = placeIn(letters, own, position, unplaced > 0);
    if (next === null) {
      unplaced++;
      continue;
    }
    while (unplaced-- > 0) places.push(placeOf(position, next));
    unplaced = 0;
    position = next + own.length;
    places.push(placeOf(next, position));
  }
  while (unplaced-- > 0) places.push(placeOf(position, letters.length));
  return places;
}

/** Where these letters stand: right there, or further on where something is unclear before. */
function placeIn(letters: string[], own: string[], from: number, mayBeLater: boolean) {
  const last = mayBeLater ? letters.length - own.length : from;
  for (let at = mayBeLater ? from + 1 : from; at <= last; at++) {
    if (own.every((letter, k) => letters[at + k] === letter)) return at;
  }
  return null;
}

function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Tokens of bytes, each shown as a letter of its own: the first is the space before the word. */
function alongBytes(word: string, tokens: readonly string[]): Places {
  const origin: number[] = [0];
  let at = 0;
  for (const letter of word) {
    for (let i = 0; i < Buffer.byteLength(letter); i++) origin.push(at);
    at += letter.length;
  }
  origin.push(word.length);
  let position = 0;
  const places = tokens.map((token) => {
    const [start = 0] = [origin[position]];
    position += [...token].length;
    // A token may end within a letter: it is given the whole of it.
    const last = origin[position - 1] ?? 0;
    const next = origin.findIndex((one, i) => i >= position && one > last);
    return { start, end: next < 0 ? word.length : (origin[next] ?? word.length) };
  });
  return position === origin.length - 1 ? places : null;
}
