/**
 * Passwords between programs: what a real office suite encrypts opens here, and what the tests
 * encrypt in the other way opens there, so that neither side is only its own judge.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { redactDocument } from '../../src/services/redact/index.ts';
import { agileFile } from './redact/locked-file.ts';
import { docxFile, paragraph, xlsxFile } from './redact/office-file.ts';

const PASSWORD = 'öpen sesame';
const MAIL = 'jane.doe@example.org';
const SCRIPT = resolve(import.meta.dirname, 'redact/office-suite.py');
const SHOW = `<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.presentation"><office:body><office:presentation><draw:page draw:name="One"><draw:frame svg:width="10cm" svg:height="2cm" svg:x="1cm" svg:y="1cm"><draw:text-box><text:p>Ask ${MAIL} about apples</text:p></draw:text-box></draw:frame></draw:page></office:presentation></office:body></office:document>`;

/** Debian's own Python has the module that speaks to the suite, whichever comes first in PATH. */
async function suite(dir: string, jobs: object[]): Promise<void> {
  const pipe = `locked${process.pid}`;
  const office = spawn(
    'soffice',
    [
      `-env:UserInstallation=file://${dir}/profile`,
      '--headless',
      `--accept=pipe,name=${pipe};urp;`,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(office, 'exit');
  const script = spawn('/usr/bin/python3', [SCRIPT, pipe], { stdio: ['pipe', 'ignore', 'pipe'] });
  script.stdin.end(JSON.stringify(jobs));
  const said = await readAll(script.stderr);
  if (script.exitCode === null) await once(script, 'exit');
  if (script.exitCode !== 0) office.kill();
  await ended;
  expect({ code: script.exitCode, said }).toEqual({ code: 0, said: '' });
}

test('files encrypted by an office suite open here, and ours there', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'locked-'));
  try {
    const at = (name: string) => join(dir, name);
    const letter = docxFile(paragraph(`Write to ${MAIL} about apples`));
    const row = `<row r="1"><c r="A1" t="inlineStr"><is><t>${MAIL}, apples</t></is></c></row>`;
    const sources: [string, string | Buffer][] = [
      ['letter.docx', letter],
      ['list.xlsx', xlsxFile(row)],
      ['show.fodp', SHOW],
      ['ours.docx', agileFile(letter, PASSWORD, { keyBits: 256, hash: 'SHA512' })],
      ['ours.xlsx', agileFile(xlsxFile(row), PASSWORD, { keyBits: 128, hash: 'SHA1' })],
    ];
    for (const [name, content] of sources) await writeFile(at(name), content);
    const lock = (source: string, target: string, filter: string) => ({
      ...{ source: at(source), target: at(target), filter, newPassword: PASSWORD },
    });
    const open = (source: string, target: string, filter: string) => ({
      ...{ source: at(source), target: at(target), filter, password: PASSWORD },
    });
    await suite(dir, [
      lock('letter.docx', 'locked.docx', 'MS Word 2007 XML'),
      lock('list.xlsx', 'locked.xlsx', 'Calc MS Excel 2007 XML'),
      lock('show.fodp', 'locked.pptx', 'Impress MS PowerPoint 2007 XML'),
      open('ours.docx', 'ours.txt', 'Text'),
      open('ours.xlsx', 'ours.csv', 'Text - txt - csv (StarCalc)'),
    ]);
    for (const kind of ['docx', 'xlsx', 'pptx']) {
      const locked = await readFile(at(`locked.${kind}`));
      expect(locked.subarray(0, 4).toString('hex')).toBe('d0cf11e0');
      await expect(redactDocument(locked, 'a', { password: 'other' })).rejects.toThrow(/password/);
      const { certificate } = await redactDocument(locked, 'a', { password: PASSWORD });
      expect(certificate).toMatchObject({ format: kind, removed: { email: expect.any(Number) } });
    }
    for (const name of ['ours.txt', 'ours.csv']) {
      expect(await readFile(at(name), 'utf8')).toMatch(new RegExp(`${MAIL}.* apples`));
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 300_000);
