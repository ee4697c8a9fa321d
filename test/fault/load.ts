/** What the fault tests put on a server: an owner's first steps, and requests whose fate is noted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN, cli, type ServerProcess } from '../harness/process.ts';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

export interface Call {
  method?: string;
  token?: string;
  /** JSON, unless it is a form. */
  body?: object | FormData;
  headers?: Record<string, string>;
}

/** One request; fails where no whole answer comes, for a server that lives always gives one. */
export async function call(url: string, { method = 'GET', token, ...rest }: Call): Promise<Answer> {
  const isForm = rest.body instanceof FormData;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      'user-agent': CHROME,
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(rest.body && !isForm ? { 'content-type': 'application/json' } : {}),
      ...rest.headers,
    },
    body: isForm ? (rest.body as FormData) : rest.body && JSON.stringify(rest.body),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : {},
  };
}

export interface Prepared {
  token: string;
  mailKey: string;
  redactKey: string;
  campaignId: number;
  link: string;
}

/** A session, a key and a campaign, as an owner makes them. */
export async function prepare(server: ServerProcess, dataDir: string): Promise<Prepared> {
  const login = await call(`${server.url}/account/api/v1/auth/token`, {
    ...{ method: 'POST', body: ADMIN },
  });
  const token = String(login.body['token']);
  const keyOf = async (service: string) => {
    const made = await cli(dataDir, ['key', 'create', service, '--label', 'fault']);
    if (made.code !== 0) throw new Error(made.stderr);
    return made.stdout.trim();
  };
  const campaign = await call(`${server.url}/track/api/v1/campaigns`, {
    ...{ method: 'POST', token },
    body: { name: 'fault', destination_url: 'https://example.com/?c={clickid}' },
  });
  const { uuid, id } = campaign.body['data'] as { uuid: string; id: number };
  const keys = { mailKey: await keyOf('mail'), redactKey: await keyOf('redact') };
  return { token, ...keys, campaignId: id, link: `${server.url}/c/${uuid}` };
}

/** The id of a click that was acknowledged, or null with what was said instead. */
export async function click(link: string): Promise<{ id: string | null; answer: Answer }> {
  const answer = await call(link, {});
  const id = /c=(clk_\w+)/.exec(answer.headers.get('location') ?? '')?.[1];
  return { id: answer.status === 302 ? (id ?? null) : null, answer };
}

/** All rows of a paged list; `PAGE` and `OFFSET` in the address stand for the place. */
export async function allRows(url: string, token: string, field: string) {
  const rows: Record<string, unknown>[] = [];
  for (let page = 0; ; page++) {
    const at = url.replace('PAGE', String(page + 1)).replace('OFFSET', String(page * 100));
    const { status, body } = await call(at, { token });
    if (status !== 200) throw new Error(`${at} answers ${status}: ${JSON.stringify(body)}`);
    const found = body[field] as Record<string, unknown>[];
    rows.push(...found);
    if (found.length < 100) return rows;
  }
}

/** Asks again and again, for two minutes at most. */
export async function eventually(
  isTrue: () => boolean | Promise<boolean>,
  pauseMs = 50,
): Promise<boolean> {
  for (const endAtMs = Date.now() + 120_000; Date.now() < endAtMs; await sleep(pauseMs)) {
    if (await isTrue()) return true;
  }
  return false;
}
