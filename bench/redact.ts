/**
 * Redact against bare PDFium: pages a second of scanning and redacting a 100-page PDF of text, as
 * ratios to extracting the same text with PDFium and nothing else; the same without detection, which
 * is what PDF itself costs; characters a second of detection; text recognition against the installed
 * tesseract; peak memory at 1,000 pages, in a process of its own. `node bench/redact.ts 1000` takes
 * another number of pages.
 */
import { spawnSync } from 'node:child_process';
import sharp from 'sharp';
import { detect, planSearch } from '../src/services/redact/detect/detect.ts';
import type { Edit } from '../src/services/redact/document.ts';
import { readPicture } from '../src/services/redact/formats/image/ocr.ts';
import { PdfiumDocument } from '../src/services/redact/formats/pdf/engine.ts';
import { pdf } from '../src/services/redact/formats/pdf/pdf.ts';
import { renderPage } from '../src/services/redact/formats/pdf/picture/render.ts';
import { examine, redactDocument } from '../src/services/redact/index.ts';
import { lines, pdfFile } from '../test/corpus/redact/pdf-file.ts';

const PAGES = Number(process.argv[2] ?? 100);
const MEMORY_PAGES = 1000;
const ROUNDS = 5;
const WORDS =
  'the quarterly report of the committee was read and approved by all members present at the meeting held in the main office'.split(
    ' ',
  );
const print = (line: string) => process.stdout.write(`${line}\n`);

/** The same text in every run: numbers of a linear congruential generator (Knuth, MMIX). */
function textPages(count: number): string[] {
  let state = 7n;
  const next = (below: number) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(below));
  };
  const line = (page: number, row: number) => {
    const words = Array.from({ length: 13 }, () => WORDS[next(WORDS.length)]).join(' ');
    if (row % 9 === 0) return `${words.slice(0, 30)} john${page}.${row}@example.org`;
    return row % 11 === 3
      ? `${words.slice(0, 40)} 536-22-${1000 + ((page * 7 + row) % 8999)}`
      : words;
  };
  return Array.from({ length: count }, (_, page) =>
    lines(...Array.from({ length: 48 }, (_, row) => line(page, row))),
  );
}

async function extract(file: Uint8Array): Promise<string> {
  const document = await PdfiumDocument.open(file);
  const { pdfium } = document;
  const texts: string[] = [];
  for (let page = 0; page < document.pageCount; page++) {
    document.withTextPage(page, (textPage) => {
      const count = pdfium.FPDFText_CountChars(textPage);
      const memory = pdfium.pdfium.wasmExports.malloc(count * 2 + 2);
      pdfium.FPDFText_GetText(textPage, 0, count, memory);
      texts.push(pdfium.pdfium.UTF16ToString(memory));
      pdfium.pdfium.wasmExports.free(memory);
    });
  }
  document.close();
  return texts.join('\n');
}

/** The best of a few rounds, in milliseconds. */
async function timed(work: () => Promise<unknown> | unknown, rounds = ROUNDS): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** Opening, writing these edits, reading the output again and judging it. */
async function writeAndProve(file: Uint8Array, edits: readonly Edit[]): Promise<void> {
  const before = await pdf.open(file, {});
  const after = await pdf.reread(await before.write(edits));
  const objections = pdf.judge(before, edits, after);
  after.close?.();
  before.close();
  if (objections.length > 0) throw new Error(objections.join('; '));
}

async function benchPages(): Promise<void> {
  const file = pdfFile({ pages: textPages(PAGES) });
  const text = await extract(file);
  const bareMs = await timed(() => extract(file));
  const rate = (ms: number) => `${Math.round((PAGES * 1000) / ms)} pages/s`.padEnd(14);
  const row = (name: string, ms: number, aim: string) =>
    print(`${name.padEnd(26)}${rate(ms)}ratio ${(bareMs / ms).toFixed(2)}${aim}`);
  const search = planSearch({});
  const open = await pdf.open(file, {});
  const edits = detect(open.parts, search).map(({ part, start, end }) => ({
    ...{ part, start, end, replacement: null },
  }));
  open.close();
  print(`bare PDFium               ${rate(bareMs)}`);
  row('scan', await timed(() => examine(file, 'a.pdf')), ' (aim 0.50)');
  row('redact', await timed(() => redactDocument(file, 'a.pdf')), ' (aim 0.25)');
  row('scan without detection', await timed(async () => (await pdf.open(file, {})).close()), '');
  row('redact without detection', await timed(() => writeAndProve(file, edits)), '');
  const long = text.repeat(Math.ceil(1_000_000 / text.length));
  const part = { pageNumber: 1, text: long };
  const detectMs = await timed(() => detect([part], planSearch({ framework: 'hipaa' })));
  print(
    `detection                 ${(long.length / detectMs / 1000).toFixed(1)} million characters/s`,
  );
}

/** A page as a scanner gives it, at 300 dpi. */
async function benchRecognition(): Promise<void> {
  const document = await PdfiumDocument.open(pdfFile({ pages: textPages(1) }));
  const { data, width, height } = renderPage(document, 0, 300);
  document.close();
  const raw = { raw: { width, height, channels: 3 as const } };
  let turn = 0;
  // Another picture each time: what was read once is not read again.
  const next = () =>
    sharp(data, raw)
      .modulate({ brightness: 1 - turn++ / 1000 })
      .png()
      .toBuffer();
  const ownMs = await timed(async () => readPicture(await next()), 2);
  const png = await next();
  const options = { input: png, maxBuffer: 1 << 26 };
  const native = () => spawnSync('tesseract', ['stdin', 'stdout', '--dpi', '300'], options);
  const isInstalled = native().status === 0;
  const nativeMs = isInstalled ? await timed(native, 2) : Number.NaN;
  const against = isInstalled
    ? `ratio ${(nativeMs / ownMs).toFixed(2)} to the installed tesseract`
    : 'no tesseract is installed to compare with';
  print(`text recognition          ${(ownMs / 1000).toFixed(2)} s a page    ${against}`);
}

/** Peak memory of a process that redacts this many pages and does nothing else. */
async function benchMemory(): Promise<void> {
  if (process.argv.includes('--memory')) {
    await redactDocument(pdfFile({ pages: textPages(MEMORY_PAGES) }), 'a.pdf');
    print(String(process.resourceUsage().maxRSS));
    return;
  }
  const { stdout } = spawnSync(process.execPath, [import.meta.filename, '1', '--memory']);
  const megabytes = Math.round(Number(stdout.toString()) / 1024);
  print(`peak memory               ${megabytes} MB at ${MEMORY_PAGES} pages (aim 600)`);
}

if (!process.argv.includes('--memory')) {
  await benchPages();
  await benchRecognition();
}
await benchMemory();
