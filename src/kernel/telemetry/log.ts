/**
 * Structured logs. What could carry a secret or a person is taken out by path before it is written,
 * and requests are logged by route, never by address: query strings hold keys and click ids. Of an
 * error its kind, code and place are written; its message only where it speaks of code and not of
 * data (a database's message quotes the row, a parser's the text).
 */
import { type DestinationStream, type Logger, pino } from 'pino';
import { Fault } from '../fault.ts';

const PRIVATE = [
  ...['authorization', 'cookie', 'password', 'secret', 'token', 'key', 'api_key', 'api_secret'],
  ...['email', 'to', 'from', 'subject', 'ip', 'remoteAddress'],
];

export function createLog(level: string, destination?: DestinationStream): Logger {
  const paths = PRIVATE.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const options = {
    level,
    base: null,
    redact: { paths, censor: '[private]' },
    serializers: { err: describeError },
  };
  return pino(options, destination ?? pino.destination(2));
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as NodeJS.ErrnoException;
  return {
    type: error.name,
    code,
    message: speaksOfCode(error) ? error.message : undefined,
    detail: error instanceof Fault ? error.internal : undefined,
    at: error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 12),
    cause: error.cause === undefined ? undefined : describeError(error.cause),
  };
}

function speaksOfCode(error: Error): boolean {
  const isSystem = 'syscall' in error;
  return isSystem || error instanceof TypeError || error instanceof ReferenceError;
}
