/**
 * What Mail keeps of people is sealed; what has to be found again is found by an HMAC under the
 * installation's key, which tells nothing to who reads the database alone.
 */
import type { Keyring } from '../../kernel/keyring.ts';

const SEAL = 'mail';
const MAC = 'mail-look-up';

/** From, to and subject, as the log shows them. */
export interface Head {
  from: string;
  to: string;
  subject: string;
}

export interface Vault {
  /** `id`: of the row that it belongs to. */
  seal(plain: string | Uint8Array, id: string): Buffer;
  open(sealed: Uint8Array, id: string): Buffer;
  openText(sealed: Uint8Array, id: string): string;
  sealHead(head: Head, id: string): Buffer;
  openHead(sealed: Uint8Array, id: string): Head;
  /** Of an address in lower case, or a Message-ID. */
  mac(kind: 'address' | 'message-id', text: string): Buffer;
  /** A short tag for addresses that we hand out: 80 bits, lower-case letters and digits. */
  tag(text: string): string;
}

export function createVault(keyring: Keyring): Vault {
  const open = (sealed: Uint8Array, id: string) => keyring.open(SEAL, sealed, id);
  return {
    seal: (plain, id) => keyring.seal(SEAL, plain, id),
    open,
    openText: (sealed, id) => open(sealed, id).toString(),
    sealHead: (head, id) => keyring.seal(SEAL, JSON.stringify(head), id),
    openHead: (sealed, id) => JSON.parse(open(sealed, id).toString()) as Head,
    mac: (kind, text) => keyring.mac(MAC, `${kind}:${text}`),
    tag: (text) => keyring.mac('mail-tags', text).toString('hex').slice(0, 20),
  };
}
