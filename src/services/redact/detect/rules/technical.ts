/** Addresses of machines, secrets, serial numbers. */
import { isIPv6 } from 'node:net';
import { luhn, weighted } from '../check-digits.ts';
import type { Match, Rule } from '../rule.ts';

/** Candidates are runs of hexadecimal digits and colons; `node:net` decides. */
function* ipv6(text: string): Generator<Match> {
  for (const run of text.matchAll(/(?<![\w:.])[0-9a-fA-F:]{3,45}(?:\d{1,3}(?:\.\d{1,3}){3})?/g)) {
    const value = run[0].endsWith(':') && !run[0].endsWith('::') ? run[0].slice(0, -1) : run[0];
    const colons = value.split(':').length - 1;
    if (colons < 2 || !/\d|::/.test(value) || value === '::' || !isIPv6(value)) continue;
    if (/^[\w]/.test(text.slice(run.index + value.length, run.index + value.length + 1))) continue;
    yield { start: run.index, end: run.index + value.length };
  }
}

const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
const VIN_VALUES = '0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ';

/** 49 CFR 565.15: letters have values, the ninth place is the check digit (North America). */
function isVin(value: string): boolean | number {
  if (!/\d/.test(value) || !/[A-Z]/.test(value)) return false;
  const digits = [...value].map((c) => VIN_VALUES.indexOf(c) % 10).join('');
  const rest = weighted(digits, VIN_WEIGHTS) % 11;
  return (rest === 10 ? 'X' : String(rest)) === value[8] ? 0.9 : 0.3;
}

export const TECHNICAL: readonly Rule[] = [
  {
    type: 'ip_address',
    title: 'IPv4 address',
    source: 'RFC 791',
    pattern:
      /(?<![\w.])(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}(?![\w]|\.\d)/g,
    confidence: 0.9,
    against: /\b(?:version|ver|v|release|section|clause|chapter|§)[ :.]{0,2}$/i,
  },
  {
    type: 'ip_address',
    title: 'IPv6 address',
    source: 'RFC 4291',
    find: ipv6,
    confidence: 0.9,
  },
  {
    type: 'mac_address',
    title: 'MAC address',
    source: 'IEEE 802',
    pattern:
      /(?<![\w:.-])(?:[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}|(?:[0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4})(?![\w:-])/g,
    confidence: 0.9,
  },
  {
    type: 'url',
    title: 'Web address',
    source: 'RFC 3986',
    pattern: /\b(?:https?:\/\/|ftp:\/\/|www\.)[^\s<>"'`(){}[\]\\^|█]{3,2000}/gi,
    check: (value) => /[\w/]$/.test(value) || value.length > 12,
    confidence: 0.7,
  },
  {
    type: 'imei',
    title: 'IMEI with its check digit, beside a word that says so',
    source: '3GPP TS 23.003',
    pattern: /(?<![\w.-])\d{2}[ -]?\d{6}[ -]?\d{6}[ -]?\d(?![\w-])/g,
    check: (value) => luhn(value.replace(/\D/g, '')),
    confidence: 0.3,
    context: /\b(?:imei|meid|handset|device)\b/i,
    withContext: 0.95,
  },
  {
    type: 'vin',
    title: 'Vehicle identification number with its check digit',
    source: 'ISO 3779; 49 CFR 565.15',
    pattern: /(?<![A-Za-z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Za-z0-9])/g,
    check: isVin,
    confidence: 0.3,
    context: /\b(?:vin|vehicle|chassis|fahrgestell)\b/i,
    withContext: 0.98,
  },
  {
    type: 'secret',
    title: 'Keys and tokens with a form of their own (AWS, GitHub, Slack, Stripe, Google, JWT …)',
    source: 'published token formats of the vendors; RFC 7519',
    pattern:
      /(?<![A-Za-z0-9_-])(?:(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{22,250}|xox[abprs]-[A-Za-z0-9-]{10,200}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,200}|AIza[A-Za-z0-9_-]{35}|glpat-[A-Za-z0-9_-]{20,60}|npm_[A-Za-z0-9]{36}|sk-[A-Za-z0-9_-]{20,200}|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,60}|eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{0,2000})(?![A-Za-z0-9_-])/g,
    confidence: 0.97,
  },
  {
    type: 'secret',
    title: 'Private key in PEM',
    source: 'RFC 7468',
    pattern:
      /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s:,-]{16,12000}?-----END [A-Z ]{0,30}PRIVATE KEY-----/g,
    confidence: 0.99,
  },
  {
    type: 'secret',
    title: 'Password, token or key, behind a word that says so',
    source: 'custom',
    pattern:
      /\b(?:password|passwd|pwd|passphrase|passwort|kennwort|mot de passe|contraseña|api[_ -]?key|secret[_ -]?key|access[_ -]?token|auth[_ -]?token|client[_ -]?secret)["']?[ \t]{0,3}[:=][ \t]{0,3}["']?(?<value>[^\s"',;<>█[\]]{6,128})/gi,
    confidence: 0.85,
  },
  {
    type: 'username',
    title: 'User name, behind a word that says so',
    source: 'custom',
    pattern:
      /\b(?:user[ _-]?name|login[ _-]?name|login|user[ _-]?id|benutzername)["']?[ \t]{0,3}[:=][ \t]{0,3}["']?(?<value>[A-Za-z0-9][\w.@-]{2,63})(?![\w@])/gi,
    confidence: 0.8,
  },
];
