/**
 * Which words are known as given names, surnames, places, or as ordinary words. Kept as 32-bit
 * hashes with one byte of lists each, in an open-addressed table: a look-up is one or two reads.
 */
export const GIVEN = 1;
export const SURNAME = 2;
export const PLACE = 4;
export const COUNTRY = 8;
/** Forms of companies and words that end their names: Ltd, GmbH, Bank. */
export const COMPANY = 16;
/** Words inside of names: van, de, bin. */
export const PARTICLE = 32;
/** Seen in small letters in ordinary text, and */
export const ORDINARY = 64;
/** so often that it is no name even in a text without capitals. */
export const FREQUENT = 128;

/** Lists that speak for a name. */
export const NAMING = GIVEN | SURNAME | PLACE | COUNTRY | COMPANY;

export class Gazetteer {
  private readonly keys: Int32Array;
  private readonly values: Uint8Array;
  private readonly mask: number;

  /** Entries are hashes of words (`baseHash`) and the lists that have them. */
  constructor(hashes: Int32Array, lists: Uint8Array) {
    let size = 1 << 10;
    while (size < hashes.length * 2) size <<= 1;
    this.mask = size - 1;
    this.keys = new Int32Array(size);
    this.values = new Uint8Array(size);
    for (let i = 0; i < hashes.length; i++) this.add(hashes[i] ?? 0, lists[i] ?? 0);
  }

  private add(hash: number, lists: number): void {
    let at = (hash ^ (hash >>> 15)) & this.mask;
    while (this.values[at] !== 0 && this.keys[at] !== hash) at = (at + 1) & this.mask;
    this.keys[at] = hash;
    this.values[at] = (this.values[at] ?? 0) | lists;
  }

  /** The lists that have the word with this hash; 0 where none has. */
  lists(hash: number): number {
    let at = (hash ^ (hash >>> 15)) & this.mask;
    while (this.values[at] !== 0) {
      if (this.keys[at] === hash) return this.values[at] ?? 0;
      at = (at + 1) & this.mask;
    }
    return 0;
  }
}
