/** Damages files: repeatable from a number, at the level of bytes and, in archives, of their parts. */
import { crc32, deflateSync, inflateRawSync, inflateSync } from 'node:zlib';
import { unzipSync, zipSync } from 'fflate';

/** A number from 0 (included) to 1 (not). Mulberry32: small, fast, good enough to pick places. */
export type Random = () => number;

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const upTo = (random: Random, end: number) => Math.floor(random() * end);
const one = <T>(random: Random, from: readonly T[]): T => from[upTo(random, from.length)] as T;

/** Values at which lengths, counts and offsets go wrong. */
const NUMBERS = [
  '0',
  '-1',
  '1',
  '255',
  '65536',
  '2147483647',
  '4294967296',
  '99999999999999999999',
];
const TOKENS = [
  ...['<', '>', '&', '"', '\\', '{', '[', ']', '}', '(', ')', '<<', '>>', ',', ';', '\0', '\r\n'],
  ...[']]>', '<!--', '<![CDATA[', '&#0;', '&#x110000;', '%', 'endstream', 'endobj', '1 0 R', 'BI '],
  ...['\ufeff', '\u202e', '\ud83d', 'é', '\u{1f600}', '=cmd()', '../', '\u2028'],
];

type Mutation = (bytes: Buffer, random: Random) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  function flip(bytes, random) {
    const copy = Buffer.from(bytes);
    for (let n = 1 + upTo(random, 8); n > 0 && copy.length > 0; n--) {
      const at = upTo(random, copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << upTo(random, 8));
    }
    return copy;
  },
  function overwrite(bytes, random) {
    const copy = Buffer.from(bytes);
    const at = upTo(random, copy.length);
    const end = Math.min(at + 1 + upTo(random, 64), copy.length);
    return copy.fill(one(random, [0, 0xff, 0x20, 0x41]), at, end);
  },
  (bytes, random) => bytes.subarray(0, upTo(random, bytes.length)),
  function remove(bytes, random) {
    const at = upTo(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + upTo(random, 200))]);
  },
  function repeat(bytes, random) {
    const at = upTo(random, bytes.length);
    const piece = bytes.subarray(at, at + 1 + upTo(random, 200));
    const many = Array.from({ length: 1 + upTo(random, 50) }, () => piece);
    return Buffer.concat([bytes.subarray(0, at), ...many, bytes.subarray(at)]);
  },
  function move(bytes, random) {
    const [at, from] = [upTo(random, bytes.length), upTo(random, bytes.length)];
    const piece = bytes.subarray(from, from + 1 + upTo(random, 400));
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + upTo(random, 400))]);
  },
  function insert(bytes, random) {
    const at = upTo(random, bytes.length);
    const token = Buffer.from(one(random, TOKENS));
    return Buffer.concat([bytes.subarray(0, at), token, bytes.subarray(at)]);
  },
  function renumber(bytes, random) {
    const numbers = [...bytes.toString('latin1').matchAll(/\d+/g)];
    const number = numbers[upTo(random, numbers.length)];
    if (!number) return bytes;
    const { index, 0: digits } = number;
    const rest = bytes.subarray(index + digits.length);
    return Buffer.concat([bytes.subarray(0, index), Buffer.from(one(random, NUMBERS)), rest]);
  },
];

/**
 * The file with one to three damages; of a zip, a PDF and a PNG as often as not inside one of its parts,
 * whose sums are right again then: otherwise nothing but the sums would be tested.
 */
export function mutate(bytes: Buffer, random: Random): Buffer {
  const isZip = bytes.subarray(0, 2).toString('latin1') === 'PK';
  if (isZip && random() < 0.7) return inPart(bytes, random);
  if (bytes.includes('/FlateDecode') && random() < 0.5) return inStream(bytes, random);
  if (bytes.subarray(1, 4).toString('latin1') === 'PNG' && random() < 0.8) {
    return inChunk(bytes, random);
  }
  let damaged = bytes;
  for (let n = 1 + upTo(random, 3); n > 0; n--) {
    damaged = one(random, MUTATIONS)(damaged, random);
  }
  return damaged;
}

function inPart(bytes: Buffer, random: Random): Buffer {
  const parts: Record<string, Uint8Array> = unzipSync(bytes);
  const name = one(random, Object.keys(parts));
  const content = Buffer.from(parts[name] ?? []);
  parts[name] = one(random, MUTATIONS)(content, random);
  return Buffer.from(zipSync(parts, { level: 1 }));
}

/** One compressed stream of a PDF, unpacked and damaged; readers take its wrong length as it comes. */
function inStream(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString('latin1');
  const streams = [...text.matchAll(/\/Filter \/FlateDecode([^>]*)>>\nstream\n/g)];
  const head = streams[upTo(random, streams.length)];
  if (!head) return bytes;
  const start = head.index + head[0].length;
  const end = text.indexOf('\nendstream', start);
  const plain = inflateRawSync(bytes.subarray(start + 2, end), { finishFlush: 2 });
  const damaged = one(random, MUTATIONS)(plain, random);
  const dictionary = head[0].replace('/Filter /FlateDecode', '').replace(/\/Length \d+/, '');
  const opened = dictionary.replace('>>\nstream', `/Length ${damaged.length} >>\nstream`);
  return Buffer.concat([
    bytes.subarray(0, head.index),
    Buffer.from(opened, 'latin1'),
    damaged,
    bytes.subarray(end),
  ]);
}

interface Chunk {
  type: string;
  data: Buffer;
}

const PNG_HEAD_BYTES = 8;

/** One chunk of a PNG damaged: its pixels, filters and all, or what says how they are meant. */
function inChunk(bytes: Buffer, random: Random): Buffer {
  const chunks = chunksOf(bytes);
  const pixels = chunks.filter(({ type }) => type === 'IDAT');
  const rest = chunks.filter(({ type }) => type !== 'IDAT' && type !== 'IEND');
  const plain = inflateSync(Buffer.concat(pixels.map(({ data }) => data)));
  const isOfPixels = random() < 0.7;
  const content = isOfPixels ? one(random, MUTATIONS)(plain, random) : plain;
  const head = isOfPixels ? -1 : upTo(random, rest.length);
  const written = [
    ...rest.map(({ type, data }, i) => ({
      type,
      data: i === head ? one(random, MUTATIONS)(data, random) : data,
    })),
    { type: 'IDAT', data: deflateSync(content) },
    { type: 'IEND', data: Buffer.alloc(0) },
  ];
  return Buffer.concat([bytes.subarray(0, PNG_HEAD_BYTES), ...written.map(chunkBytes)]);
}

function chunksOf(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = PNG_HEAD_BYTES; at + 12 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    chunks.push({ type, data: bytes.subarray(at + 8, end) });
    at = end + 4;
  }
  return chunks;
}

function chunkBytes({ type, data }: Chunk): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
