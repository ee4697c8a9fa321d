/**
 * Standard encryption (MS-OFFCRYPTO 2.3.4.5 to 2.3.4.9), as Office 2007 and LibreOffice write it:
 * AES in single blocks, a key from 50,000 rounds of SHA-1, a verifier and no proof of wholeness.
 */
import { createDecipheriv, hash, timingSafeEqual } from 'node:crypto';
import { damaged, notSupported } from './refusals.ts';

const SPINS = 50_000;
const SHA1_BYTES = 20;
const BLOCK_BYTES = 16;
const SALT_BYTES = 16;
/** AlgID and its key's bits (2.3.2). */
const AES = new Map([
  [0x660e, 128],
  [0x660f, 192],
  [0x6610, 256],
]);
const SHA1 = 0x8004;

/** `info` begins after the version. The package, or null where the password is another. */
export function openStandard(info: Buffer, sealed: Buffer, password: string): Buffer | null {
  if (info.length < 8) throw damaged();
  const headerEnd = 8 + info.readUInt32LE(4);
  if (headerEnd < 40 || headerEnd + 72 > info.length) throw damaged();
  const [algorithm, hashAlgorithm, keyBits] = [16, 20, 24].map((at) => info.readUInt32LE(at));
  const bits = AES.get(algorithm ?? 0);
  if (bits === undefined) throw notSupported('with another cipher');
  // Zero leaves the choice to the cipher, which is the same.
  if (hashAlgorithm !== SHA1 && hashAlgorithm !== 0) throw notSupported('with another hash');
  if (keyBits !== bits && keyBits !== 0) throw damaged();
  const verifier = info.subarray(headerEnd);
  if (verifier.readUInt32LE(0) !== SALT_BYTES) throw damaged();
  const key = keyOf(password, verifier.subarray(4, 4 + SALT_BYTES), bits / 8);
  const secret = decrypt(key, verifier.subarray(20, 36));
  const expected = decrypt(key, verifier.subarray(40, 72)).subarray(0, SHA1_BYTES);
  if (!timingSafeEqual(hash('sha1', secret, 'buffer'), expected)) return null;
  const sizeBytes = Number(sealed.readBigUInt64LE(0));
  const body = sealed.subarray(8, 8 + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES);
  if (sizeBytes > body.length) throw damaged();
  return decrypt(key, body).subarray(0, sizeBytes);
}

/** 2.3.4.7. */
function keyOf(password: string, salt: Buffer, keyBytes: number): Buffer {
  const round = Buffer.alloc(4 + SHA1_BYTES);
  const first = Buffer.concat([salt, Buffer.from(password, 'utf16le')]);
  round.set(hash('sha1', first, 'buffer'), 4);
  for (let i = 0; i < SPINS; i++) {
    round.writeUInt32LE(i, 0);
    round.set(hash('sha1', round, 'buffer'), 4);
  }
  const last = hash('sha1', Buffer.concat([round.subarray(4), Buffer.alloc(4)]), 'buffer');
  const halves = [0x36, 0x5c].map((filler) => {
    const block = Buffer.alloc(64, filler);
    for (const [i, byte] of last.entries()) block[i] = filler ^ byte;
    return hash('sha1', block, 'buffer');
  });
  return Buffer.concat(halves).subarray(0, keyBytes);
}

function decrypt(key: Buffer, content: Buffer): Buffer {
  if (content.length % BLOCK_BYTES !== 0) throw damaged();
  const cipher = createDecipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(content), cipher.final()]);
}
