/**
 * Encodings of plain text: told from the byte order mark, else UTF-8 where it is valid, else UTF-16
 * where every other byte is zero, else Windows-1252, in which every byte is a character. Written
 * back in the same, so that what was not touched stays byte for byte.
 */
export interface Decoded {
  text: string;
  encoding: Encoding;
  hasMark: boolean;
}

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

const MARKS: readonly [Encoding, readonly number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** Null where these bytes are no text: they hold what no text has. */
export function decodeText(bytes: Uint8Array): Decoded | null {
  for (const [encoding, mark] of MARKS) {
    if (mark.every((byte, i) => bytes[i] === byte)) {
      return decodeAs(bytes.subarray(mark.length), encoding, true);
    }
  }
  for (const encoding of [utf16Kind(bytes), 'utf-8', 'windows-1252'] as const) {
    const decoded = encoding && decodeAs(bytes, encoding, false);
    if (decoded) return decoded;
  }
  return null;
}

function decodeAs(bytes: Uint8Array, encoding: Encoding, hasMark: boolean): Decoded | null {
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    return hasControls(text) ? null : { text, encoding, hasMark };
  } catch {
    return null;
  }
}

/** Control characters other than tab, line ends, form feed and escape (terminal logs) are no text. */
function hasControls(text: string): boolean {
  return /[\0-\x07\x0e-\x1a\x1c-\x1f]/.test(text);
}

function utf16Kind(bytes: Uint8Array): Encoding | null {
  const sample = bytes.subarray(0, 512);
  if (sample.length < 4 || bytes.length % 2 !== 0) return null;
  let [even, odd] = [0, 0];
  for (const [i, byte] of sample.entries()) if (byte === 0) i % 2 === 0 ? even++ : odd++;
  const many = sample.length / 5;
  if (odd > many && even === 0) return 'utf-16le';
  return even > many && odd === 0 ? 'utf-16be' : null;
}

export function encodeText(text: string, { encoding, hasMark }: Omit<Decoded, 'text'>): Uint8Array {
  const mark = hasMark ? (MARKS.find(([name]) => name === encoding)?.[1] ?? []) : [];
  return Buffer.concat([Uint8Array.from(mark), encodeAs(text, encoding)]);
}

function encodeAs(text: string, encoding: Encoding): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text, 'utf8');
    case 'utf-16le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return Buffer.from(text, 'utf16le').swap16();
    case 'windows-1252':
      return Buffer.from(Array.from(text, (character) => byteOf(character)));
  }
}

const BYTES_1252 = new Map(
  Array.from({ length: 256 }, (_, byte) => [
    new TextDecoder('windows-1252').decode(Uint8Array.of(byte)),
    byte,
  ]),
);

function byteOf(character: string): number {
  // Only stand-ins could bring a character that the encoding lacks.
  return BYTES_1252.get(character) ?? 0x3f;
}
