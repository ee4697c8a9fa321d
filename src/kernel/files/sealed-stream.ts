/**
 * Encryption of a stream in chunks, so that a file of any size is written and read with one chunk
 * in memory, and no byte is given out that was not authenticated. The construction is STREAM (Hoang,
 * Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its Nonce-Reuse
 * Misuse-Resistance", CRYPTO 2015): each chunk's nonce is its place and whether it is the last, so
 * that chunks left out, moved, repeated or taken from another file fail, and so does a cut-off end.
 *
 * On disk: "CRF1" ‖ 32 bytes of salt ‖ chunks of ciphertext, each with its 16-byte tag. The file's
 * key is HKDF-SHA-256 of the installation's file key with that salt and the file's id.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

const MAGIC = Buffer.from('CRF1');
const SALT_BYTES = 32;
const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const HEADER_BYTES = MAGIC.length + SALT_BYTES;

/** The stored bytes are not what was written. */
export class DamagedFile extends Error {}

/** Encrypts what `content` yields: the header, then sealed chunks. */
export async function* sealStream(
  content: AsyncIterable<Uint8Array>,
  master: Buffer,
  fileId: string,
): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_BYTES);
  const key = fileKey(master, salt, fileId);
  yield Buffer.concat([MAGIC, salt]);
  let number = 0;
  // A full chunk waits until more comes: only then is it known not to be the last.
  for await (const { chunk, isLast } of inChunks(content)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number++, isLast));
    yield Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  }
}

/** Decrypts what `sealStream` made; throws DamagedFile at the first chunk that does not hold. */
export async function* openStream(
  file: FileHandle,
  master: Buffer,
  fileId: string,
): AsyncGenerator<Buffer> {
  const { size } = await file.stat();
  const header = await readExactly(file, 0, HEADER_BYTES);
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new DamagedFile('the header is missing or of another kind');
  }
  const key = fileKey(master, header.subarray(MAGIC.length), fileId);
  let position = HEADER_BYTES;
  for (let number = 0, isLast = false; !isLast; number++) {
    const sizeBytes = Math.min(CHUNK_BYTES + TAG_BYTES, size - position);
    isLast = position + sizeBytes === size;
    yield openChunk(await readExactly(file, position, sizeBytes), key, number, isLast);
    position += sizeBytes;
  }
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new DamagedFile(`the file ends at byte ${position + filled}`);
    filled += bytesRead;
  }
  return buffer;
}

function openChunk(chunk: Buffer, key: Buffer, number: number, isLast: boolean): Buffer {
  if (chunk.length < TAG_BYTES) throw new DamagedFile(`chunk ${number} is cut off`);
  const end = chunk.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, isLast));
  decipher.setAuthTag(chunk.subarray(end));
  const plain = decipher.update(chunk.subarray(0, end));
  try {
    decipher.final();
  } catch {
    throw new DamagedFile(`chunk ${number} is not what was written there`);
  }
  return plain;
}

function fileKey(master: Buffer, salt: Buffer, fileId: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, salt, fileId, 32));
}

/** 7 zero bytes (the key is the file's own), 4 of the chunk's place, 1 for the last chunk. */
function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(number, 7);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

/** Cuts a stream into chunks; the last may be shorter, and an empty stream has one. */
async function* inChunks(
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ chunk: Buffer; isLast: boolean }> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const piece of content) {
    let rest = piece;
    while (pendingBytes + rest.length > CHUNK_BYTES) {
      const taken = CHUNK_BYTES - pendingBytes;
      yield { chunk: Buffer.concat([...pending, rest.subarray(0, taken)]), isLast: false };
      rest = rest.subarray(taken);
      [pending, pendingBytes] = [[], 0];
    }
    if (rest.length > 0) pending.push(rest);
    pendingBytes += rest.length;
  }
  yield { chunk: Buffer.concat(pending), isLast: true };
}
