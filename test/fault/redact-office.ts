/**
 * An office that uses Redact, for the fault tests: real files full of secrets, keys enough to look
 * often, a receiver of webhooks.
 */
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { type OpenKernel, openKernel } from '../../src/kernel/open.ts';
import { docxFile, paragraph } from '../corpus/redact/office-file.ts';
import { lines, pdfFile } from '../corpus/redact/pdf-file.ts';
import { ADMIN, freePort, type ServerProcess, startProcess } from '../harness/process.ts';
import { type Answer, type Call, call, eventually } from './load.ts';

/** Stands in every mail address of every file; masked, an address does not show it. */
export const SECRET = 'xq7zt';
/** Stands in every file beside the secrets, and stays. */
export const WORD = 'quillonberg';

const sentence = (n: number) =>
  `Entry ${n} of ${WORD}: write to ${SECRET}${n}@example.com before noon.`;
const sentences = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => sentence(from + i));

/** A PDF of so many pages, each with twenty addresses. */
export function report(pages: number): Buffer {
  return pdfFile({
    pages: Array.from({ length: pages }, (_, page) => lines(...sentences(page * 20, 20))),
  });
}

export function letter(paragraphs: number): Buffer {
  return docxFile(
    sentences(0, paragraphs)
      .map((text) => paragraph(text))
      .join(''),
  );
}

export function table(rows: number): Buffer {
  const line = (text: string, n: number) => `${n},${text},${SECRET}${n}@example.org`;
  return Buffer.from(['number,note,mail', ...sentences(0, rows).map(line)].join('\r\n'));
}

export const BROKEN = Buffer.from(`%PDF-1.7 ${SECRET}@example.com ${WORD}`);

export interface Document {
  id: string;
  originalName: string;
  status: string;
  progress: number;
  error: string | null;
}

export interface Job {
  id: string;
  status: string;
  progress: number;
  expiresAt: string;
  estimatedCredits: number;
  documents: Document[];
  result: {
    totalCreditsUsed: number;
    documents: {
      id: string;
      originalName: string;
      itemsProcessed: number;
      creditsUsed: number;
      downloadUrl: string;
      certificate: Record<string, unknown>;
    }[];
  } | null;
}

/** Requests with one of many keys, each of which may ask sixty times a minute. */
function manyKeyed(url: string, keys: readonly string[]) {
  let next = 0;
  return (path: string, request: Call = {}): Promise<Answer> =>
    call(`${url}/redact/api/v1${path}`, { token: keys[next++ % keys.length], ...request });
}

async function makeKeys(url: string, count: number): Promise<string[]> {
  const login = await call(`${url}/account/api/v1/auth/token`, { method: 'POST', body: ADMIN });
  const token = String(login.body['token']);
  const made = Array.from({ length: count }, async (_, n) => {
    const body = { service: 'redact', label: `office ${n}` };
    const answer = await call(`${url}/account/api/v1/keys`, { method: 'POST', token, body });
    return String(answer.body['secret']);
  });
  return Promise.all(made);
}

/** A server that can be killed, on a data directory of its own, and who works with it. */
export async function openSite() {
  const dataDir = await mkdtemp(join(tmpdir(), 'redact-site-'));
  const port = await freePort();
  const receiver = await startReceiver();
  const env = { CLOAKROOM_WEBHOOK_ALLOW_PRIVATE: 'true', CLOAKROOM_LOG_LEVEL: 'debug' };
  let server: ServerProcess;
  let written = '';
  const start = async () => {
    server = await startProcess({ dataDir, port, env });
  };
  const kill = async () => {
    const workers = await workersOf(server.pid);
    await server.kill();
    written += server.output();
    const isGone = async (pid: number) => !(await commandOf(pid)).includes('work/worker.ts');
    for (const pid of workers) expect(await eventually(() => isGone(pid))).toBe(true);
  };
  await start();
  const url = `http://127.0.0.1:${port}`;
  const keys = await makeKeys(url, 30);
  return {
    ...{ dataDir, filesDir: join(dataDir, 'files'), url, keys, receiver, start },
    ...looksOf(url, keys),
    /** `kill -9`; resolves when what worked for the server is gone, too. */
    kill,
    async killAndStart() {
      await kill();
      await start();
    },
    stop: () => server.stop(),
    workers: () => workersOf(server.pid),
    /** What all its servers wrote. */
    written: () => written + server.output(),
    /** The kernel of the stopped server, as if it were so late. */
    kernelAt: <T>(now: Date, look: (kernel: OpenKernel) => Promise<T>) =>
      withKernel(dataDir, now, look),
    async close() {
      await server.stop();
      receiver.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
export type Site = Awaited<ReturnType<typeof openSite>>;

function looksOf(url: string, keys: readonly string[]) {
  const ask = manyKeyed(url, keys);
  const readJob = async (id: string): Promise<Job> => {
    const { status, body } = await ask(`/jobs/${id}`);
    expect(status).toBe(200);
    return body as unknown as Job;
  };
  return {
    ask,
    readJob,
    /** The job once it is so; fails where it ends without ever having been. */
    async jobOnce(id: string, isSo: (job: Job) => boolean, pauseMs = 100): Promise<Job> {
      let job: Job | undefined;
      const isThere = await eventually(async () => {
        job = await readJob(id);
        return isSo(job);
      }, pauseMs);
      expect({ isThere, job }).toMatchObject({ isThere: true });
      return job as Job;
    },
    creditsUsed: async () => ((await ask('/usage')).body['credits'] as { used: number }).used,
  };
}

async function withKernel<T>(
  dataDir: string,
  now: Date,
  look: (kernel: OpenKernel) => Promise<T>,
): Promise<T> {
  const config = loadConfig({ CLOAKROOM_DATA_DIR: dataDir, CLOAKROOM_LOG_LEVEL: 'error' });
  const kernel = await openKernel(config, { clock: { now: () => now } });
  try {
    return await look(kernel);
  } finally {
    await kernel.close();
  }
}

const commandOf = (pid: number) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');

/** The processes in which the server works on documents. */
async function workersOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const pids = children.trim().split(' ').map(Number);
  const commands = await Promise.all(pids.map(commandOf));
  return pids.filter((_, i) => commands[i]?.includes('work/worker.ts'));
}

export async function filesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return all
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

export function formOf(files: Record<string, Buffer>, fields: Record<string, string> = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const [name, bytes] of Object.entries(files)) {
    form.append('files', new Blob([new Uint8Array(bytes)]), name);
  }
  return form;
}

interface Told {
  id: string;
  body: Record<string, unknown>;
}

async function startReceiver() {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', () => {
      told.push({ id: String(request.headers['webhook-id']), body: JSON.parse(text) });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/hook`;
  return { url, told, stop: () => server.close() };
}
