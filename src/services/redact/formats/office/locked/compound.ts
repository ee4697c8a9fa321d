/**
 * Compound files (MS-CFB): a file system within a file, in which Office puts what it encrypts. Only
 * the streams of the root are read. Every chain of sectors is followed no further than the file has
 * sectors, so that one that bites its tail ends in a fault.
 */
import { Fault } from '../../../../../kernel/fault.ts';

/** The head of every compound file (MS-CFB 2.2). */
const SIGNATURE = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const HEADER_BYTES = 512;
const DIFAT_AT = 76;
const DIFAT_IN_HEADER = 109;
const ENTRY_BYTES = 128;
/** Streams that are shorter lie in the mini stream, in sectors of 64 bytes. */
const MINI_CUTOFF_BYTES = 4096;
const MINI_BYTES = 64;
/** From here on a number of a sector is no number but a sign: end of chain, free, … */
const FIRST_SIGN = 0xfffffffa;
const NO_ENTRY = 0xffffffff;

interface Entry {
  name: string;
  /** 2 is a stream, 5 the root. */
  type: number;
  left: number;
  right: number;
  child: number;
  start: number;
  sizeBytes: number;
}

export function isCompound(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_BYTES && SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

/** The streams right below the root, by name. Fault `unreadable_file` where the file is damaged. */
export class CompoundFile {
  private readonly view: Buffer;
  private readonly sectorBits: number;
  private readonly fat: number[];
  private readonly entries: Entry[];

  constructor(bytes: Uint8Array) {
    this.view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.sectorBits = this.view.readUInt16LE(30);
    if (this.sectorBits !== 9 && this.sectorBits !== 12) throw damaged();
    this.fat = this.fatSectors();
    const directory = this.chain(this.view.readUInt32LE(48));
    this.entries = [];
    for (let at = 0; at + ENTRY_BYTES <= directory.length; at += ENTRY_BYTES) {
      this.entries.push(entryOf(directory.subarray(at, at + ENTRY_BYTES), this.sectorBits));
    }
    if (this.entries[0]?.type !== 5) throw damaged();
  }

  /** Null where the root has no such stream. */
  stream(name: string): Buffer | null {
    const entry = this.inRoot().find((one) => one.name === name && one.type === 2);
    if (!entry) return null;
    if (entry.sizeBytes > this.view.length) throw damaged();
    const all = entry.sizeBytes < MINI_CUTOFF_BYTES ? this.mini(entry) : this.chain(entry.start);
    if (all.length < entry.sizeBytes) throw damaged();
    return all.subarray(0, entry.sizeBytes);
  }

  /** What is in a folder is a binary tree, by name; its order is not relied upon. */
  private inRoot(): Entry[] {
    const found: Entry[] = [];
    const waiting = [this.entries[0]?.child ?? NO_ENTRY];
    const seen = new Set<number>([NO_ENTRY]);
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      if (seen.has(index)) continue;
      seen.add(index);
      const entry = this.entries[index];
      if (!entry) throw damaged();
      found.push(entry);
      waiting.push(entry.left, entry.right);
    }
    return found;
  }

  private get mostSectors(): number {
    return Math.ceil(this.view.length / (1 << this.sectorBits));
  }

  private sector(number: number): Buffer {
    const start = (number + 1) * (1 << this.sectorBits);
    if (start >= this.view.length) throw damaged();
    return this.view.subarray(start, start + (1 << this.sectorBits));
  }

  /** Where the sectors lie that say which sector follows which. */
  private fatSectors(): number[] {
    const listed: number[] = [];
    const take = (from: Buffer, count: number) => {
      for (let i = 0; i < count && i * 4 + 4 <= from.length; i++) {
        const number = from.readUInt32LE(i * 4);
        if (number < FIRST_SIGN) listed.push(number);
      }
    };
    take(this.view.subarray(DIFAT_AT, HEADER_BYTES), DIFAT_IN_HEADER);
    const perSector = (1 << this.sectorBits) / 4 - 1;
    let next = this.view.readUInt32LE(68);
    for (let read = 0; next < FIRST_SIGN; read++) {
      const sector = this.sector(next);
      if (read > this.mostSectors || sector.length < perSector * 4 + 4) throw damaged();
      take(sector, perSector);
      next = sector.readUInt32LE(perSector * 4);
    }
    return listed;
  }

  private after(number: number): number {
    const perSector = (1 << this.sectorBits) / 4;
    const table = this.fat[Math.floor(number / perSector)];
    const at = (number % perSector) * 4;
    if (table === undefined) throw damaged();
    const sector = this.sector(table);
    if (at + 4 > sector.length) throw damaged();
    return sector.readUInt32LE(at);
  }

  private chain(start: number): Buffer {
    const pieces: Buffer[] = [];
    for (let number = start; number < FIRST_SIGN; number = this.after(number)) {
      if (pieces.length > this.mostSectors) throw damaged();
      pieces.push(this.sector(number));
    }
    return Buffer.concat(pieces);
  }

  private mini({ start, sizeBytes }: Entry): Buffer {
    const store = this.chain(this.entries[0]?.start ?? FIRST_SIGN);
    const table = this.chain(this.view.readUInt32LE(60));
    const pieces: Buffer[] = [];
    let number = start;
    while (pieces.length * MINI_BYTES < sizeBytes) {
      const end = (number + 1) * MINI_BYTES;
      if (end > store.length || number * 4 + 4 > table.length) throw damaged();
      pieces.push(store.subarray(end - MINI_BYTES, end));
      number = table.readUInt32LE(number * 4);
    }
    return Buffer.concat(pieces);
  }
}

function entryOf(entry: Buffer, sectorBits: number): Entry {
  const nameBytes = Math.min(Math.max(entry.readUInt16LE(64) - 2, 0), 62);
  return {
    name: entry.toString('utf16le', 0, nameBytes),
    type: entry.readUInt8(66),
    left: entry.readUInt32LE(68),
    right: entry.readUInt32LE(72),
    child: entry.readUInt32LE(76),
    start: entry.readUInt32LE(116),
    // Files with small sectors have sizes of 32 bits; some programs leave rubbish above them.
    sizeBytes: sectorBits === 9 ? entry.readUInt32LE(120) : Number(entry.readBigUInt64LE(120)),
  };
}

function damaged(): Fault {
  return new Fault('unreadable_file', 'The file is damaged: its inner folders cannot be read.');
}
