/**
 * Addresses with macros: `https://shop.example/?c={clickid}&s={sub1}`. A template is read once, when
 * its campaign is loaded, into the pieces between its macros; filling it in is then joining strings.
 * Values are URL-encoded, so that no visitor's query can reach beyond the place it was given, and no
 * macro may stand in the scheme or the host: a link's visitors always end up where its owner meant.
 */

export const MACROS = [
  'clickid',
  'campaign_id',
  'country',
  'city',
  'device',
  'os',
  'browser',
  'ip_masked',
  'cost',
  'source',
  'sub1',
  'sub2',
  'sub3',
  'sub4',
  'sub5',
  'sub6',
  'sub7',
  'sub8',
  'sub9',
  'sub10',
] as const;

export type MacroName = (typeof MACROS)[number];
export type MacroValues = Partial<Record<MacroName, string>>;

export interface UrlTemplate {
  /** One more than there are macros. */
  texts: readonly string[];
  macros: readonly MacroName[];
}

const MACRO = new RegExp(`\\{(${MACROS.join('|')})\\}`);
const LONGEST_URL = 4_096;

/**
 * What is wrong with an address for visitors, or null. It must be an absolute http(s) address whose
 * host is written out.
 */
export function urlMistake(url: string): string | null {
  if (url.length > LONGEST_URL) return `must have at most ${LONGEST_URL} characters`;
  // Node and proxies would cut or refuse a header with these in it.
  if (/[\u0000-\u0020\u007f]/.test(url)) return 'must not hold spaces or control characters';
  const [, authority] = /^https?:\/\/([^/?#]+)/i.exec(url) ?? [];
  if (authority === undefined) return 'must be an address that begins with http:// or https://';
  if (/[{}\\@]/.test(authority)) return 'must name its host without macros or credentials';
  if (!URL.canParse(url.replaceAll(new RegExp(MACRO, 'g'), 'x'))) return 'must be a valid address';
  return null;
}

/** Reads a template that `urlMistake` finds nothing wrong with. */
export function compileUrl(url: string): UrlTemplate {
  const parts = url.split(MACRO);
  return {
    texts: parts.filter((_, index) => index % 2 === 0).map(asciiOnly),
    macros: parts.filter((_, index) => index % 2 === 1) as MacroName[],
  };
}

/** The address with its macros filled in; a value that is not known is empty. */
export function fillUrl({ texts, macros }: UrlTemplate, values: MacroValues): string {
  let url = texts[0] as string;
  for (let index = 0; index < macros.length; index++) {
    const value = values[macros[index] as MacroName];
    if (value) url += encodeValue(value);
    url += texts[index + 1];
  }
  return url;
}

function encodeValue(value: string): string {
  // Most values are names and ids, which encode to themselves.
  if (/^[\w.~-]*$/.test(value)) return value;
  return encodeURIComponent(value.toWellFormed());
}

/** A header carries ASCII; what the owner wrote beyond it is UTF-8, percent-encoded (RFC 3986). */
function asciiOnly(text: string): string {
  return text.replaceAll(/[^\u0021-\u007e]+/g, (run) => encodeURIComponent(run.toWellFormed()));
}
