/**
 * Takes the encryption off an office file (MS-OFFCRYPTO), so that what is within can be told apart
 * and read like any other. What is given out later is without it, as with a PDF.
 */
import { openAgile } from './agile.ts';
import { CompoundFile, isCompound } from './compound.ts';
import { damaged, locked, notSupported } from './refusals.ts';
import { openStandard } from './standard.ts';

/** Excel writes workbooks that are only protected from changes under this one, and asks for none. */
const NO_PASSWORD = 'VelvetSweatshop';
/** A description of a cipher and a few keys. */
const MOST_INFO_BYTES = 64 * 1024;

/**
 * The office file within an encrypted one; every other file as it is.
 * Fault `unreadable_file`: no password, another password, damaged, or encrypted in another way.
 */
export function unlock(bytes: Uint8Array, password: string | undefined): Uint8Array {
  if (!isCompound(bytes)) return bytes;
  const file = new CompoundFile(bytes);
  const sealed = file.stream('EncryptedPackage');
  if (!sealed) return bytes;
  const info = file.stream('EncryptionInfo');
  if (!info) throw notSupported('a rights service keeps its key');
  if (info.length < 8 || info.length > MOST_INFO_BYTES || sealed.length < 8) throw damaged();
  const [major, minor] = [info.readUInt16LE(0), info.readUInt16LE(2)];
  const given = password ?? NO_PASSWORD;
  const opened = openAs(major, minor)(info, sealed, given);
  if (!opened) throw locked(password);
  return opened;
}

type Opener = (info: Buffer, sealed: Buffer, password: string) => Buffer | null;

/** By version (2.3.1). Three kinds have been written; the third lets programs bring their own. */
function openAs(major: number, minor: number): Opener {
  if (major === 4 && minor === 4) {
    return (info, sealed, password) => openAgile(info.subarray(8), sealed, password);
  }
  if (minor === 2 && major >= 2 && major <= 4) {
    return (info, sealed, password) => openStandard(info.subarray(4), sealed, password);
  }
  throw notSupported('it brings a cipher of its own');
}
