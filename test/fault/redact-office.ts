/**
 * An office that uses Redact, for the fault tests: real files full of secrets, keys enough to look
 * often, a receiver of webhooks.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { docxFile, paragraph } from '../corpus/redact/office-file.ts';
import { lines, pdfFile } from '../corpus/redact/pdf-file.ts';
import { type Answer, type Call, call } from './load.ts';

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
    documents: { id: string; originalName: string; creditsUsed: number }[];
  } | null;
}

/** Requests with one of many keys, each of which may ask sixty times a minute. */
export function manyKeyed(url: string, keys: readonly string[]) {
  let next = 0;
  return (path: string, request: Call = {}): Promise<Answer> =>
    call(`${url}/redact/api/v1${path}`, { token: keys[next++ % keys.length], ...request });
}

export async function makeKeys(url: string, token: string, count: number): Promise<string[]> {
  const made = Array.from({ length: count }, async (_, n) => {
    const body = { service: 'redact', label: `office ${n}` };
    const answer = await call(`${url}/account/api/v1/keys`, { method: 'POST', token, body });
    return String(answer.body['secret']);
  });
  return Promise.all(made);
}

export function formOf(files: Record<string, Buffer>, fields: Record<string, string> = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const [name, bytes] of Object.entries(files)) {
    form.append('files', new Blob([new Uint8Array(bytes)]), name);
  }
  return form;
}

export interface Told {
  id: string;
  body: Record<string, unknown>;
}

export async function startReceiver() {
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
