/** What a CFF font is made of (Adobe Technical Note 5176): lists of things, dictionaries of numbers. */

/** An INDEX: things one behind another, with the places where they begin. */
export interface Index {
  start: number;
  offsetSize: number;
  /** Where each begins in the font, and where the last one ends. */
  places: number[];
  end: number;
}

export function readIndex(font: Buffer, start: number): Index {
  const count = font.readUInt16BE(start);
  if (count === 0) return { start, offsetSize: 1, places: [], end: start + 2 };
  const offsetSize = font[start + 2] ?? 1;
  const first = start + 3;
  const base = first + (count + 1) * offsetSize - 1;
  const places = Array.from(
    { length: count + 1 },
    (_, i) => base + font.readUIntBE(first + i * offsetSize, offsetSize),
  );
  const isRising = places.every((place, i) => place >= (places[i - 1] ?? base));
  const end = places.at(-1) ?? base;
  if (!isRising || end > font.length) throw new RangeError('An index leads out of the font.');
  return { start, offsetSize, places, end };
}

export interface Entry {
  operands: number[];
  /** Where the last operand stands, and in how many bytes. */
  at: number;
  length: number;
}

/** By operator; those of two bytes are 1200 and more. */
export function readDict(font: Buffer, start: number, end: number): Map<number, Entry> {
  const entries = new Map<number, Entry>();
  let operands: number[] = [];
  let last = { at: start, length: 0 };
  for (let at = start; at < end; ) {
    const byte = font[at] as number;
    if (byte <= 21) {
      const isLong = byte === 12;
      const operator = isLong ? 1200 + (font[at + 1] ?? 0) : byte;
      entries.set(operator, { operands, ...last });
      operands = [];
      at += isLong ? 2 : 1;
      continue;
    }
    const [value, length] = byte === 30 ? [0, realLength(font, at)] : readNumber(font, at);
    operands.push(value);
    last = { at, length };
    at += length;
  }
  return entries;
}

/** A number of a dictionary, and its length in bytes. */
function readNumber(font: Buffer, at: number): [value: number, length: number] {
  const byte = font[at] as number;
  if (byte === 28) return [font.readInt16BE(at + 1), 3];
  if (byte === 29) return [font.readInt32BE(at + 1), 5];
  if (byte >= 32 && byte <= 246) return [byte - 139, 1];
  const next = font[at + 1] ?? 0;
  if (byte >= 247 && byte <= 250) return [(byte - 247) * 256 + next + 108, 2];
  if (byte >= 251 && byte <= 254) return [-(byte - 251) * 256 - next - 108, 2];
  return [0, 1];
}

/** Nibbles, the last one 15. */
function realLength(font: Buffer, at: number): number {
  let length = 1;
  for (; at + length < font.length; length++) {
    const byte = font[at + length] as number;
    if (byte >> 4 === 15 || (byte & 15) === 15) break;
  }
  return length + 1;
}

/** Writes a positive number in exactly as many bytes; false where it does not fit them. */
export function rewriteNumber(font: Buffer, at: number, length: number, value: number): boolean {
  if (length === 5) {
    font[at] = 29;
    font.writeInt32BE(value, at + 1);
  } else if (length === 3 && value < 0x8000) {
    font[at] = 28;
    font.writeInt16BE(value, at + 1);
  } else if (length === 2 && value >= 108 && value <= 1131) {
    font[at] = 247 + ((value - 108) >> 8);
    font[at + 1] = (value - 108) & 255;
  } else return false;
  return true;
}
