/** Addresses of machines, serial numbers, names of users. */
import { isIPv6 } from 'node:net';
import { luhn, weighted } from '../check-digits.ts';
import type { Match, Rule } from '../rule.ts';
import { labelled } from './labelled.ts';
import { wordsAround } from './national/number-row.ts';

const IPV6 = /(?<![\w:.])[0-9a-fA-F:]{3,45}(?:\d{1,3}(?:\.\d{1,3}){3})?/y;
const MOST_HEX = 45;

/** Candidates are runs of hexadecimal digits and colons; `node:net` decides. */
function* ipv6(text: string): Generator<Match> {
  for (let at = text.indexOf(':'); at >= 0; ) {
    let start = at;
    while (at - start < MOST_HEX && /[0-9a-fA-F:]/.test(text[start - 1] ?? '')) start--;
    IPV6.lastIndex = start;
    const run = IPV6.exec(text)?.[0] ?? '';
    at = text.indexOf(':', Math.max(at + 1, start + run.length));
    const value = run.endsWith(':') && !run.endsWith('::') ? run.slice(0, -1) : run;
    const colons = value.split(':').length - 1;
    if (colons < 2 || !/\d|::/.test(value) || value === '::' || !isIPv6(value)) continue;
    if (/^[\w]/.test(text.slice(start + value.length, start + value.length + 1))) continue;
    yield { start, end: start + value.length };
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

/** A full stop or comma at the end belongs to the sentence. */
function withoutEnd(text: string, { start, end }: Match): Match {
  let last = end;
  while (last > start && /[.,;:!?*_~]/.test(text[last - 1] ?? '')) last--;
  return { start, end: last };
}

/** Domains that are common enough to be known without `www`. */
const TOP_LEVEL =
  'com|org|net|edu|gov|mil|io|co|ai|app|dev|info|biz|de|uk|fr|es|it|nl|be|at|ch|eu|pl|cz|sk|hu|ro|bg|gr|se|no|dk|fi|is|ie|pt|lt|lv|ee|lu|mt|cy|hr|si|us|ca|au|in|br|jp|nz|za';

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
    title: 'IPv4 address in the name of a host (host-203-0-113-9.example)',
    source: 'RFC 8501, section 2',
    atDigits: [1, 3],
    pattern:
      /(?<![\d.]|\d-)(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)-){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?=\.[a-z])/y,
    confidence: 0.7,
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
    unbroken: { least: 14, holds: '' },
    pattern:
      /(?<![\w:.-])(?:[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}|(?:[0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4})(?![\w:-])/y,
    confidence: 0.9,
  },
  {
    type: 'url',
    title: 'Web address',
    source: 'RFC 3986',
    words: ['http', 'https', 'ftp', 'sftp', 'www', 'ssh', 'git', 'ldap', 'smb', 'file'],
    pattern:
      /(?:(?:https?|s?ftp|ssh|git|ldap|smb|file):\/\/|www\.)[^\s<>"'`(){}[\]\\^|█\u001e\u001f]{3,2000}/iuy,
    reach: withoutEnd,
    confidence: 0.7,
  },
  {
    type: 'url',
    title: 'Host name with a path or a well-known top-level domain',
    source: 'RFC 1034; IANA Root Zone Database',
    unbroken: { least: 4, holds: '.' },
    pattern: new RegExp(
      `(?<![\\p{L}\\d@./:_-])(?:[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?\\.){1,4}(?:${TOP_LEVEL})(?![\\p{L}\\d@_-]|\\.[\\p{L}\\d])(?:/[^\\s<>"'(){}\\u001e\\u001f]{0,500})?`,
      'iuy',
    ),
    check: (value) =>
      /^[a-z0-9-]{2,}(?:\.[a-z0-9-]{2,}){1,4}/.test(value)
        ? value.includes('/')
          ? 0.6
          : 0.5
        : false,
    reach: withoutEnd,
    confidence: 0.5,
  },
  {
    type: 'imei',
    title: 'IMEI with its check digit',
    source: '3GPP TS 23.003, 6.2.1 and annex B',
    number: ['99-999999-999999-9', '99 999999 999999 9', '999999999999999'],
    check: (value) => /^(?:01|[1-9]\d)/.test(value) && luhn(value),
    confidence: 0.3,
    context: wordsAround('imei|meid|handset|device|phone|mobile'),
    withContext: 0.95,
  },
  {
    type: 'vin',
    title: 'Vehicle identification number with its check digit',
    source: 'ISO 3779; 49 CFR 565.15',
    number: ['*****************'],
    check: isVin,
    confidence: 0.3,
    context: wordsAround(
      'vin|vehicle(?: id(?:entification)?)?|chassis|fahrgestell(?:nummer)?|fin|num[ée]ro de s[ée]rie|bastidor|telaio|car|truck',
    ),
    withContext: 0.98,
  },
  {
    type: 'username',
    title: 'Handle in an address of a social network',
    source: 'published URL forms of the networks',
    words: [
      'twitter',
      'x',
      'instagram',
      'facebook',
      'linkedin',
      'github',
      'tiktok',
      'youtube',
      'medium',
      't',
      'reddit',
      'gitlab',
      'threads',
      'mastodon',
      'keybase',
      'snapchat',
      'soundcloud',
      'twitch',
      'vk',
      'xing',
    ],
    pattern:
      /(?:twitter\.com|x\.com|instagram\.com|facebook\.com|linkedin\.com\/(?:in|pub)|github\.com|gitlab\.com|tiktok\.com|youtube\.com|medium\.com|t\.me|reddit\.com\/u(?:ser)?|threads\.net|mastodon\.social|keybase\.io|snapchat\.com\/add|soundcloud\.com|twitch\.tv|vk\.com|xing\.com\/profile)\/@?(?<value>[A-Za-z0-9_][\w.-]{1,62}\w)(?![\w-])/iuy,
    check: (value) =>
      !/^(?:about|help|search|login|home|explore|privacy|terms|watch|channel|share|intent|company|groups|pages|features|pricing|orgs|topics|settings|signup|policies|hashtag)$/i.test(
        value,
      ),
    confidence: 0.6,
  },
  {
    type: 'username',
    title: 'Handle beside the name of a social network or a word that says so',
    source: 'published forms of the networks',
    pattern: /(?<![\w@.!#$%&*+/=?^`{|}~-])@[A-Za-z][A-Za-z0-9_.]{1,29}(?<!\.)(?![\w@])/g,
    check: (value) =>
      !/^@(?:media|import|override|param|return|returns|font-face|keyframes|supports|charset|deprecated|test|author|see|todo|here|all|channel|everyone|throws|type|autowired|bean|entity)$/i.test(
        value,
      ),
    confidence: 0.3,
    context:
      /(?<!\p{L})(?:twitter|x\.com|instagram|insta|tiktok|telegram|mastodon|github|handle|follow|username|user|account|dm|tweet(?:ed)?|posted|profile|threads|bluesky)(?!\p{L})/iu,
    withContext: 0.75,
  },
  {
    type: 'username',
    title: 'Name of a user as reddit writes it (u/name)',
    source: 'published forms of the networks',
    words: ['u'],
    pattern: /(?<![\w/])u\/(?<value>[A-Za-z0-9_-]{3,20})(?![\w/-])/y,
    confidence: 0.6,
  },
  labelled({
    type: 'username',
    title: 'User name behind its label; cell below such a heading',
    source: '45 CFR 164.514(b)(2)(i)(R); GDPR art. 4(1)',
    labels:
      "user name|username|login name|login id|login(?= ?[:=])|user id|userid|user(?= ?[:=])|screen name|nickname|handle|benutzername|benutzerkennung|nom d[’']utilisateur|identifiant|nombre de usuario|usuario|nome utente|nome de usu[áa]rio|gebruikersnaam|anv[äa]ndarnamn|brugernavn|brukernavn|k[äa]ytt[äa]j[äa]tunnus|slack id|steam id|gamertag",
    needsLink: true,
    value: '@?[A-Za-z0-9][\\w.@#-]{1,62}[A-Za-z0-9_]',
    check: (value) =>
      !/^(?:is|the|was|and|for|not|none|null|true|false|undefined|string|required|optional|yes|no|here|this|that|with|from)$/i.test(
        value,
      ),
    confidence: 0.8,
  }),
  labelled({
    type: 'username',
    title: 'Name in a social network behind the network’s',
    source: 'published forms of the networks',
    labels: 'twitter|instagram|insta|telegram|skype|discord|signal|wechat|tiktok|snapchat|mastodon',
    needsLink: true,
    value: '(?:@[A-Za-z0-9][\\w.]{1,30}|(?=[\\w.]{0,30}[\\d_])[A-Za-z][\\w.]{2,30}(?:#\\d{4})?)',
    confidence: 0.75,
  }),
  labelled({
    type: 'username',
    title: 'Name of a user with a digit in it, right behind its label',
    source: '45 CFR 164.514(b)(2)(i)(R); GDPR art. 4(1)',
    labels:
      'user name|username|user id|userid|login id|login name|login|handle|benutzername|nickname',
    value: '(?=[A-Za-z.@-]{0,30}[\\d_])[A-Za-z][\\w.@-]{2,40}[A-Za-z0-9]',
    confidence: 0.75,
  }),
];
