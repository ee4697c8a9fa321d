/**
 * What the tagger says of a token: outside of names, at the beginning of a name of a kind, or within
 * it (Ramshaw and Marcus, 1995; the BIO scheme).
 */
/** `address` is a street; `addresses.ts` adds its numbers, code and town. */
export const KINDS = ['name', 'location', 'organization', 'address'] as const;
export type Kind = (typeof KINDS)[number];

export const OUTSIDE = 0;
/** Outside, then beginning and inside of each kind. */
export const LABELS = 1 + 2 * KINDS.length;
/** All but `outside`, whose weights are 0. */
export const WEIGHTED = LABELS - 1;

export function beginning(kind: number): number {
  return 1 + 2 * kind;
}

export function inside(kind: number): number {
  return 2 + 2 * kind;
}

/** Number of the kind that a label speaks of; -1 for outside. */
export function kindOf(label: number): number {
  return label === OUTSIDE ? -1 : (label - 1) >> 1;
}

export function isInside(label: number): boolean {
  return label > 0 && label % 2 === 0;
}

/** Inside of a kind comes only behind a label of the same kind. */
export function mayFollow(previous: number, label: number): boolean {
  return !isInside(label) || kindOf(previous) === kindOf(label);
}
