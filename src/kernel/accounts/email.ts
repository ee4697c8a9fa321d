/** Mail addresses as names of accounts. */
import { invalidField } from '../fault.ts';

/**
 * The address in lower case; Fault `invalid_request` where it is none. A dot-atom (RFC 5322 3.2.3) of
 * up to 64 characters at a host name, which may be a bare one such as `localhost`.
 */
export function accountEmail(text: string, field = 'email'): string {
  const email = text.trim().toLowerCase();
  const [local = '', host = '', ...rest] = email.split('@');
  const isAddress =
    rest.length === 0 &&
    local.length <= 64 &&
    email.length <= 254 &&
    local.split('.').every((atom) => /^[\w!#$%&'*+/=?^`{|}~-]+$/.test(atom)) &&
    host.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  if (isAddress) return email;
  throw invalidField(field, `The ${field} field must be a mail address such as ada@example.com`);
}
