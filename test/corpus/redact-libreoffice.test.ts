/**
 * Files as a real office suite writes them: letter, workbook and show, each with the value in every
 * place that the suite has for it. Their redacted copies open in it again, with all that may stay.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { redactDocument } from '../../src/services/redact/index.ts';

const run = promisify(execFile);
const MAIL = 'jane.doe@example.org';
const TRACES = /jane|doe@|example\.org|536-22-8726/i;

const NAMES = [
  ...['office', 'style', 'text', 'table', 'draw', 'presentation'].map((name) => [name, name]),
  ['svg', 'svg-compatible'],
  ['fo', 'xsl-fo-compatible'],
  ['meta', 'meta'],
]
  .map(([prefix, name]) => `xmlns:${prefix}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
  .join(' ');

const flat = (kind: string, body: string, before = '') =>
  `<?xml version="1.0" encoding="UTF-8"?><office:document ${NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.${kind}"><office:meta><dc:creator>Jane Doe</dc:creator><meta:initial-creator>${MAIL}</meta:initial-creator><dc:title>${MAIL}</dc:title></office:meta>${before}<office:body>${body}</office:body></office:document>`;

const NOTE = `<office:annotation><dc:creator>Jane Doe</dc:creator><text:p>ask ${MAIL}</text:p></office:annotation>`;
const SOURCES: Record<string, string> = {
  'letter.fodt': flat(
    'text',
    `<office:text><text:tracked-changes><text:changed-region text:id="c1"><text:deletion><office:change-info><dc:creator>Jane Doe</dc:creator><dc:date>2026-01-01T00:00:00</dc:date></office:change-info><text:p>once ${MAIL}</text:p></text:deletion></text:changed-region></text:tracked-changes><text:h text:outline-level="1">Agreement with Jane Doe</text:h><text:p>Dear Ms Jane Doe, write to <text:a xlink:href="mailto:${MAIL}">ja<text:span>ne</text:span>.doe@example.org</text:a>${NOTE}<text:change text:change-id="c1"/> or not.<text:note text:id="n1" text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>Footnote for ${MAIL}</text:p></text:note-body></text:note></text:p><table:table table:name="T"><table:table-column table:number-columns-repeated="2"/><table:table-row><table:table-cell><text:p>SSN</text:p></table:table-cell><table:table-cell><text:p>536-22-8726</text:p></table:table-cell></table:table-row></table:table><text:p>The weather was fine all week.</text:p></office:text>`,
    `<office:master-styles><style:master-page style:name="Standard"><style:header><text:p>Header ${MAIL}</text:p></style:header></style:master-page></office:master-styles>`,
  ),
  'list.fods': flat(
    'spreadsheet',
    `<office:spreadsheet><table:table table:name="People"><table:table-row><table:table-cell office:value-type="string"><text:p>Fruit</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Mail</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell office:value-type="string">${NOTE}<text:p>Apples</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>${MAIL}</text:p></table:table-cell><table:table-cell table:formula="of:=&quot;to &quot;&amp;[.B2]" office:value-type="string" office:string-value="to ${MAIL}"><text:p>to ${MAIL}</text:p></table:table-cell></table:table-row></table:table><table:table table:name="More"><table:table-row><table:table-cell office:value-type="string"><text:p>Pears ${MAIL}</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet>`,
  ),
};

let dir: string;
const convert = (to: string, outDir: string, ...files: string[]) =>
  run(
    'soffice',
    [
      ...[`-env:UserInstallation=file://${dir}/profile`, '--headless', '--convert-to', to],
      ...['--outdir', outDir, ...files],
    ],
    { timeout: 120_000 },
  );

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'libreoffice-'));
  await mkdir(join(dir, 'redacted'));
  for (const [name, source] of Object.entries(SOURCES)) await writeFile(join(dir, name), source);
  await convert('docx', dir, join(dir, 'letter.fodt'));
  await convert('xlsx', dir, join(dir, 'list.fods'));
  await convert('pdf', dir, join(dir, 'letter.fodt'));
  // A show of the letter's page.
  await convert('odp', dir, '--infilter=impress_pdf_import', join(dir, 'letter.pdf'));
  await convert('pptx', dir, join(dir, 'letter.odp'));
}, 300_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

const FILES: [string, string[]][] = [
  ['letter.docx', ['Agreement with', 'The weather was fine all week.', 'Footnote for']],
  ['list.xlsx', ['Fruit', 'Apples', 'Pears']],
  ['letter.pptx', ['Agreement with', 'The weather was fine all week.']],
  ['letter.pdf', ['Agreement with', 'The weather was fine all week.', 'Footnote for']],
];

test('what the suite wrote is redacted everywhere, and opens in it again', async () => {
  const outputs: string[] = [];
  for (const [name] of FILES) {
    const source = await readFile(join(dir, name));
    const { bytes, items } = await redactDocument(source, name);
    expect({ name, found: items.length > 1 }).toEqual({ name, found: true });
    if (!name.endsWith('pdf')) {
      for (const [part, content] of Object.entries(unzipSync(bytes))) {
        const text = strFromU8(content, true).replace(/<[^>]*>/g, '');
        expect({ name, part, left: TRACES.exec(text)?.[0] }).toEqual({ name, part });
      }
    }
    const path = join(dir, 'redacted', name);
    await writeFile(path, bytes);
    if (!name.endsWith('pdf')) outputs.push(path);
  }
  for (const path of outputs) await convert('pdf', join(dir, 'again', path.slice(-4)), path);
  for (const [name, stays] of FILES) {
    const path = name.endsWith('pdf')
      ? join(dir, 'redacted', name)
      : join(dir, 'again', name.slice(-4), name.replace(/\w+$/, 'pdf'));
    const { stdout } = await run('pdftotext', ['-layout', path, '-']);
    for (const text of stays)
      expect({ name, stdout }).toEqual({ name, stdout: expect.stringContaining(text) });
    expect(stdout).not.toMatch(TRACES);
  }
}, 300_000);
