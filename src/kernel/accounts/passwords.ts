/**
 * Passwords: argon2id with the parameters that OWASP's Password Storage Cheat Sheet gives (19 MiB, two
 * passes, one lane), in the library's own threads. Only a few are computed at once, so that a flood of
 * logins takes neither the memory nor the thread pool that files and DNS share.
 */
import { hash, verify } from '@node-rs/argon2';
import { Fault, invalidField } from '../fault.ts';

export interface Passwords {
  /** Fault `invalid_request` where it is too short or too long. */
  hash(password: string, field?: string): Promise<string>;
  /** Takes as long for `null`, which is nobody's hash. */
  matches(password: string, passwordHash: string | null): Promise<boolean>;
}

/** Algorithm 2 is argon2id: the library's enum cannot be imported where types are stripped. */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Of 32 random bytes that nobody kept: verified where there is no account, at the same cost. */
export const DECOY =
  '$argon2id$v=19$m=19456,t=2,p=1$IsZ3L/UhkJdM+fIABFK0Qg$MUBIcqnvDTpbBb8dOlnLsk8CXHCE+7KwvRweXvewZes';
const MIN_LENGTH = 10;
const MAX_LENGTH = 256;
const AT_ONCE = 2;
const MAX_WAITING = 100;

export function createPasswords(): Passwords {
  const run = inTurn(AT_ONCE, MAX_WAITING);

  return {
    hash(password, field = 'password') {
      checkLength(password, field);
      return run(() => hash(normal(password), PARAMETERS));
    },
    async matches(password, passwordHash) {
      // What could never have been set is not worth megabytes of hashing, but costs the same.
      const given = password.length > MAX_LENGTH ? '' : normal(password);
      const isEqual = await run(() => verify(passwordHash ?? DECOY, given));
      return isEqual && passwordHash !== null;
    },
  };
}

function checkLength(password: string, field: string): void {
  const { length } = [...password];
  if (length >= MIN_LENGTH && length <= MAX_LENGTH) return;
  throw invalidField(
    field,
    `The ${field} field must have ${MIN_LENGTH} to ${MAX_LENGTH} characters`,
  );
}

/** The same password typed on another system may come in another form of Unicode (NIST SP 800-63B). */
function normal(password: string): string {
  return password.normalize('NFKC');
}

function inTurn(atOnce: number, maxWaiting: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) {
      if (waiting.length >= maxWaiting) {
        throw new Fault('unavailable', 'Too many people are signing in. Try again shortly.', {
          retryAfterS: 2,
        });
      }
      await new Promise<void>((turn) => waiting.push(turn));
    } else running++;
    try {
      return await work();
    } finally {
      // The turn goes to the next in line without being given back in between.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
