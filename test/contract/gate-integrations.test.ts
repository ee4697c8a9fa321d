/** The files that put a flow to work, run for real: PHP, Node, nginx and the script of a page. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createContext, Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1';
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const PERSON = { ip: '73.1.2.3', ua: IPHONE };
const CRAWLER = { ip: '66.249.66.1', ua: GOOGLEBOT };
const MONEY = "https://offer.example.com/lp?a=1&b='x'";
const WHITE = 'https://safe.example.com/';

let server: TestServer;
let dir: string;
const stops: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  server = await startTestServer();
  dir = await mkdtemp(join(tmpdir(), 'gate-integrations-'));
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not typed
type Json = any;

async function api(method: string, path: string, body?: unknown): Promise<Json> {
  const response = await fetch(`${server.url}/gate/api/v1${path}`, {
    method,
    headers: {
      ...{ authorization: `Bearer ${server.org.token}` },
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return response.json();
}

interface Made {
  id: number;
  keyNumber: number;
  /** How many checks the flow has answered. */
  checks(): Promise<number>;
  file(kind: string): Promise<string>;
}

async function makeFlow(fields: Record<string, unknown> = {}): Promise<Made> {
  const key = await api('POST', '/keys', { label: 'site' });
  const { id } = await api('POST', '/flows', {
    ...{ name: "It's */ <?php", white_url: WHITE, money_url: MONEY, key_id: key.id },
    ...fields,
  });
  return {
    id,
    keyNumber: key.id,
    checks: async () => (await api('GET', `/flows/${id}/stats?window=24h`)).total,
    async file(kind) {
      const response = await fetch(`${server.url}/gate/api/v1/flows/${id}/${kind}`, {
        headers: { authorization: `Bearer ${server.org.token}` },
      });
      expect(response.status).toBe(200);
      return response.text();
    },
  };
}

/** A rule for each verdict that no visitor of these tests earns by himself. */
async function rulesByPath() {
  for (const action of ['flag', 'challenge', 'block']) {
    const conditions = [{ field: 'path', op: 'is', value: `/${action}` }];
    await api('POST', '/rules', { name: action, conditions, action });
  }
}

async function freePort(): Promise<number> {
  const probe = createTcpServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Waits until somebody listens; a request would already be a visit. */
async function listening(port: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
      return;
    } catch (error) {
      if (attempt >= 100) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

async function started(child: ChildProcess, url: string): Promise<void> {
  stops.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill();
    await once(child, 'exit');
  });
  await listening(Number(new URL(url).port));
}

interface Shown {
  status: number;
  location: string | null;
  cookie: string | null;
  text: string;
}

async function visit(
  site: string,
  { ip, ua, cookie }: { ip: string; ua: string; cookie?: string },
  path = '/',
): Promise<Shown> {
  const response = await fetch(site + path, {
    redirect: 'manual',
    headers: { 'x-real-ip': ip, 'user-agent': ua, ...(cookie ? { cookie } : {}) },
  });
  return {
    status: response.status,
    location: response.headers.get('location'),
    cookie: response.headers.get('set-cookie'),
    text: await response.text(),
  };
}

const toMoney = { status: 302, location: MONEY };
const toWhite = { status: 302, location: WHITE };

describe('PHP', () => {
  /** A site of the file alone; visitors' addresses come from a proxy, as its comment describes. */
  async function phpSite(source: string, flags: string[] = []): Promise<string> {
    const path = join(dir, `cloak-${Math.random().toString(36).slice(2)}.php`);
    await writeFile(path, source.replace("'REMOTE_ADDR'", "'HTTP_X_REAL_IP'"));
    await promisify(execFile)('php', ['-l', path]);
    const port = await freePort();
    const args = [...flags, '-S', `127.0.0.1:${port}`, '-t', dir, path];
    const child = spawn('php', args, { stdio: 'ignore', env: { PATH: process.env['PATH'] } });
    const site = `http://127.0.0.1:${port}`;
    await started(child, site);
    return site;
  }

  test('the download has the headers of the original', async () => {
    const { id } = await makeFlow();
    const response = await fetch(`${server.url}/gate/api/v1/flows/${id}/php`, {
      headers: { authorization: `Bearer ${server.org.token}` },
    });
    expect(response.headers.get('content-type')).toBe('application/x-httpd-php');
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="cloak-flow-${id}.php"`,
    );
    expect(await response.text()).toMatch(
      /^<\?php \/\* generated cloaker — calls \/api\/v1\/check /,
    );
  });

  test.each([
    ['curl', []],
    ['streams', ['-d', 'disable_functions=curl_init']],
  ])('every verdict, by %s', async (_by, flags) => {
    await rulesByPath();
    const flow = await makeFlow();
    const site = await phpSite(await flow.file('php'), flags);
    expect(await visit(site, PERSON)).toMatchObject(toMoney);
    expect(await visit(site, { ...PERSON, ua: 'curl/8' })).toMatchObject(toWhite);
    for (const path of ['/flag', '/challenge', '/block']) {
      expect(await visit(site, PERSON, path)).toMatchObject(toWhite);
    }
    const refused = await visit(site, CRAWLER);
    expect(refused).toMatchObject({ status: 403, location: null, cookie: null });
    await api('PATCH', `/flows/${flow.id}`, { allow_known_bots: true });
    expect(await visit(site, CRAWLER)).toMatchObject(toMoney);
    await api('PATCH', `/flows/${flow.id}`, { status: 'paused' });
    expect(await visit(site, CRAWLER)).toMatchObject(toWhite);
    expect(await visit(site, PERSON)).toMatchObject(toWhite);
    await api('PATCH', `/flows/${flow.id}`, { status: 'active', cloaking_enabled: false });
    expect(await visit(site, { ...PERSON, ua: 'curl/8' })).toMatchObject(toMoney);
  });

  test('a flag passes where the flow says so', async () => {
    const flow = await makeFlow({ flag_is_allowed: true });
    const site = await phpSite(await flow.file('php'));
    expect(await visit(site, { ip: '5.9.1.1', ua: IPHONE })).toMatchObject(toMoney);
  });

  test('a page view costs one check, and the cookie is good for its visitor only', async () => {
    const flow = await makeFlow();
    const site = await phpSite(await flow.file('php'));
    const first = await visit(site, PERSON);
    const cookie = first.cookie?.split(';', 1)[0] ?? '';
    expect(first.cookie).toMatch(/HttpOnly; SameSite=Lax/);
    expect(await visit(site, { ...PERSON, cookie })).toMatchObject(toMoney);
    expect(await flow.checks()).toBe(1);
    // Another address, a changed page, a longer life: asked anew, each of them.
    expect(await visit(site, { ...CRAWLER, cookie })).toMatchObject({ status: 403 });
    const bot = { ...PERSON, ua: 'curl/8' };
    const white = (await visit(site, bot)).cookie?.split(';', 1)[0] ?? '';
    expect(await visit(site, { ...bot, cookie: white.replace('white', 'money') })).toMatchObject(
      toWhite,
    );
    const longer = cookie.replace(/\.(\d+)\./, (_, at: string) => `.${Number(at) + 9_000}.`);
    await visit(site, { ...PERSON, cookie: longer });
    await visit(site, { ...PERSON, cookie: `cr_page_${flow.id}[]=money` });
    expect(await flow.checks()).toBe(6);
  });

  test('local pages are shown in place', async () => {
    await writeFile(join(dir, 'safe.html'), '<h1>Safe</h1>');
    await writeFile(join(dir, 'offer.php'), '<?php echo "offer " . (6 * 7);');
    const flow = await makeFlow({
      ...{ white_mode: 'local', white_url: 'safe.html' },
      ...{ money_mode: 'local', money_url: 'offer.php' },
    });
    const site = await phpSite(await flow.file('php'));
    expect(await visit(site, PERSON)).toMatchObject({ status: 200, text: 'offer 42' });
    expect(await visit(site, { ...PERSON, ua: 'curl/8' })).toMatchObject({
      ...{ status: 200, text: '<h1>Safe</h1>' },
    });
  });

  test('the white page, and no cookie, with the quota spent, the key revoked, the server away or slow', async () => {
    const flow = await makeFlow();
    const source = await flow.file('php');
    const site = await phpSite(source);
    const { kernel, org } = server;
    const taken = await kernel.database.tx(async (tx) => {
      const { available } = await kernel.ledger.balance(tx, org.id, 'gate.credits');
      await kernel.ledger.take(tx, org.id, 'gate.credits', available);
      return available;
    });
    expect(await visit(site, PERSON)).toMatchObject({ ...toWhite, cookie: null });
    await kernel.database.tx((tx) => kernel.ledger.refund(tx, org.id, 'gate.credits', taken));
    expect(await visit(site, PERSON)).toMatchObject(toMoney);
    await api('DELETE', `/keys/${flow.keyNumber}`);
    expect(await visit(site, PERSON)).toMatchObject({ ...toWhite, cookie: null });

    const away = source.replaceAll(server.url, `http://127.0.0.1:${await freePort()}`);
    for (const flags of [[], ['-d', 'disable_functions=curl_init']]) {
      expect(await visit(await phpSite(away, flags), PERSON)).toMatchObject({
        ...{ ...toWhite, cookie: null },
      });
    }
    const silent = await answering(() => {});
    const nonsense = await answering((_request, response) => response.end('{"verdict": "allow"'));
    for (const url of [silent, nonsense]) {
      const odd = await phpSite(source.replaceAll(server.url, url));
      expect(await visit(odd, PERSON)).toMatchObject({ ...toWhite, cookie: null });
    }
  });
});

type Handler = NonNullable<Parameters<typeof createServer>[1]>;

async function answering(handler: Handler): Promise<string> {
  const site: Server = createServer(handler).listen(0, '127.0.0.1');
  await once(site, 'listening');
  stops.push(async () => {
    site.closeAllConnections();
    site.close();
  });
  return `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
}

describe('Node', () => {
  async function nodeSite(source: string): Promise<string> {
    const path = join(dir, `cloak-${Math.random().toString(36).slice(2)}.mjs`);
    await writeFile(path, source);
    const { createHandler } = (await import(path)) as {
      createHandler(options: unknown): Handler;
    };
    return answering(createHandler({ addressOf: (request: Json) => request.headers['x-real-ip'] }));
  }

  test('every page, and a page view costs one check', async () => {
    const flow = await makeFlow();
    const site = await nodeSite(await flow.file('node'));
    const first = await visit(site, PERSON);
    expect(first).toMatchObject(toMoney);
    const cookie = first.cookie?.split(';', 1)[0] ?? '';
    expect(await visit(site, { ...PERSON, cookie })).toMatchObject(toMoney);
    expect(await flow.checks()).toBe(1);
    expect(await visit(site, { ...PERSON, ua: 'curl/8' })).toMatchObject(toWhite);
    expect(await visit(site, { ...CRAWLER, cookie })).toMatchObject({ status: 403, cookie: null });
    const forged = cookie.replace(/\.\d+\./, '.9999999999.');
    await visit(site, { ...PERSON, cookie: forged });
    expect(await flow.checks()).toBe(4);
  });

  test('the white page when the server is away', async () => {
    const source = await (await makeFlow()).file('node');
    const away = source.replaceAll(server.url, `http://127.0.0.1:${await freePort()}`);
    expect(await visit(await nodeSite(away), PERSON)).toMatchObject({ ...toWhite, cookie: null });
  });
});

describe('nginx', () => {
  async function nginxSite(flow: string): Promise<string> {
    const port = await freePort();
    const at = await mkdtemp(join(dir, 'nginx-'));
    const path = join(at, 'nginx.conf');
    await writeFile(join(at, 'flow.conf'), flow);
    await writeFile(
      path,
      `daemon off; master_process off; worker_processes 1; pid ${at}/pid; error_log ${at}/error.log;
       events { worker_connections 64; }
       http { access_log off; client_body_temp_path ${at}/b; proxy_temp_path ${at}/p;
         fastcgi_temp_path ${at}/f; uwsgi_temp_path ${at}/u; scgi_temp_path ${at}/s;
         server { listen 127.0.0.1:${port}; root ${at};
           set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP; include ${at}/flow.conf; } }`,
    );
    const child = spawn('nginx', ['-c', path, '-p', at], {
      stdio: 'ignore',
      env: { PATH: `${process.env['PATH']}:/usr/sbin` },
    });
    const site = `http://127.0.0.1:${port}`;
    await started(child, site).catch(async (error) => {
      throw new Error(await readFile(join(at, 'error.log'), 'utf8'), { cause: error });
    });
    return site;
  }

  test('every page, by auth_request', async () => {
    const flow = await makeFlow();
    const site = await nginxSite(await flow.file('nginx'));
    expect(await visit(site, PERSON)).toMatchObject({
      ...{ status: 302, location: MONEY.replaceAll("'", '%27') },
    });
    expect(await visit(site, { ...PERSON, ua: 'curl/8' })).toMatchObject(toWhite);
    expect(await visit(site, CRAWLER)).toMatchObject({ status: 403, location: null });
  });

  test('the white page when the server is away', async () => {
    const source = await (await makeFlow()).file('nginx');
    const away = source.replaceAll(server.url, `http://127.0.0.1:${await freePort()}`);
    expect(await visit(await nginxSite(away), PERSON)).toMatchObject(toWhite);
  });
});

describe('the script of a page', () => {
  /** The script in a page of its own: what it made of the page. */
  async function run(source: string, navigator: Record<string, unknown> = {}, ua = IPHONE) {
    const page = { location: '', text: '' };
    const asked = Promise.withResolvers<void>();
    const window: Record<string, unknown> = {
      navigator: { platform: 'iPhone', maxTouchPoints: 5, languages: ['en'], ...navigator },
      screen: { width: 390, height: 844 },
      location: {
        href: 'https://site.example/lp',
        replace(url: string) {
          page.location = url;
        },
      },
      document: {
        documentElement: {
          set textContent(text: string) {
            page.text = text;
          },
        },
      },
      addEventListener() {},
      removeEventListener() {},
      setTimeout: (work: () => void) => setTimeout(work, 1),
      Intl,
      async fetch(url: string, init: RequestInit) {
        const response = await fetch(url, {
          ...init,
          headers: { ...(init.headers as Record<string, string>), 'user-agent': ua },
        });
        expect(response.headers.get('access-control-allow-origin')).toBe('*');
        setTimeout(asked.resolve, 20);
        return response;
      },
    };
    window['window'] = window;
    new Script(source).runInContext(createContext(window));
    await asked.promise;
    return page;
  }

  test('sends on whom the answer allows, and nobody else', async () => {
    const flow = await makeFlow();
    const source = await flow.file('js');
    expect(source).not.toMatch(/ck_live_/);
    expect(source).not.toContain(MONEY);
    expect(await run(source)).toEqual({ location: MONEY, text: '' });
    expect(await run(source, { webdriver: true })).toEqual({ location: '', text: '' });
    await api('PATCH', `/flows/${flow.id}`, { allowed_devices: 'desktop' });
    expect(await run(source)).toEqual({ location: '', text: '' });
    expect(await flow.checks()).toBe(3);
  });

  test('opens nothing with a token that we did not make, or whose key is revoked', async () => {
    const flow = await makeFlow();
    const [, token = ''] = /"token":"([^"]+)"/.exec(await flow.file('js')) ?? [];
    const ask = (given: string) =>
      fetch(`${server.url}/gate/api/v1/check/visitor`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: given, url: '', fingerprint: {}, behavior: {} }),
      });
    expect((await ask(token)).status).toBe(200);
    for (const wrong of ['', 'x', `A${token.slice(1)}`, token.slice(0, -4)]) {
      expect((await ask(wrong)).status).toBe(401);
    }
    await api('DELETE', `/keys/${flow.keyNumber}`);
    expect((await ask(token)).status).toBe(401);
  });
});

test.each(['php', 'node', 'nginx', 'js'])(
  '%s of a flow without a key in use: 409',
  async (kind) => {
    const headers = { authorization: `Bearer ${server.org.token}` };
    const flow = await makeFlow({ key_id: null });
    const url = `${server.url}/gate/api/v1/flows/${flow.id}/${kind}`;
    const none = await fetch(url, { headers });
    expect([none.status, ((await none.json()) as Json).error]).toEqual([409, 'conflict']);
    await api('PATCH', `/flows/${flow.id}`, { key_id: flow.keyNumber });
    expect((await fetch(url, { headers })).status).toBe(200);
    await api('DELETE', `/keys/${flow.keyNumber}`);
    expect((await fetch(url, { headers })).status).toBe(409);
  },
);
