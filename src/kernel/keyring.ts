/**
 * The installation's key and what is derived from it. One 32-byte secret (a file in the data
 * directory, or a setting) yields by HKDF-SHA-256 (RFC 5869) a separate key for every purpose, so
 * that a tag made for one purpose is worthless for another. Sealing is AES-256-GCM (NIST SP
 * 800-38D) with a random 96-bit nonce and the caller's context as associated data.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  randomUUID,
  timingSafeEqual,
} from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from './fault.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class Keyring {
  readonly #secret: Buffer;
  readonly #derived = new Map<string, Buffer>();

  constructor(secret: Buffer) {
    if (secret.length !== 32) throw new Error('the installation key must be 32 bytes');
    this.#secret = secret;
  }

  /** The 32-byte key of one purpose, e.g. `files`, `api-keys`, `visitor-hash`. */
  derive(purpose: string): Buffer {
    let key = this.#derived.get(purpose);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', this.#secret, 'cloakroom', purpose, 32));
      this.#derived.set(purpose, key);
    }
    return key;
  }

  /** HMAC-SHA-256 of `data` under the purpose's key: for look-ups of what must not be readable. */
  mac(purpose: string, data: string | Uint8Array): Buffer {
    return createHmac('sha256', this.derive(purpose)).update(data).digest();
  }

  /** nonce ‖ tag ‖ ciphertext. `context` (a row's id, say) must be given again to open it. */
  seal(purpose: string, plain: string | Uint8Array, context = ''): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.derive(purpose), nonce);
    cipher.setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]);
  }

  /** Opens what `seal` made; a Fault `internal` where the key, the context or a byte is another. */
  open(purpose: string, sealed: Uint8Array, context = ''): Buffer {
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.derive(purpose), nonce);
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(tag);
      const body = sealed.subarray(NONCE_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(body), decipher.final()]);
    } catch (cause) {
      throw new Fault('internal', 'Stored data could not be read.', {
        internal: `unsealing "${purpose}" failed: another installation key, or damaged data`,
        cause,
      });
    }
  }
}

/** Compares secrets in a time that does not depend on where they differ. */
export function sameSecret(a: string | Uint8Array, b: string | Uint8Array): boolean {
  const left = createHmac('sha256', 'compare').update(a).digest();
  const right = createHmac('sha256', 'compare').update(b).digest();
  return timingSafeEqual(left, right);
}

/**
 * Reads the installation key: from `given` (64 hex digits or base64 of 32 bytes) or from
 * `keys/installation.key` under the data directory, made with mode 0600 at the first start.
 */
export async function openKeyring(dataDir: string, given?: string): Promise<Keyring> {
  if (given) return new Keyring(decodeKey(given));
  const path = join(dataDir, 'keys', 'installation.key');
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    return new Keyring(decodeKey(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await createKeyFile(path);
  return new Keyring(decodeKey(await readFile(path, 'utf8')));
}

async function createKeyFile(path: string): Promise<void> {
  // Written beside and linked into place: nobody ever reads half a key.
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'w', 0o600);
  await file.writeFile(`${randomBytes(32).toString('hex')}\n`);
  await file.sync();
  await file.close();
  try {
    await link(draft, path);
  } catch (error) {
    // Another process of the same installation was first: its key is the key.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
}

function decodeKey(text: string): Buffer {
  const trimmed = text.trim();
  const key = /^[0-9a-f]{64}$/i.test(trimmed)
    ? Buffer.from(trimmed, 'hex')
    : Buffer.from(trimmed, 'base64');
  if (key.length !== 32) {
    throw new Error('the installation key must be 64 hex digits, or base64 of 32 bytes');
  }
  return key;
}
