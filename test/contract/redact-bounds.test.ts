/** What one document may take: its progress can be followed, and what is too much fails alone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docxFile, paragraph } from '../corpus/redact/office-file.ts';
import { lines, pdfFile } from '../corpus/redact/pdf-file.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type Client, clientOf, expectError, TEXT } from './redact-client.ts';

let server: TestServer;
let keys: Client[];
let asked = 0;
/** Sixty requests a minute are a key's, and these tests look often. */
const client = (): Client => keys[asked++ % keys.length] as Client;

beforeAll(async () => {
  server = await startTestServer({ env: { CLOAKROOM_DOCUMENT_MEMORY_MB: '512' } });
  const made = Array.from({ length: 30 }, async () => clientOf(server, await server.key('redact')));
  keys = await Promise.all(made);
});
afterAll(() => server.stop());

interface Job {
  status: string;
  progress: number;
  documents: { status: string; progress: number; error: string | null }[];
}

const LONG = pdfFile({
  pages: Array.from({ length: 150 }, (_, page) =>
    lines(...Array.from({ length: 20 }, (_, n) => `Write to a${page}b${n}@example.org today.`)),
  ),
});

async function createJob(files: [name: string, content: string | Uint8Array][]): Promise<string> {
  const all = files.map(([name, content]) => ['files', name, content] as [string, string, string]);
  const response = await client().post('/jobs', { files: all });
  expect(response.status).toBe(200);
  return ((await response.json()) as { jobId: string }).jobId;
}

/** The job as it was seen until it ended. */
async function watch(jobId: string): Promise<Job[]> {
  const seen: Job[] = [];
  for (;;) {
    const job = (await (await client().call('GET', `/jobs/${jobId}`)).json()) as Job;
    seen.push(job);
    if (!['pending', 'processing'].includes(job.status)) return seen;
    await new Promise((done) => setTimeout(done, 50));
  }
}

test('the progress of a long document moves in many steps, and never back', async () => {
  const seen = await watch(await createJob([['long.pdf', LONG]]));
  for (const figures of [
    seen.map(({ progress }) => progress),
    seen.map(({ documents }) => documents[0]?.progress ?? -1),
  ]) {
    expect(figures).toEqual(figures.toSorted((a, b) => a - b));
    const between = new Set(figures.filter((figure) => figure > 0 && figure < 100));
    expect(between.size).toBeGreaterThan(5);
    expect(figures.at(-1)).toBe(100);
  }
}, 120_000);

/** Some ten thousand bytes, until they are unfolded: then they want more than a document may have. */
const EATER = docxFile(paragraph('x').repeat(2_000_000));

test('of a job a file that unfolds to too much fails alone, and who calls meanwhile is served', async () => {
  expect(EATER.length).toBeLessThan(1_000_000);
  const jobId = await createJob([
    ['paragraphs.docx', EATER],
    ['note.txt', TEXT],
  ]);
  const watching = watch(jobId);
  const meanwhile = await client().post('/redact');
  expect(meanwhile.status).toBe(200);
  const job = (await watching).at(-1);
  expect(job?.status).toBe('completed');
  expect(job?.documents).toMatchObject([
    { status: 'failed', error: expect.stringMatching(/^unreadable_file: .*more memory/) },
    { status: 'completed', error: null },
  ]);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
}, 300_000);

test('to a caller who waits, a file that unfolds to too much is a file that cannot be read', async () => {
  const files: [string, string, Uint8Array][] = [['file', 'paragraphs.docx', EATER]];
  const [eater, other] = await Promise.all([
    client().post('/redact', { files }),
    client().post('/redact'),
  ]);
  await expectError(eater, 422, 'unreadable_file');
  expect(other.status).toBe(200);
}, 300_000);
