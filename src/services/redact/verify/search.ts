/**
 * Looks for removed values in the output in every way they could still be written: as they were,
 * without their separators, backwards, in UTF-16, hexadecimal, base64. Values under six characters
 * are left to the comparison by position: three digits are somewhere in any file. All values are
 * looked for in one walk, by the first characters of each place.
 */

/** Shorter values would be found by chance. */
const SHORTEST = 6;
/** A value in base64 shows without its ends at any of three alignments, if it is long enough. */
const SHORTEST_ENCODED = 8;

/** Where one of the values shows. Texts are compared without regard to case and spacing. */
export function findLeftovers(
  values: ReadonlySet<string>,
  texts: readonly string[],
  streams: readonly Uint8Array[],
): string[] {
  const searched = [...values].filter((value) => value.trim().length >= SHORTEST);
  if (searched.length === 0) return [];
  const objections: string[] = [];
  const heads = groupBy(searched.map(fold), (value) => value.slice(0, SHORTEST));
  const firsts = new Set([...heads.keys()].map((head) => head.charCodeAt(0)));
  for (const [i, text] of texts.entries()) {
    if (showsIn(fold(text), heads, firsts))
      objections.push(`text ${i + 1} still shows a removed value`);
  }
  const needles = groupBy(searched.flatMap(byteForms), ({ bytes }) => bytes.readUInt32LE(0));
  const seconds = new Uint8Array(65_536);
  for (const head of needles.keys()) seconds[head & 0xffff] = 1;
  for (const [i, stream] of streams.entries()) {
    if (holdsAny(stream, needles, seconds)) {
      objections.push(`stream ${i + 1} still holds a removed value`);
    }
  }
  return objections;
}

function groupBy<K, V>(values: readonly V[], keyOf: (value: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** One way of writing: small letters, single spaces. */
function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s{1,1000}/g, ' ');
}

function showsIn(
  text: string,
  heads: ReadonlyMap<string, string[]>,
  firsts: ReadonlySet<number>,
): boolean {
  for (let at = 0; at + SHORTEST <= text.length; at++) {
    if (!firsts.has(text.charCodeAt(at))) continue;
    for (const wanted of heads.get(text.slice(at, at + SHORTEST)) ?? []) {
      if (text.startsWith(wanted, at) && standsAlone(text, at, at + wanted.length)) return true;
    }
  }
  return false;
}

/** Not within a longer word or number: that is another value. */
function standsAlone(text: string, start: number, end: number): boolean {
  return (
    !joins(text[start - 1] ?? '', text[start] ?? '') && !joins(text[end - 1] ?? '', text[end] ?? '')
  );
}

function joins(a: string, b: string): boolean {
  return (/\d/.test(a) && /\d/.test(b)) || (/\p{L}/u.test(a) && /\p{L}/u.test(b));
}

interface Needle {
  bytes: Buffer;
  /**
   * Reads the character that begins here, or ends here (`by` is -1): a form must not be part of a
   * longer word or number. Absent where that cannot be told.
   */
  characterAt?: CharacterAt;
}

type CharacterAt = (haystack: Buffer, at: number, by: 1 | -1) => number;

const byteAt: CharacterAt = (haystack, at, by) => haystack[by > 0 ? at : at - 1] ?? 0;

/** Strings of a page that is written anew are digits. */
const hexAt: CharacterAt = (haystack, at, by) => {
  const from = by > 0 ? at : at - 2;
  const digits = haystack.subarray(Math.max(0, from), from + 2).toString('latin1');
  return /^[0-9A-Fa-f]{2}$/.test(digits) ? Number.parseInt(digits, 16) : 0;
};

function byteForms(value: string): Needle[] {
  const compact = value.replace(/[\s\-.()/\u00a0]/g, '');
  const forms = new Set([value, value.toLowerCase(), value.toUpperCase()]);
  // Separators gone, a mere row of digits may be anything; a letter or ten digits may not.
  if (compact.length >= 10 || (/\p{L}/u.test(compact) && /\d/.test(compact))) forms.add(compact);
  if (value.length >= 10) forms.add([...value].reverse().join(''));
  const needles: Needle[] = [];
  for (const form of forms) {
    if (form.length < SHORTEST) continue;
    const wide = Buffer.from(form, 'utf16le');
    needles.push({ bytes: Buffer.from(form, 'utf8'), characterAt: byteAt });
    needles.push({ bytes: wide }, { bytes: Buffer.from(wide).swap16() });
    if (/[^\0-\x7f]/.test(form))
      needles.push({ bytes: Buffer.from(form, 'latin1'), characterAt: byteAt });
  }
  if (value.length >= SHORTEST_ENCODED) needles.push(...encodedForms(value));
  return needles;
}

function encodedForms(value: string): Needle[] {
  const bytes = Buffer.from(value, 'utf8');
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
  return [
    ...[hex, hex.toUpperCase()].map((text) => ({ bytes: Buffer.from(text), characterAt: hexAt })),
    ...base64.map((text) => ({ bytes: Buffer.from(text) })),
  ];
}

function holdsAny(
  stream: Uint8Array,
  needles: ReadonlyMap<number, Needle[]>,
  seconds: Uint8Array,
): boolean {
  const haystack = Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength);
  for (let at = 0; at + 4 <= haystack.length; at++) {
    const second = (haystack[at] ?? 0) | ((haystack[at + 1] ?? 0) << 8);
    if (seconds[second] === 0) continue;
    for (const needle of needles.get(haystack.readUInt32LE(at)) ?? []) {
      if (isAt(haystack, at, needle)) return true;
    }
  }
  return false;
}

function isAt(haystack: Buffer, at: number, { bytes, characterAt }: Needle): boolean {
  const end = at + bytes.length;
  if (end > haystack.length || haystack.compare(bytes, 0, bytes.length, at, end) !== 0)
    return false;
  if (!characterAt) return true;
  const partsAt = (place: number) =>
    !joins(
      String.fromCharCode(characterAt(haystack, place, -1)),
      String.fromCharCode(characterAt(haystack, place, 1)),
    );
  return partsAt(at) && partsAt(end);
}
