/** What is said of an encrypted file that does not open. None of it quotes the file. */
import { Fault } from '../../../../../kernel/fault.ts';

export function damaged(): Fault {
  return new Fault('unreadable_file', 'The encrypted file is damaged.');
}

export function notSupported(how: string): Fault {
  return new Fault(
    'unreadable_file',
    `The file is encrypted in a way that is not supported: ${how}.`,
  );
}

export function locked(password: string | undefined): Fault {
  return new Fault(
    'unreadable_file',
    password === undefined
      ? 'The file is encrypted. Send its password in the field "password".'
      : 'The password does not open this file.',
  );
}
