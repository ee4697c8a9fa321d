/** What the contract tests of Track share: calls as a client makes them, visitors of every kind. */
import type { TestServer } from '../harness/server.ts';

export const AGENTS = {
  iphone:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  chrome:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  bot: 'python-requests/2.32.0',
};

/** So that tests can click from anywhere: the loopback is a proxy that is believed. */
export const ANY_VISITOR = { CLOAKROOM_TRUSTED_PROXIES: '127.0.0.1' };

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: any JSON
  body: any;
}

/** Calls Track as the owner, or with another token. */
export function client(server: TestServer, token: string = server.org.token) {
  return async (method: string, path: string, body?: unknown, headers = {}): Promise<Answer> => {
    const response = await fetch(`${server.url}/track${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  };
}

/** A flow of the owner's in Gate; its id. */
export async function makeFlow(server: TestServer, fields: object = {}): Promise<number> {
  const response = await fetch(`${server.url}/gate/api/v1/flows`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.org.token}` },
    body: JSON.stringify({
      ...{ name: 'F', white_url: 'https://white.example/', money_url: 'https://money.example/' },
      ...fields,
    }),
  });
  if (response.status !== 201) throw new Error(await response.text());
  return ((await response.json()) as { id: number }).id;
}

export interface Visit {
  ip?: string;
  agent?: string;
  query?: string;
  method?: string;
  headers?: Record<string, string>;
}

/** Follows a tracking link, not its redirect. */
export async function visit(server: TestServer, uuid: string, given: Visit = {}) {
  const { ip = '92.184.105.33', agent = AGENTS.iphone, query = '', method = 'GET' } = given;
  const response = await fetch(`${server.url}/c/${uuid}${query}`, {
    method,
    redirect: 'manual',
    headers: { 'user-agent': agent, 'x-forwarded-for': ip, ...given.headers },
  });
  const text = await response.text();
  const location = response.headers.get('location');
  const clickId = /clk_[0-9a-z]{21}/.exec(location ?? '')?.[0] ?? null;
  return { status: response.status, headers: response.headers, location, text, clickId };
}

/** Many visits at once; the ids of their clicks. */
export async function visitAll(server: TestServer, uuid: string, visits: readonly Visit[]) {
  const ids: (string | null)[] = [];
  let next = 0;
  const walk = async () => {
    for (let index = next++; index < visits.length; index = next++) {
      ids[index] = (await visit(server, uuid, visits[index])).clickId;
    }
  };
  await Promise.all(Array.from({ length: 48 }, walk));
  return ids as string[];
}

/** Puts the organization on a plan without any limit, for tests that call more than a client does. */
export async function withoutLimits(server: TestServer): Promise<void> {
  const { database, accounts } = server.kernel;
  await database.pool.query(
    `INSERT INTO core.plans (id, name, position, limits) VALUES ('boundless', 'Boundless', 9, '{}')`,
  );
  await database.tx((tx) => accounts.setPlan(tx, server.org.id, 'boundless', 'test'));
}

/** A clock that tests set. */
export function movableClock(at: string) {
  let now = new Date(at);
  return {
    now: () => now,
    set(to: string | Date) {
      now = new Date(to);
    },
    advance(ms: number) {
      now = new Date(now.getTime() + ms);
    },
  };
}
