/** Writing and reading tar (POSIX ustar), a piece at a time: as much of it as a backup needs. */
const BLOCK = 512;

export interface TarEntry {
  path: string;
  sizeBytes: number;
  /** Must be read, or given up, before the next entry is asked for. */
  content: AsyncIterable<Buffer>;
}

/** The header of a file with mode 0600. Paths of at most 100 bytes, sizes below 8 GiB. */
export function tarHeader(path: string, sizeBytes: number): Buffer {
  if (Buffer.byteLength(path) > 100 || sizeBytes >= 8 * 1024 ** 3) {
    throw new Error(`${path} does not fit into the archive`);
  }
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, length: number) =>
    `${value.toString(8).padStart(length - 1, '0')}\0`;
  header.write(path, 0);
  header.write(octal(0o600, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(sizeBytes, 12), 124);
  header.write(octal(0, 12), 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.write(octal(sumOf(header), 7), 148);
  return header;
}

/** What fills the last block of a file. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK - (sizeBytes % BLOCK)) % BLOCK);
}

export const TAR_END = Buffer.alloc(2 * BLOCK);

/** The entries of an archive, one after the other; throws where it is none or ends too early. */
export async function* readTar(archive: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const source = new Source(archive);
  for (;;) {
    const header = await source.exactly(BLOCK);
    if (header.every((byte) => byte === 0)) return source.drain();
    const given = Number.parseInt(header.toString('latin1', 148, 156), 8);
    header.fill(' ', 148, 156);
    if (given !== sumOf(header)) throw new Error('the archive is damaged, or is none');
    const path = header.toString('utf8', 0, 100).replace(/\0.*$/s, '');
    const sizeBytes = Number.parseInt(header.toString('latin1', 124, 136), 8);
    let left = sizeBytes;
    async function* content() {
      while (left > 0) {
        const piece = await source.some(left);
        left -= piece.length;
        yield piece;
      }
    }
    yield { path, sizeBytes, content: content() };
    while (left > 0) left -= (await source.some(left)).length;
    await source.exactly(tarPadding(sizeBytes).length);
  }
}

function sumOf(header: Buffer): number {
  return header.reduce((sum, byte) => sum + byte, 0);
}

/** A stream read by numbers of bytes. */
class Source {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(archive: AsyncIterable<Buffer>) {
    this.#pieces = archive[Symbol.asyncIterator]();
  }

  /** At least one byte, at most `most`. */
  async some(most: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#pieces.next();
      if (done) throw new Error('the archive is cut off');
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /** To the end, so that whatever checks the stream itself has seen all of it. */
  async drain(): Promise<void> {
    while (!(await this.#pieces.next()).done);
  }

  async exactly(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const piece = await this.some(left);
      parts.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(parts);
  }
}
