/**
 * Headers against the browser that the User-Agent names. Only what the caller passed is looked at: a
 * header that is not there may have been left out by the caller.
 */
import type { ClientFacts } from '../../../intel/index.ts';
import type { Signal } from './observation.ts';

/** By name in lower case. */
export type Headers = Readonly<Record<string, string>>;

const CHROMIUM = new Set([
  'Chrome',
  'Edge',
  'Opera',
  'Chrome WebView',
  'Samsung Internet',
  'Brave',
]);
/** Firefox and Safari send no client hints (https://wicg.github.io/ua-client-hints). */
const WITHOUT_HINTS = new Set(['Firefox', 'Safari']);

/** Client hints name systems in their own way. */
const PLATFORMS: Record<string, RegExp> = {
  Windows: /^windows$/i,
  'Mac OS': /^macos$/i,
  Android: /^android$/i,
  iOS: /^ios$/i,
  Linux: /^linux$/i,
  'Chromium OS': /^chrom(e|ium) ?os$/i,
};

export function readHeaders(
  headers: Headers,
  userAgent: string | null,
  client: ClientFacts,
): Signal[] {
  const wrong = client.isBot ? null : mismatchIn(headers, userAgent, client);
  return [{ code: 'header_mismatch', fired: wrong !== null, value: wrong }];
}

function mismatchIn(
  headers: Headers,
  userAgent: string | null,
  client: ClientFacts,
): string | null {
  const own = headers['user-agent'];
  if (own !== undefined && userAgent !== null && own !== userAgent) {
    return 'two User-Agents';
  }
  if (headers['accept-language']?.trim() === '' && client.browser !== null) {
    return 'no language';
  }
  const brands = headers['sec-ch-ua'];
  if (brands === undefined) return null;
  if (WITHOUT_HINTS.has(client.browser ?? '')) return `client hints from ${client.browser}`;
  return hintsMismatch(headers, brands, client);
}

function hintsMismatch(headers: Headers, brands: string, client: ClientFacts): string | null {
  if (!CHROMIUM.has(client.browser ?? '')) return null;
  const chromium = /"Chromium";v="(\d{1,4})"/.exec(brands)?.[1];
  if (chromium === undefined) return 'client hints without Chromium';
  const major = client.browserVersion?.split('.', 1)[0];
  if (client.browser === 'Chrome' && major !== undefined && major !== chromium) {
    return `client hints say ${chromium}, User-Agent ${major}`;
  }
  const platform = headers['sec-ch-ua-platform']?.replaceAll('"', '');
  const expected = PLATFORMS[client.os ?? ''];
  if (platform && expected && !expected.test(platform)) {
    return `client hints say ${platform.slice(0, 30)}, User-Agent ${client.os}`;
  }
  const mobile = headers['sec-ch-ua-mobile'];
  if (mobile === '?1' && client.device === 'desktop') return 'client hints say mobile';
  return null;
}

/** The language that is wanted most: `en-us` of `en-US,en;q=0.9`. */
export function languageOf(headers: Headers): string | null {
  const first = headers['accept-language']
    ?.split(',', 1)[0]
    ?.split(';', 1)[0]
    ?.trim()
    .toLowerCase();
  return first && /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$/.test(first) ? first : null;
}
