/** Addresses of crypto-currencies: the checksum that is built into them tells them from any text. */
import { createHash } from 'node:crypto';
import type { Rule } from '../rule.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Version byte, 20 bytes of hash, first four bytes of the double SHA-256. */
export function isBase58Check(value: string): boolean {
  let number = 0n;
  for (const character of value) {
    const digit = BASE58.indexOf(character);
    if (digit < 0) return false;
    number = number * 58n + BigInt(digit);
  }
  const bytes = Buffer.from(number.toString(16).padStart(50, '0'), 'hex');
  if (bytes.length !== 25) return false;
  const [payload, check] = [bytes.subarray(0, 21), bytes.subarray(21)];
  return sha256(sha256(payload)).subarray(0, 4).equals(check);
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** BIP 173 (checksum 1) and BIP 350 (0x2bc830a3). */
export function isBech32(value: string): boolean {
  const low = value.toLowerCase();
  if (low !== value && value.toUpperCase() !== value) return false;
  const split = low.lastIndexOf('1');
  const prefix = [...low.slice(0, split)].map((c) => c.charCodeAt(0));
  const data = [...low.slice(split + 1)].map((c) => BECH32.indexOf(c));
  if (split < 1 || data.length < 6 || data.includes(-1)) return false;
  let sum = 1;
  for (const part of [...prefix.map((c) => c >> 5), 0, ...prefix.map((c) => c & 31), ...data]) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ part;
    for (const [bit, generator] of GENERATORS.entries()) if ((top >> bit) & 1) sum ^= generator;
  }
  return sum === 1 || sum === 0x2bc830a3;
}

const context =
  /(?<!\p{L})(?:btc|bitcoin|eth|ethereum|ltc|litecoin|doge|tron|trx|xrp|ripple|monero|xmr|cardano|solana|wallet|crypto|address)(?!\p{L})/iu;

export const WALLETS: readonly Rule[] = [
  {
    type: 'crypto_address',
    title: 'Bitcoin, Litecoin, Dogecoin, Tron address in Base58 with its checksum',
    source: 'BIP 13; Base58Check',
    pattern: /(?<![A-Za-z0-9])[13LMDT][1-9A-HJ-NP-Za-km-z]{25,34}(?![A-Za-z0-9])/g,
    check: (value) => /[a-z]/.test(value) && isBase58Check(value),
    confidence: 0.97,
    context,
  },
  {
    type: 'crypto_address',
    title: 'Bitcoin or Litecoin address in Bech32, Cardano address, with its checksum',
    source: 'BIP 173, BIP 350; CIP 19',
    pattern:
      /(?<![A-Za-z0-9])(?:(?:bc|tb|ltc)1[02-9ac-hj-np-z]{11,71}|(?:BC|TB|LTC)1[02-9AC-HJ-NP-Z]{11,71}|addr1[02-9ac-hj-np-z]{50,100})(?![A-Za-z0-9])/g,
    check: isBech32,
    confidence: 0.97,
  },
  {
    type: 'crypto_address',
    title: 'Ethereum address',
    source: 'EIP-55',
    pattern: /(?<![A-Za-z0-9])0x[0-9a-fA-F]{40}(?![A-Za-z0-9])/g,
    confidence: 0.85,
    context,
  },
  {
    type: 'crypto_address',
    title: 'Monero, Ripple, Solana address, beside a word that says so',
    source: 'Monero address format; XRPL address encodings',
    unbroken: { least: 25, holds: 'aA1' },
    pattern:
      /(?<![A-Za-z0-9])(?:[48][1-9A-HJ-NP-Za-km-z]{94}|r[1-9A-HJ-NP-Za-km-z]{24,34}|[1-9A-HJ-NP-Za-km-z]{43,44})(?![A-Za-z0-9])/y,
    check: (value) => /[A-Z]/.test(value) && /[a-z]/.test(value) && /\d/.test(value),
    confidence: 0.2,
    context: /(?<!\p{L})(?:xrp|ripple|monero|xmr|solana|sol|wallet|crypto)(?!\p{L})/iu,
    withContext: 0.85,
  },
];
