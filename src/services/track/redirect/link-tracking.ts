/**
 * Links of messages, measured: each address becomes a campaign of its own, made the first time that
 * it is sent, and the message carries its tracking link instead.
 */
import type { Kernel } from '../../../kernel/index.ts';
import { LINKS_TOPIC, newUuid } from '../campaigns.ts';
import { ensureSettings, findOrInsertMailLink } from '../store/campaign-store.ts';
import { urlMistake } from './macros.ts';

export interface TrackedMessage {
  organizationId: string;
  text?: string;
  html?: string;
}

const TEXT_URL = /https?:\/\/[^\s<>"'()[\]]+[^\s<>"'()[\].,;:!?]/gi;
const HTML_HREF = /(<a\b[^>]*?\bhref\s*=\s*)("[^"]*"|'[^']*')/gi;
const LONGEST_NAME = 255;

/** The message with its http(s) links replaced; anything else in it stays as it is. */
export async function trackLinks(
  kernel: Kernel,
  { organizationId, text, html }: TrackedMessage,
): Promise<{ text?: string; html?: string }> {
  const hrefs = [...(html ?? '').matchAll(HTML_HREF)].map(([, , quoted = '']) => hrefOf(quoted));
  const urls = [...((text ?? '').match(TEXT_URL) ?? []), ...hrefs];
  const links = await linksFor(kernel, organizationId, [...new Set(urls)]);
  return {
    text: text?.replace(TEXT_URL, (url) => links.get(url) ?? url),
    html: html?.replace(HTML_HREF, (all, start: string, quoted: string) => {
      const link = links.get(hrefOf(quoted));
      return link === undefined ? all : `${start}"${link}"`;
    }),
  };
}

async function linksFor(
  { database, accounts, clock, site }: Kernel,
  organizationId: string,
  urls: string[],
): Promise<Map<string, string>> {
  const usable = urls.filter(
    (url) => urlMistake(url) === null && !url.startsWith(`${site.url}/c/`),
  );
  if (usable.length === 0) return new Map();
  return database.tx(async (tx) => {
    const { timeZone } = await accounts.organization(tx, organizationId);
    await ensureSettings(tx, organizationId, timeZone);
    const links = new Map<string, string>();
    for (const url of usable.sort()) {
      const { host, pathname } = new URL(url);
      const name = `Mail: ${host}${pathname}`.slice(0, LONGEST_NAME);
      const made = { uuid: newUuid(), name, url };
      const { id, uuid } = await findOrInsertMailLink(tx, organizationId, made, clock.now());
      await database.changes.publish(tx, LINKS_TOPIC, String(id));
      links.set(url, `${site.url}/c/${uuid}`);
    }
    return links;
  });
}

function hrefOf(quoted: string): string {
  return quoted.slice(1, -1).trim().replaceAll('&amp;', '&');
}
