/**
 * Mail addresses: dot-atoms (RFC 5322 3.2.3) at a domain name, which is all that lets itself be put
 * into a header and an SMTP command without quoting. Kept in lower case, for comparing.
 */
import { domainToASCII } from 'node:url';
import { invalidField } from '../../kernel/fault.ts';

const ATOM = /^[\w!#$%&'*+/=?^`{|}~-]+$/;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const MAX_LOCAL = 64;
const MAX_ADDRESS = 254;

/** The address in lower case with an ASCII domain, or null where it is none. */
export function readAddress(text: string): string | null {
  if (text.length > MAX_ADDRESS) return null;
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(0, at)).toLowerCase();
  const domain = readDomain(text.slice(at + 1));
  const isLocal = local.length <= MAX_LOCAL && local.split('.').every((atom) => ATOM.test(atom));
  return isLocal && domain ? `${local}@${domain}` : null;
}

/** A domain name of at least two labels in lower-case ASCII, or null. */
export function readDomain(text: string): string | null {
  const name = domainToASCII(text.toLowerCase());
  const labels = name.split('.');
  const isName = labels.length >= 2 && name.length <= 253 && labels.every((l) => LABEL.test(l));
  return isName && !/^\d+$/.test(labels.at(-1) ?? '') ? name : null;
}

/** Fault `invalid_request` naming the field where it is no address. */
export function requireAddress(text: string, field: string): string {
  const address = readAddress(text);
  if (address) return address;
  throw invalidField(field, `The ${field} field must be a mail address such as ada@example.com`);
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

export function localOf(address: string): string {
  return address.slice(0, address.lastIndexOf('@'));
}

/** A server's words on one line and without the addresses in them: those are kept sealed, beside. */
export function withoutAddresses(text: string): string {
  return text
    .slice(0, 500)
    .replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')
    .replaceAll(/[^\s<>"'(),;:@]{1,64}@[\w.-]{1,253}/g, '[address]');
}
