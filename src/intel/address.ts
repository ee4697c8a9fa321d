/**
 * IP addresses as numbers. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) is the
 * IPv4 address that it wraps, so that no rule or list is slipped past by writing it the other way.
 */
import { isIPv4, isIPv6 } from 'node:net';

export interface Address {
  version: 4 | 6;
  /** Canonical: dotted quad, or lower case and compressed as RFC 5952 says. */
  text: string;
  /** Unsigned 32-bit words, most significant first: one for IPv4, four for IPv6. */
  words: readonly number[];
}

export interface Cidr {
  version: 4 | 6;
  words: readonly number[];
  bits: number;
  /** Canonical, with the host bits cleared: `192.0.2.0/24`. */
  text: string;
}

/** Reads an address, or null where the text is none. Zones (`fe80::1%eth0`) are refused. */
export function parseAddress(text: string): Address | null {
  if (text.length > 45) return null;
  if (isIPv4(text)) return addressV4(wordOf(text));
  if (!isIPv6(text) || text.includes('%')) return null;
  const words = wordsOfV6(text);
  if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) return addressV4(words[3] ?? 0);
  return { version: 6, text: formatV6(words), words };
}

/** Reads `address/bits` or a bare address (a block of one); null where it is neither. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address) return null;
  const widest = address.version === 4 ? 32 : 128;
  const given = slash < 0 ? String(widest) : text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(given)) return null;
  // `::ffff:192.0.2.0/120` counts its bits as IPv6 does.
  const mapped = address.version === 4 && slash >= 0 && text.slice(0, slash).includes(':');
  const bits = Number(given) - (mapped ? 96 : 0);
  if (bits < 0 || bits > widest) return null;
  const words = address.words.map((word, i) => (word & maskOf(bits - i * 32)) >>> 0);
  const base = address.version === 4 ? formatV4(words[0] ?? 0) : formatV6(words);
  return { version: address.version, words, bits, text: `${base}/${bits}` };
}

export function inCidr(address: Address, cidr: Cidr): boolean {
  if (address.version !== cidr.version) return false;
  return cidr.words.every(
    (word, i) => ((address.words[i] ?? 0) & maskOf(cidr.bits - i * 32)) >>> 0 === word,
  );
}

/** The last address of a block, as words. */
export function lastOf(cidr: Cidr): number[] {
  return cidr.words.map((word, i) => (word | ~maskOf(cidr.bits - i * 32)) >>> 0);
}

/** An address from its words. */
export function addressOf(version: 4 | 6, words: readonly number[]): Address {
  if (version === 4) return addressV4(words[0] ?? 0);
  return { version, words, text: formatV6(words) };
}

/**
 * What may be kept where the whole address may not: `192.168.x.x` for IPv4, the /48 for IPv6
 * (`2001:db8:7::/48`), an empty text for what is no address.
 */
export function maskIp(text: string): string {
  const address = parseAddress(text);
  if (!address) return '';
  const [first = 0, second = 0] = address.words;
  if (address.version === 4) return `${first >>> 24}.${(first >>> 16) & 255}.x.x`;
  return `${formatV6([first, (second & 0xffff0000) >>> 0, 0, 0])}/48`;
}

/** The block that one customer commonly has: /24 of IPv4, /48 of IPv6. */
export function neighbourhoodOf(address: Address): string {
  const bits = address.version === 4 ? 24 : 48;
  return parseCidr(`${address.text}/${bits}`)?.text ?? address.text;
}

function addressV4(word: number): Address {
  return { version: 4, text: formatV4(word), words: [word] };
}

/** A mask of the first `bits` bits of a word; fewer than one is none, more than 32 is all. */
function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : ~(0xffffffff >>> bits);
}

function wordOf(quad: string): number {
  let word = 0;
  for (const part of quad.split('.')) word = word * 256 + Number(part);
  return word;
}

/** The words of a text that is known to be an IPv6 address. */
export function wordsOfV6(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const groups = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  const words: number[] = [];
  for (let i = 0; i < 8; i += 2) words.push((groups[i] ?? 0) * 65_536 + (groups[i + 1] ?? 0));
  return words;
}

function groupsOf(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const word = wordOf(group);
    return [word >>> 16, word & 0xffff];
  });
}

function formatV4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/** RFC 5952: no leading zeros, the longest run of zero groups (two or more, the first) as `::`. */
function formatV6(words: readonly number[]): string {
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
    if (end > start) start = end;
  }
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (best.length < 2) return hex(groups);
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`;
}
