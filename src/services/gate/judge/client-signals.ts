/** What the User-Agent says: a program, a crawler that is none, an old or an impossible browser. */
import type { ClientFacts, CrawlerFacts } from '../../../intel/index.ts';
import type { Signal } from './observation.ts';

/**
 * Engines' majors that were new in the year named; browsers update themselves within weeks, and what
 * is several years behind is mostly a program with a copied name.
 */
const OLDEST_MAJOR: Record<string, number> = {
  Chrome: 100, // March 2022
  'Chrome WebView': 90, // April 2021: phones that get no more updates
  Edge: 100,
  Firefox: 100, // May 2022; 91 was the last but one long-term release before it
  Safari: 12, // September 2018: iOS 12 is the last for iPhone 5s and 6
  Opera: 86,
};

const HEADLESS = /headless|phantomjs|slimerjs|puppeteer|playwright|selenium|webdriver|cypress/i;

export function readClient(
  userAgent: string | null,
  client: ClientFacts,
  crawler: CrawlerFacts,
): Signal[] {
  // A crawler's name is judged as a claim; what it says of being a bot is not held against it twice.
  const isClaim = crawler.status === 'refuted' || crawler.status === 'pending';
  const isHeadless = userAgent !== null && HEADLESS.test(userAgent);
  const isMissing = userAgent !== null && userAgent.trim() === '';
  const major = Number.parseInt(client.browserVersion ?? '', 10);
  const oldest = OLDEST_MAJOR[client.browser ?? ''];
  const impossible = userAgent === null ? null : impossibleIn(userAgent, client);
  return [
    {
      code: 'fake_bot',
      fired: crawler.status === 'refuted',
      value: isClaim ? `claims ${crawler.name}` : null,
    },
    {
      code: 'known_bot',
      fired: crawler.status === 'none' && client.isBot && !isMissing && !isHeadless,
      value: client.botToken?.slice(0, 80) ?? null,
    },
    { code: 'automation', fired: isHeadless, value: isHeadless ? 'User-Agent' : null },
    { code: 'ua_missing', fired: isMissing, value: null },
    {
      code: 'ua_old',
      fired: oldest !== undefined && major < oldest,
      value: client.browser && Number.isFinite(major) ? `${client.browser} ${major}` : null,
    },
    { code: 'ua_impossible', fired: impossible !== null, value: impossible },
  ];
}

/** Combinations that no maker ships. */
function impossibleIn(userAgent: string, { os, browser, isBot }: ClientFacts): string | null {
  if (isBot) return null;
  if (/iPhone|iPad/.test(userAgent) && /Android|Windows NT/.test(userAgent)) {
    return 'two systems at once';
  }
  if (browser === 'Safari' && os === 'Windows' && !/Version\/[345]\b/.test(userAgent)) {
    return 'Safari on Windows';
  }
  if (/Windows NT (?:1[2-9]|[2-9]\d)/.test(userAgent)) return 'a Windows that does not exist';
  if (/^Mozilla\/5\.0\s*$/.test(userAgent)) return 'a name without a browser';
  return null;
}
