/**
 * Font programs for hand-written PDFs, as small as readers take them: each letter of a text a bar of
 * its own height, in the order of first use. Letter 0 is the one for what is missing.
 */
import { writeTables } from '../../../src/services/redact/formats/pdf/fonts/sfnt.ts';

export interface Program {
  bytes: Buffer;
  /** The number of each letter. */
  numberOf(letter: string): number;
}

const EM = 1000;
const WIDTH = 600;

function lettersOf(text: string): string[] {
  return [...new Set(text.replaceAll(' ', ''))];
}

/** How high the bar of a letter is. */
function heightOf(letter: string): number {
  return 100 + letter.charCodeAt(0) * 5;
}

function numbers(format: string, ...values: number[]): Buffer {
  const sizes = { b: 1, h: 2, l: 4 } as const;
  const bytes = Buffer.alloc([...format].reduce((sum, kind) => sum + sizes[kind as 'b'], 0));
  let at = 0;
  for (const [i, kind] of [...format].entries()) {
    const size = sizes[kind as 'b' | 'h' | 'l'];
    bytes.writeIntBE(((values[i] ?? 0) << (32 - size * 8)) >> (32 - size * 8), at, size);
    at += size;
  }
  return bytes;
}

/** The last letter is put together from the first: its outline is needed as long as that is shown. */
export function trueTypeOf(text: string): Program {
  const letters = lettersOf(text);
  const bar = (height: number) =>
    Buffer.concat([
      numbers('hhhhh', 1, 50, 0, 450, height),
      numbers('hh', 3, 0),
      // On the curve; 16-bit steps: right, up, left.
      numbers('bbbb', 1, 1, 1, 1),
      numbers('hhhh', 50, 400, 0, -400),
      numbers('hhhh', 0, 0, height, 0),
    ]);
  const composite = numbers('hhhhhhhbb', -1, 50, 0, 450, heightOf(letters[0] ?? ''), 2, 1, 0, 0);
  const last = letters.length;
  const glyphs: Buffer[] = [Buffer.alloc(0), ...letters.map((one) => bar(heightOf(one)))];
  glyphs[last] = composite;
  const padded = glyphs.map((one) => Buffer.concat([one, Buffer.alloc(-one.length & 3)]));
  const loca = Buffer.alloc((padded.length + 1) * 4);
  for (const [i, glyph] of padded.entries()) {
    loca.writeUInt32BE(loca.readUInt32BE(i * 4) + glyph.length, i * 4 + 4);
  }
  const count = padded.length;
  const cmap = Buffer.alloc(262);
  cmap.writeUInt16BE(262, 2);
  for (const [i, letter] of letters.entries()) cmap[6 + letter.charCodeAt(0)] = i + 1;
  const tables = new Map<string, Buffer>([
    [
      'head',
      Buffer.concat([
        numbers('llllhh', 0x10000, 0x10000, 0, 0x5f0f3cf5, 0, EM),
        Buffer.alloc(16),
        numbers('hhhhhhhhh', 0, -300, EM, EM, 0, 8, 2, 1, 0),
      ]),
    ],
    [
      'hhea',
      numbers('lhhhhhhhhhhhhhhhh', 0x10000, 800, -200, 0, WIDTH, ...Array(11).fill(0), count),
    ],
    ['maxp', numbers('lhhhhhhhhhhhhhh', 0x10000, count, 4, 1, 4, 1, 2, 0, 0, 0, 0, 0, 0, 1, 1)],
    ['hmtx', Buffer.concat(padded.map((_, i) => numbers('hh', WIDTH + i, 50)))],
    ['loca', loca],
    ['glyf', Buffer.concat(padded)],
    ['cmap', Buffer.concat([numbers('hhhhl', 0, 1, 1, 0, 12), cmap])],
    ['post', Buffer.concat([numbers('l', 0x30000), Buffer.alloc(28)])],
  ]);
  const bytes = writeTables(numbers('l', 0x10000), tables);
  return { bytes, numberOf: (letter) => letters.indexOf(letter) + 1 };
}

/** `ranges`: the list of names as ranges, which are shorter than one by one. */
export function cffOf(text: string, ranges: boolean): Program {
  // Names by number go with the codes.
  const letters = lettersOf(text).sort();
  const outlines = letters.map((letter) =>
    Buffer.concat([
      number(50),
      number(0),
      Buffer.of(21),
      number(400),
      Buffer.of(6),
      number(heightOf(letter)),
      Buffer.of(7),
      number(-400),
      Buffer.of(6),
      Buffer.of(14),
    ]),
  );
  const charStrings = indexOf([Buffer.of(14), ...outlines]);
  const ids = letters.map((letter) => letter.charCodeAt(0) - 31);
  const charset = ranges
    ? Buffer.concat([
        numbers('b', 1),
        ...rangesOf(ids).map(([id, left]) => numbers('hb', id, left)),
      ])
    : Buffer.concat([numbers('b', 0), ...ids.map((id) => numbers('h', id))]);
  const head = (at: number) => {
    const place = (value: number) => Buffer.concat([Buffer.of(29), numbers('l', value)]);
    const ends = [at, at + charset.length, at + charset.length + charStrings.length];
    const [charsetAt = 0, lettersAt = 0, privateAt = 0] = ends;
    const dict = Buffer.concat([
      place(charsetAt),
      Buffer.of(15),
      place(lettersAt),
      Buffer.of(17),
      place(0),
      place(privateAt),
      Buffer.of(18),
    ]);
    const name = indexOf([Buffer.from('Bars')]);
    return Buffer.concat([
      Buffer.of(1, 0, 4, 4),
      name,
      indexOf([dict]),
      numbers('h', 0),
      numbers('h', 0),
    ]);
  };
  const bytes = Buffer.concat([head(head(0).length), charset, charStrings]);
  return { bytes, numberOf: (letter) => letters.indexOf(letter) + 1 };
}

/** Of an outline. */
function number(value: number): Buffer {
  return Buffer.concat([Buffer.of(28), numbers('h', value)]);
}

function indexOf(items: Buffer[]): Buffer {
  let offset = 1;
  const offsets = [offset, ...items.map(({ length }) => (offset += length))];
  return Buffer.concat([
    numbers('hb', items.length, 2),
    ...offsets.map((one) => numbers('h', one)),
    ...items,
  ]);
}

function rangesOf(ids: readonly number[]): [id: number, left: number][] {
  const ranges: [number, number][] = [];
  for (const id of ids) {
    const last = ranges.at(-1);
    if (last && last[0] + last[1] + 1 === id) last[1]++;
    else ranges.push([id, 0]);
  }
  return ranges;
}

/** Adobe Type 1 Font Format, chapters 6 and 7. `á` is an a with an accent, and the accent a letter. */
export function type1Of(text: string): Buffer {
  const number = (value: number) => Buffer.concat([Buffer.of(255), numbers('l', value)]);
  const outline = (...parts: (number | string)[]) =>
    Buffer.concat(
      parts.map((part) =>
        typeof part === 'number' ? number(part) : Buffer.from(part.split(' ').map(Number)),
      ),
    );
  const begun = [0, WIDTH, '13'] as const;
  const bar = (height: number) =>
    outline(...begun, 50, 0, '21', 400, '6', height, '7', -400, '6', '9', '14');
  const letters = lettersOf(text).map((letter): [name: string, outline: Buffer, code: number] =>
    letter === 'á'
      ? ['aacute', outline(...begun, 0, 0, 0, 97, 194, '12 6'), 0xe1]
      : [nameOf(letter), bar(heightOf(letter)), letter.charCodeAt(0)],
  );
  const all = [
    ['.notdef', outline(...begun, '14'), 0],
    ['acute', bar(900), 0],
    ...letters,
  ] as const;
  const head = [
    '%!PS-AdobeFont-1.0: Bars\n12 dict begin /FontName /Bars def /FontType 1 def /PaintType 0 def',
    '/FontMatrix [0.001 0 0 0.001 0 0] readonly def /FontBBox {0 -300 1000 1000} readonly def',
    '/Encoding 256 array 0 1 255 {1 index exch /.notdef put} for',
    ...letters.map(([name, , code]) => `dup ${code} /${name} put`),
    'readonly def currentdict end\ncurrentfile eexec\n',
  ].join('\n');
  const secret = Buffer.concat([
    Buffer.from(
      `0000dup /Private 8 dict dup begin\n/RD {string currentfile exch readstring pop} executeonly def\n/ND {noaccess def} executeonly def\n/BlueValues [] def /password 5839 def\n2 index /CharStrings ${all.length} dict dup begin\n`,
    ),
    ...all.flatMap(([name, own]) => {
      const bytes = encryptedType1(Buffer.concat([Buffer.from('0000'), own]), 4330);
      return [Buffer.from(`/${name} ${bytes.length} RD `), bytes, Buffer.from(' ND\n')];
    }),
    Buffer.from(
      'end end readonly put noaccess put dup /FontName get exch definefont pop mark currentfile closefile\n',
    ),
  ]);
  const zeros = `${`${'0'.repeat(64)}\n`.repeat(8)}cleartomark\n`;
  return Buffer.concat([Buffer.from(head), encryptedType1(secret, 55665), Buffer.from(zeros)]);
}

function nameOf(letter: string): string {
  return { '@': 'at', '.': 'period' }[letter] ?? letter;
}

function encryptedType1(plain: Buffer, key: number): Buffer {
  let state = key;
  return Buffer.from(plain).map((byte) => {
    const own = byte ^ (state >> 8);
    state = ((own + state) * 52845 + 22719) & 0xffff;
    return own;
  }) as Buffer;
}
