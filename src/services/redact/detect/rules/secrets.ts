/** Passwords, keys and tokens: by the forms their makers give them, by their labels, by their randomness. */
import type { Rule } from '../rule.ts';
import { firstWords } from './first-words.ts';

/** Bits a character, by how often each stands in the text (Shannon, 1948). */
function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    bits -= (count / value.length) * Math.log2(count / value.length);
  }
  return bits;
}

/** Letters in both cases and digits, as random as a key is; no path, no sentence, no hash of a file. */
function isRandom(value: string): boolean {
  if (!/\d/.test(value) || !/[a-z]/.test(value) || !/[A-Z]/.test(value)) return false;
  return entropy(value) > 3.7;
}

const LABELS = [
  'password|passwd|passphrase|passcode|pass ?word|pwd|pw|passwort|kennwort|mot de passe|mdp|contraseña|clave|senha|parola|wachtwoord|lösenord|adgangskode|passord|salasana|hasło|heslo|jelszó|пароль',
  'api key|apikey|secret|secret key|access key|access token|auth token|bearer token|refresh token|session token|client secret|private key|encryption key|token|credentials?|otp|recovery code|security answer|connection string|db pass|mysql pwd|aws secret access key|webhook secret|signing secret',
].join('|');
const LABEL = LABELS.replace(/ (?!\?)/g, '[ \\t_-]{0,2}');

const isNoSecret = (value: string) =>
  /^(?:required|optional|string|null|none|true|false|undefined|protected|protection|reset|policy|policies|must|should|changes?|expired|incorrect|invalid|here|below|above|field|manager|strength|management|generator|authentication|based|authorization|example|placeholder|redacted|hidden|[*•x.…-]{3,})[.,;:!?]?$/i.test(
    value,
  );

/** Behind `is` only what looks like no word: `the password is strong` tells nothing. */
const isPassword = (value: string) => !isNoSecret(value);
const isOddWord = (value: string) =>
  isPassword(value) && /\d|[!#$%&*+=?@^~]/.test(value.slice(0, -1));

export const SECRETS: readonly Rule[] = [
  {
    type: 'secret',
    title:
      'Keys and tokens with a form of their own (AWS, GitHub, GitLab, Slack, Stripe, Google, OpenAI, JWT …)',
    source: 'published token formats of the vendors; RFC 7519',
    unbroken: { least: 15, holds: '' },
    pattern:
      /(?<![A-Za-z0-9_-])(?:(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{22,250}|xox[abeprs]-[A-Za-z0-9-]{10,200}|xapp-[A-Za-z0-9-]{20,200}|(?:[srp]k|whsec)_(?:(?:live|test)_)?[A-Za-z0-9]{16,200}|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,300}|GOCSPX-[A-Za-z0-9_-]{28}|glpat-[A-Za-z0-9_-]{20,60}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{16,250}|dop_v1_[a-f0-9]{64}|hf_[A-Za-z0-9]{30,50}|sk-[A-Za-z0-9_-]{20,200}|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,60}|key-[a-f0-9]{32}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|EAAC[A-Za-z0-9]{30,300}|sq0(?:atp|csp)-[A-Za-z0-9_-]{22,43}|AC[a-f0-9]{32}|hvs\.[A-Za-z0-9_-]{24,200}|clk_live_[A-Za-z0-9_-]{16,100}|\d{8,10}:AA[A-Za-z0-9_-]{33}|eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{0,2000})(?![A-Za-z0-9_-])/y,
    confidence: 0.97,
  },
  {
    type: 'secret',
    title: 'Private key in PEM',
    source: 'RFC 7468',
    pattern:
      /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s:,.()-]{16,12000}?-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g,
    confidence: 0.99,
  },
  {
    type: 'secret',
    title: 'User and password within an address',
    source: 'RFC 3986, 3.2.1',
    unbroken: { least: 5, holds: 'a:@' },
    pattern: /(?<=[a-z]:\/\/)[^\s:@/]{1,64}:(?<value>[^\s@/]{3,128})(?=@[A-Za-z0-9])/y,
    confidence: 0.9,
  },
  {
    type: 'secret',
    title: 'Value of an Authorization header',
    source: 'RFC 9110, 11.6.2',
    words: ['bearer', 'basic'],
    pattern: /(?:bearer|basic)[ ](?<value>[A-Za-z0-9+/._~-]{16,2000}={0,2})/iuy,
    check: (value) => /\d/.test(value) || isRandom(value),
    confidence: 0.8,
  },
  {
    type: 'secret',
    title: 'Password, token or key behind its label and a sign',
    source: 'NIST SP 800-63B',
    words: firstWords(LABELS),
    pattern: new RegExp(
      `(?:${LABEL})["']?[ \\t]{0,3}(?::=|[:=]|=>)[ \\t]{0,3}["']?(?<value>[^\\s"'<>█\\u001e\\u001f]{4,128}?)(?=["'<>]|[,;.]?(?:\\s|$)|[\\u001e\\u001f])`,
      'iuy',
    ),
    check: isPassword,
    confidence: 0.85,
    cell: {
      heading: new RegExp(`(?<!\\p{L})(?:${LABEL})[ ]{0,2}(?:$|[:(])`, 'iu'),
      pattern: /^\S{4,128}$/u,
    },
  },
  {
    type: 'secret',
    title: 'Password, token or key behind its label and a word',
    source: 'NIST SP 800-63B',
    words: firstWords(LABELS),
    pattern: new RegExp(
      `(?:${LABEL})[ ](?:is|was|are|ist|lautet|est|es|è)[ :]{1,2}["']?(?<value>[^\\s"'<>█]{5,128}?)(?=["'<>]|[,;.]?(?:\\s|$))`,
      'iuy',
    ),
    check: isOddWord,
    confidence: 0.8,
  },
  {
    type: 'secret',
    title: 'Random letters and digits, beside a word that says key, token or secret',
    source: 'Shannon entropy over 3.7 bits a character',
    unbroken: { least: 24, holds: 'aA1' },
    pattern: /(?<![A-Za-z0-9+/=_.-])[A-Za-z0-9+/_-]{24,512}={0,2}(?![A-Za-z0-9+/=_-])/y,
    check: isRandom,
    confidence: 0.3,
    context:
      /(?<!\p{L})(?:keys?|tokens?|secrets?|credentials?|password|signature|bearer|apikey)(?!\p{L})/iu,
    withContext: 0.75,
  },
];
