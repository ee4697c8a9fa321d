/**
 * Redact against bare PDFium: pages a second of scanning and redacting a 100-page PDF of text, as
 * ratios to extracting the same text with PDFium and nothing else; characters a second of detection;
 * memory at 1,000 pages. `node bench/redact.ts 1000` takes another number of pages.
 */
import { detect, planSearch } from '../src/services/redact/detect/detect.ts';
import { PdfiumDocument } from '../src/services/redact/formats/pdf/engine.ts';
import { examine, redactDocument } from '../src/services/redact/index.ts';
import { lines, pdfFile } from '../test/corpus/redact/pdf-file.ts';

const PAGES = Number(process.argv[2] ?? 100);
const ROUNDS = 3;
const WORDS =
  'the quarterly report of the committee was read and approved by all members present at the meeting held in the main office'.split(
    ' ',
  );

/** The same text in every run: numbers of a linear congruential generator (Knuth, MMIX). */
function textPages(): string[] {
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
  return Array.from({ length: PAGES }, (_, page) =>
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
async function timed(work: () => Promise<unknown> | unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

const pagesOfText = textPages();
const file = pdfFile({ pages: pagesOfText });
const text = await extract(file);
const bareMs = await timed(() => extract(file));
const scanMs = await timed(() => examine(file, 'a.pdf'));
const redactMs = await timed(() => redactDocument(file, 'a.pdf'));
const long = text.repeat(Math.ceil(1_000_000 / text.length));
const search = planSearch({ framework: 'hipaa' });
const detectMs = await timed(() => detect([{ pageNumber: 1, text: long }], search));

const rate = (ms: number) => `${Math.round((PAGES * 1000) / ms)} pages/s`;
const print = (line: string) => process.stdout.write(`${line}\n`);
print(`bare PDFium   ${rate(bareMs)}`);
print(`scan          ${rate(scanMs)}   ratio ${(bareMs / scanMs).toFixed(2)} (aim 0.50)`);
print(`redact        ${rate(redactMs)}   ratio ${(bareMs / redactMs).toFixed(2)} (aim 0.25)`);
print(`detection     ${(long.length / detectMs / 1000).toFixed(1)} million characters/s (aim 1)`);
print(`memory        ${Math.round(process.memoryUsage().rss / 1024 / 1024)} MB at ${PAGES} pages`);
