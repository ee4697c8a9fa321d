/**
 * DKIM (RFC 6376) with keys of each domain: RSA of 2048 bits (RFC 8301), two selectors, of which the
 * first signs and the second stands ready to take over.
 */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import type { DkimKey } from '../store/domain-store.ts';
import type { Vault } from '../vault.ts';

const SELECTORS = ['cr1', 'cr2'];
const makePair = promisify(generateKeyPair);

export function makeDkimKeys(domainId: string, vault: Vault): Promise<DkimKey[]> {
  return Promise.all(
    SELECTORS.map(async (selector) => {
      const { publicKey, privateKey } = await makePair('rsa', {
        modulusLength: 2048,
        publicKeyEncoding: { type: 'spki', format: 'der' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      });
      const sealed = vault.seal(privateKey, `${domainId}:${selector}`);
      return {
        selector,
        publicKey: publicKey.toString('base64'),
        sealedPrivateKey: sealed.toString('base64'),
      };
    }),
  );
}

/** The message with its signature in front. */
export async function signDkim(
  raw: Buffer,
  domain: { id: string; name: string; dkimKeys: DkimKey[] },
  vault: Vault,
): Promise<Buffer> {
  const [key] = domain.dkimKeys;
  if (!key) return raw;
  const sealed = Buffer.from(key.sealedPrivateKey, 'base64');
  const privateKey = vault.openText(sealed, `${domain.id}:${key.selector}`);
  const signature = { signingDomain: domain.name, selector: key.selector, privateKey };
  const { signatures, errors } = await dkimSign(raw, { signatureData: [signature] } as never);
  if (errors.length > 0) throw errors[0]?.err ?? new Error('DKIM signing failed');
  return Buffer.concat([Buffer.from(signatures), raw]);
}
