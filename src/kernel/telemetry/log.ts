/**
 * Structured logs. What could carry a secret or a person is taken out by path before it is written,
 * and requests are logged by route, never by address: query strings hold keys and click ids.
 */
import { type DestinationStream, type Logger, pino } from 'pino';

const PRIVATE = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'api_key',
  'api_secret',
  'key',
  'email',
  'to',
  'from',
  'subject',
  'ip',
  'remoteAddress',
];

export function createLog(level: string, destination?: DestinationStream): Logger {
  const paths = PRIVATE.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino(
    { level, base: null, redact: { paths, censor: '[private]' } },
    destination ?? pino.destination(2),
  );
}
