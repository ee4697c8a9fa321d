/** The Node module of a flow: a handler for `node:http`, Express and whatever takes `(req, res)`. */
import { COOKIE_S, type Integration, PASSED_HEADERS, TIMEOUT_MS } from './integration.ts';

export function nodeFile({ flow, base, key, cookieSecret }: Integration): string {
  const settings = {
    check: `${base}/api/v1/check`,
    key,
    flow: flow.id,
    pages: {
      money: { mode: flow.moneyMode, target: flow.moneyUrl },
      white: { mode: flow.whiteMode, target: flow.whiteUrl },
    },
    flagIsAllowed: flow.flagIsAllowed,
    cookie: `cr_page_${flow.id}`,
    cookieSecret,
    cookieSeconds: COOKIE_S,
    timeoutMs: TIMEOUT_MS,
    passedHeaders: PASSED_HEADERS,
  };
  return String.raw`// generated cloaker — calls /api/v1/check for each visitor of flow ${flow.id}. Node 18 or newer.
//
//   import { createServer } from 'node:http';
//   import handler from './cloak-flow-${flow.id}.mjs';
//   createServer(handler).listen(8000);
//
// It shows the money page to whom the answer allows, an open 403 to crawlers that the flow does not
// admit, and the white page to everybody else: also when no answer comes within a second. It holds an
// API key: keep it out of public repositories. Make it anew when the flow changes.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const SETTINGS = ${JSON.stringify(settings, null, 2)};

/** Behind a proxy of your own, give the address that it hands on; never what visitors can send. */
export function createHandler({ addressOf = (request) => request.socket.remoteAddress } = {}) {
  return async (request, response) => {
    const visitor = { ip: addressOf(request), ua: request.headers['user-agent'] ?? '' };
    let page = remembered(request, visitor);
    if (page === null) {
      page = await ask(request, visitor);
      if (page === 'money' || page === 'white') remember(response, visitor, page);
    }
    await show(response, page ?? 'white');
  };
}

export default createHandler();

/** money, white or refuse; null where no answer came. */
async function ask(request, { ip, ua }) {
  const passed = SETTINGS.passedHeaders.filter((name) => typeof request.headers[name] === 'string');
  const scheme = request.socket.encrypted ? 'https' : 'http';
  try {
    const answer = await fetch(SETTINGS.check, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': SETTINGS.key },
      body: JSON.stringify({
        ip,
        ua: ua.slice(0, 8000),
        url: (scheme + '://' + (request.headers.host ?? '') + request.url).slice(0, 8000),
        headers: Object.fromEntries(passed.map((name) => [name, request.headers[name].slice(0, 4000)])),
        flow_id: SETTINGS.flow,
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(SETTINGS.timeoutMs),
    });
    if (answer.status !== 200) return null;
    const { verdict, action } = await answer.json();
    if (action === 'refuse') return 'refuse';
    return verdict === 'allow' || (verdict === 'flag' && SETTINGS.flagIsAllowed) ? 'money' : 'white';
  } catch {
    return null;
  }
}

/** The page of a visitor who was asked about a moment ago, so that a page view costs one check. */
function remembered({ headers }, visitor) {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  const value = pairs.find(([name]) => name === SETTINGS.cookie)?.[1] ?? '';
  const [page, until, tag, more] = value.split('.');
  if (more !== undefined || (page !== 'money' && page !== 'white')) return null;
  if (!/^\d{1,12}$/.test(until ?? '') || Number(until) < Date.now() / 1000) return null;
  const expected = sign(page, until, visitor);
  const given = Buffer.from(tag ?? '', 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected) ? page : null;
}

function remember(response, visitor, page) {
  const until = String(Math.floor(Date.now() / 1000) + SETTINGS.cookieSeconds);
  const value = [page, until, sign(page, until, visitor).toString('hex')].join('.');
  response.setHeader(
    'Set-Cookie',
    SETTINGS.cookie + '=' + value + '; Path=/; HttpOnly; SameSite=Lax; Max-Age=' + SETTINGS.cookieSeconds,
  );
}

/** Good for this visitor's address and browser only. */
function sign(page, until, { ip, ua }) {
  return createHmac('sha256', SETTINGS.cookieSecret).update([page, until, ip, ua].join('\n')).digest();
}

async function show(response, page) {
  response.setHeader('Cache-Control', 'no-store, private');
  if (page === 'refuse') {
    response.writeHead(403, { 'Content-Type': 'text/plain; charset=utf-8' });
    return response.end('Forbidden: this page admits no crawlers.\n');
  }
  const { mode, target } = SETTINGS.pages[page];
  if (mode === 'redirect') return response.writeHead(302, { Location: target }).end();
  const file = await readFile(new URL(target, import.meta.url)).catch(() => null);
  response.writeHead(file ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end(file ?? 'Not found\n');
}
`;
}
