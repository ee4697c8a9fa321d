/** The few pages that a tracking link itself shows: where there is nowhere to send the visitor. */
import type { ServerResponse } from 'node:http';

interface Page {
  status: number;
  title: string;
  text: string;
  retryAfterS?: number;
}

export const PAGES = {
  unknown: { status: 404, title: 'Not found', text: 'There is no such link.' },
  unfinished: { status: 404, title: 'Not found', text: 'This link does not lead anywhere yet.' },
  paused: { status: 410, title: 'Not available', text: 'This link is not in use at present.' },
  refused: {
    status: 403,
    title: 'Refused',
    text: 'Automated clients are not served here. (verified_bot_refused)',
  },
  notStored: {
    status: 503,
    title: 'Try again',
    text: 'The click could not be stored, so you were not sent on. Please try again in a moment.',
    retryAfterS: 1,
  },
  failed: { status: 500, title: 'Error', text: 'Something went wrong on our side.' },
} satisfies Record<string, Page>;

export function sendPage(response: ServerResponse, page: Page): void {
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${page.title}</title><h1>${page.title}</h1><p>${page.text}</p></html>\n`;
  response.writeHead(page.status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(page.retryAfterS === undefined ? {} : { 'Retry-After': String(page.retryAfterS) }),
  });
  // Node leaves the body out by itself where the request was a HEAD.
  response.end(body);
}
