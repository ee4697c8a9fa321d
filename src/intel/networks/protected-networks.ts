/** Keeps the promise that no list, rule or feed singles out the staff or the tools of an ad platform. */
import { addressOf, type Cidr, lastOf } from '../address.ts';
import type { AsnTable } from './asn.ts';
import { PROTECTED_PLATFORMS } from './protected-networks.data.ts';

const ASNS = new Set(PROTECTED_PLATFORMS.flatMap(({ asns }) => asns));
const NAMES = PROTECTED_PLATFORMS.flatMap(({ names }) => names);
/** A fragment shorter than this (`inc`, `llc`) says nothing about one organization. */
const TELLING_LENGTH = 4;

export function isProtectedAsn(asn: number): boolean {
  return ASNS.has(asn);
}

/** Whether a text that is looked for in organizations' names aims at a platform's. */
export function aimsAtProtectedName(text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return NAMES.some(
    (name) => wanted.includes(name) || (wanted.length >= TELLING_LENGTH && name.includes(wanted)),
  );
}

/** Whether a block lies within a platform's network. A wide block that merely holds it does not. */
export function liesInProtectedNetwork(cidr: Cidr, asns: AsnTable): boolean {
  const ends = [cidr.words, lastOf(cidr)].map((words) => asns.find(addressOf(cidr.version, words)));
  return ends.every((end) => end !== null && ASNS.has(end.asn));
}
