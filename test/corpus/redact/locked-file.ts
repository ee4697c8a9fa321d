/**
 * Encrypts office files as MS-OFFCRYPTO says, agile (2.3.4.10) and standard (2.3.4.5), written from
 * the specification and apart from what decrypts them. An office suite opens what it writes
 * (redact-libreoffice-locked.test.ts).
 */
import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { CFB } from '@e965/xlsx';

export interface AgileChoice {
  keyBits?: 128 | 192 | 256;
  hash?: 'SHA1' | 'SHA256' | 'SHA384' | 'SHA512';
  /** As the file says; hashing is done so often only up to 2,000. */
  spinCount?: number;
  /** Last words on the XML that describes the encryption. */
  rewrite?(xml: string): string;
  /** And on the encrypted package. */
  damage?(sealed: Buffer): Buffer;
}

type Bytes = Uint8Array;

const le32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const le64 = (value: number) => Buffer.concat([le32(value), le32(0)]);
const padded = (bytes: Bytes, multiple: number) =>
  Buffer.concat([bytes, Buffer.alloc((multiple - (bytes.length % multiple)) % multiple)]);
const toLength = (bytes: Bytes, length: number) =>
  Buffer.concat([bytes, Buffer.alloc(length, 0x36)]).subarray(0, length);

/** Each written out, for a wrong one must not be wrong in the same way on both sides. */
const BLOCK_KEYS = {
  input: [0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79],
  value: [0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e],
  key: [0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6],
  hmacKey: [0x5f, 0xb2, 0xad, 0x01, 0x0c, 0xb9, 0xe1, 0xf6],
  hmacValue: [0xa0, 0x67, 0x7f, 0x02, 0xb2, 0x2c, 0x84, 0x33],
};

export function agileFile(plain: Bytes, password: string, choice: AgileChoice = {}): Buffer {
  const { keyBits = 256, hash = 'SHA512', spinCount = 1000 } = choice;
  const digest = (...pieces: Bytes[]) =>
    createHash(hash.toLowerCase()).update(Buffer.concat(pieces)).digest();
  const encrypt = (key: Bytes, iv: Bytes, content: Bytes) => {
    const cipher = createCipheriv(`aes-${keyBits}-cbc`, key, toLength(iv, 16));
    return Buffer.concat([
      cipher.setAutoPadding(false).update(padded(content, 16)),
      cipher.final(),
    ]);
  };
  const [dataSalt, lockSalt, key] = [randomBytes(16), randomBytes(16), randomBytes(keyBits / 8)];
  const pieces = [];
  for (let at = 0, i = 0; at < plain.length; at += 4096, i++) {
    pieces.push(encrypt(key, digest(dataSalt, le32(i)), plain.subarray(at, at + 4096)));
  }
  const sealed = Buffer.concat([le64(plain.length), ...pieces]);
  let spun = digest(lockSalt, Buffer.from(password, 'utf16le'));
  for (let i = 0; i < Math.min(spinCount, 2000); i++) spun = digest(le32(i), spun);
  const lock = (use: keyof typeof BLOCK_KEYS, content: Bytes) =>
    encrypt(toLength(digest(spun, Buffer.from(BLOCK_KEYS[use])), keyBits / 8), lockSalt, content);
  const proof = (use: keyof typeof BLOCK_KEYS, content: Bytes) =>
    encrypt(key, digest(dataSalt, Buffer.from(BLOCK_KEYS[use])), content).toString('base64');
  const [verifier, hmacKey] = [randomBytes(16), randomBytes(digest().length)];
  const hmac = createHmac(hash.toLowerCase(), hmacKey).update(sealed).digest();
  const common = `saltSize="16" blockSize="16" keyBits="${keyBits}" hashSize="${hmac.length}" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC" hashAlgorithm="${hash}"`;
  const locked = {
    encryptedVerifierHashInput: lock('input', verifier),
    encryptedVerifierHashValue: lock('value', digest(verifier)),
    encryptedKeyValue: lock('key', key),
  };
  const values = Object.entries(locked).map(([name, v]) => `${name}="${v.toString('base64')}"`);
  const xml = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<encryption xmlns="http://schemas.microsoft.com/office/2006/encryption" xmlns:p="http://schemas.microsoft.com/office/2006/keyEncryptor/password"><keyData ${common} saltValue="${dataSalt.toString('base64')}"/><dataIntegrity encryptedHmacKey="${proof('hmacKey', hmacKey)}" encryptedHmacValue="${proof('hmacValue', hmac)}"/><keyEncryptors><keyEncryptor uri="http://schemas.microsoft.com/office/2006/keyEncryptor/password"><p:encryptedKey spinCount="${spinCount}" ${common} saltValue="${lockSalt.toString('base64')}" ${values.join(' ')}/></keyEncryptor></keyEncryptors></encryption>`;
  const info = Buffer.from(choice.rewrite?.(xml) ?? xml);
  return compound({
    EncryptionInfo: Buffer.concat([Buffer.from([4, 0, 4, 0, 0x40, 0, 0, 0]), info]),
    EncryptedPackage: choice.damage?.(sealed) ?? sealed,
  });
}

export function standardFile(
  plain: Bytes,
  password: string,
  keyBits: 128 | 192 | 256 = 128,
): Buffer {
  const sha1 = (...pieces: Bytes[]) => createHash('sha1').update(Buffer.concat(pieces)).digest();
  const salt = randomBytes(16);
  let spun = sha1(salt, Buffer.from(password, 'utf16le'));
  for (let i = 0; i < 50_000; i++) spun = sha1(le32(i), spun);
  spun = sha1(spun, le32(0));
  const half = (filler: number) => sha1(Buffer.alloc(64, filler).map((b, i) => b ^ (spun[i] ?? 0)));
  const key = Buffer.concat([half(0x36), half(0x5c)]).subarray(0, keyBits / 8);
  const encrypt = (content: Bytes) => {
    const cipher = createCipheriv(`aes-${keyBits}-ecb`, key, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(padded(content, 16)), cipher.final()]);
  };
  const algorithm = { 128: 0x660e, 192: 0x660f, 256: 0x6610 }[keyBits];
  const provider = 'Microsoft Enhanced RSA and AES Cryptographic Provider\0';
  const header = Buffer.concat([
    ...[0x24, 0, algorithm, 0x8004, keyBits, 0x18, 0, 0].map(le32),
    Buffer.from(provider, 'utf16le'),
  ]);
  const verifier = randomBytes(16);
  const proof = [encrypt(verifier), le32(20), encrypt(sha1(verifier))];
  const version = Buffer.from([4, 0, 2, 0]);
  return compound({
    EncryptionInfo: Buffer.concat([
      ...[version, le32(0x24), le32(header.length), header, le32(16), salt, ...proof],
    ]),
    EncryptedPackage: Buffer.concat([le64(plain.length), encrypt(plain)]),
  });
}

/** A compound file of these streams. */
export function compound(streams: Record<string, Bytes>): Buffer {
  const file = CFB.utils.cfb_new();
  for (const [name, content] of Object.entries(streams))
    CFB.utils.cfb_add(file, `/${name}`, content);
  return Buffer.from(CFB.write(file, { type: 'buffer' }));
}
