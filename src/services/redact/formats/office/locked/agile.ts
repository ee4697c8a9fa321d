/**
 * Agile encryption (MS-OFFCRYPTO 2.3.4.10 to 2.3.4.15), as Office writes it since 2010: an XML says
 * which cipher and hash; the password opens a key, the key opens the package in pieces of 4,096
 * bytes, and a keyed hash proves that the package is whole.
 */
import { createDecipheriv, createHmac, hash, timingSafeEqual } from 'node:crypto';
import { SaxesParser } from 'saxes';
import { damaged, notSupported } from './refusals.ts';

/**
 * The specification allows ten million rounds of hashing, which keep a worker busy for half a minute
 * each time a password is tried. Office writes 100,000; ten times as many take three seconds.
 */
const MOST_SPINS = 1_000_000;
const SEGMENT_BYTES = 4096;
const BLOCK_BYTES = 16;
const MOST_SALT_BYTES = 64;

/** What is hashed last, for each use of the password's key (2.3.4.11 to 2.3.4.14). */
const USE = {
  verifier: Buffer.from('fea7d2763b4b9e79', 'hex'),
  verifierHash: Buffer.from('d7aa0f6d3061344e', 'hex'),
  key: Buffer.from('146e0be7abacd0d6', 'hex'),
  hmacKey: Buffer.from('5fb2ad010cb9e1f6', 'hex'),
  hmac: Buffer.from('a0677f02b22c8433', 'hex'),
};

const HASHES: Readonly<Record<string, { name: string; bytes: number }>> = {
  SHA1: { name: 'sha1', bytes: 20 },
  SHA256: { name: 'sha256', bytes: 32 },
  SHA384: { name: 'sha384', bytes: 48 },
  SHA512: { name: 'sha512', bytes: 64 },
};

interface Scheme {
  hash: { name: string; bytes: number };
  keyBits: number;
  salt: Buffer;
}

type Attributes = Readonly<Record<string, string>>;

interface Info {
  keyData: Attributes;
  integrity: Attributes | null;
  passwordKey: Attributes;
}

/** The package, or null where the password is another. Fault `unreadable_file`. */
export function openAgile(xml: Buffer, sealed: Buffer, password: string): Buffer | null {
  const { keyData, integrity, passwordKey } = readInfo(xml);
  const [data, lock] = [schemeOf(keyData), schemeOf(passwordKey)];
  const spins = Number(passwordKey['spinCount']);
  if (!Number.isInteger(spins) || spins < 0) throw damaged();
  if (spins > MOST_SPINS) throw notSupported('it asks for too many rounds of hashing');
  const spun = spin(lock, password, spins);
  const unlock = (use: Buffer, name: string) =>
    decrypt(
      fitted(digest(lock, spun, use), lock.keyBits / 8),
      ivOf(lock.salt),
      binary(passwordKey, name),
    );
  const verifier = unlock(USE.verifier, 'encryptedVerifierHashInput').subarray(0, lock.salt.length);
  const expected = unlock(USE.verifierHash, 'encryptedVerifierHashValue');
  if (!isSame(digest(lock, verifier), expected.subarray(0, lock.hash.bytes))) return null;
  const key = unlock(USE.key, 'encryptedKeyValue').subarray(0, data.keyBits / 8);
  if (key.length * 8 !== data.keyBits) throw damaged();
  if (integrity) proveWhole(data, key, integrity, sealed);
  return openPackage(data, key, sealed);
}

function readInfo(xml: Buffer): Info {
  const found = new Map<string, Attributes>();
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', () => {
    throw damaged();
  });
  parser.on('opentag', ({ local, attributes }) => {
    const plain = Object.values(attributes).map(({ local: name, value }) => [name, value]);
    const all: Attributes = Object.fromEntries(plain);
    // Keys of certificates stand beside the password's; only that one is spun.
    if (!found.has(local) || all['spinCount']) found.set(local, all);
  });
  parser.write(xml.toString('utf8')).close();
  const [keyData, passwordKey] = [found.get('keyData'), found.get('encryptedKey')];
  if (!keyData) throw damaged();
  if (!passwordKey?.['spinCount']) throw notSupported('no password opens it');
  return { keyData, passwordKey, integrity: found.get('dataIntegrity') ?? null };
}

function schemeOf(attributes: Attributes): Scheme {
  const { cipherAlgorithm, cipherChaining, hashAlgorithm = '' } = attributes;
  const known = HASHES[hashAlgorithm.replace('-', '')];
  const keyBits = Number(attributes['keyBits']);
  const isAes = cipherAlgorithm === 'AES' && cipherChaining === 'ChainingModeCBC';
  if (!isAes || ![128, 192, 256].includes(keyBits)) throw notSupported('with another cipher');
  if (!known) throw notSupported('with another hash');
  const salt = binary(attributes, 'saltValue');
  if (salt.length === 0 || salt.length > MOST_SALT_BYTES) throw damaged();
  return { hash: known, keyBits, salt };
}

function binary(attributes: Attributes, name: string): Buffer {
  return Buffer.from(attributes[name] ?? '', 'base64');
}

/** 2.3.4.11: the password hashed over and over, so that trying many takes long. */
function spin(lock: Scheme, password: string, spins: number): Buffer {
  const round = Buffer.alloc(4 + lock.hash.bytes);
  round.set(digest(lock, lock.salt, Buffer.from(password, 'utf16le')), 4);
  for (let i = 0; i < spins; i++) {
    round.writeUInt32LE(i, 0);
    round.set(hash(lock.hash.name, round, 'buffer'), 4);
  }
  return round.subarray(4);
}

/** 2.3.4.14: a keyed hash over the package as it lies there. */
function proveWhole(data: Scheme, key: Buffer, integrity: Attributes, sealed: Buffer): void {
  const open = (use: Buffer, name: string) => {
    const content = decrypt(key, ivOf(digest(data, data.salt, use)), binary(integrity, name));
    return content.subarray(0, data.hash.bytes);
  };
  const hmacKey = open(USE.hmacKey, 'encryptedHmacKey');
  const own = createHmac(data.hash.name, hmacKey).update(sealed).digest();
  if (!isSame(own, open(USE.hmac, 'encryptedHmacValue'))) throw damaged();
}

/** 2.3.4.15: eight bytes say how long it is, then pieces with a vector each. */
function openPackage(data: Scheme, key: Buffer, sealed: Buffer): Buffer {
  const sizeBytes = Number(sealed.readBigUInt64LE(0));
  const body = sealed.subarray(8);
  if (sizeBytes > body.length) throw damaged();
  const pieces: Buffer[] = [];
  const number = Buffer.alloc(4);
  for (let at = 0; at < sizeBytes; at += SEGMENT_BYTES) {
    number.writeUInt32LE(at / SEGMENT_BYTES);
    const iv = ivOf(digest(data, data.salt, number));
    pieces.push(decrypt(key, iv, body.subarray(at, at + SEGMENT_BYTES)));
  }
  return Buffer.concat(pieces).subarray(0, sizeBytes);
}

function decrypt(key: Buffer, iv: Buffer, content: Buffer): Buffer {
  if (content.length === 0 || content.length % BLOCK_BYTES !== 0) throw damaged();
  const cipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(content), cipher.final()]);
}

function digest({ hash: { name } }: Scheme, ...pieces: Buffer[]): Buffer {
  return hash(name, Buffer.concat(pieces), 'buffer');
}

const ivOf = (bytes: Buffer) => fitted(bytes, BLOCK_BYTES);

/** Cut, or filled up with 0x36 (2.3.4.11, 2.3.4.12). */
function fitted(bytes: Buffer, length: number): Buffer {
  const filled = Buffer.alloc(length, 0x36);
  bytes.copy(filled);
  return filled;
}

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
