/**
 * Files as Ghostscript distils them: the pages of letters.ps with every way of writing words, in
 * versions, fonts and codings that its switches choose, and PDFs of others that it writes anew.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Sample } from '../attack/attack.ts';
import { LONG, type Person, SHORT } from '../attack/secret.ts';
import { inScratch, run } from '../attack/tools.ts';
import { letter } from './letter.ts';

const LETTERS = resolve(import.meta.dirname, 'letters.ps');
const QUIET = ['-q', '-dBATCH', '-dNOPAUSE'];
const PDF = '-sDEVICE=pdfwrite';

/** Both twins of several pages by one run: it writes a file a page. */
async function distilled(pages: readonly string[], switches: readonly string[]): Promise<Buffer[]> {
  return inScratch(async (folder) => {
    const parts = pages.flatMap((page) =>
      [SHORT, LONG].flatMap(({ name, mail }) => [
        ...['-c', `/WHO (${name}) def /MAIL (${mail}) def`],
        ...['-f', LETTERS, '-c', `${page} showpage`],
      ]),
    );
    const head = [...QUIET, ...switches, '-o', join(folder, '%d.out')];
    await run('gs', ...head, ...parts);
    const names = pages.flatMap((_, i) => [`${i * 2 + 1}.out`, `${i * 2 + 2}.out`]);
    return Promise.all(names.map((name) => readFile(join(folder, name))));
  });
}

/** Runs once for all the samples that share their switches. */
class Run {
  private readonly pages: string[] = [];
  private files: Promise<Buffer[]> | null = null;
  private readonly switches: readonly string[];

  constructor(...switches: string[]) {
    this.switches = switches;
  }

  of(page: string): Sample['of'] {
    const index = this.pages.push(page) - 1;
    return async (person) => {
      this.files ??= distilled(this.pages, this.switches);
      return (await this.files)[index * 2 + (person === LONG ? 1 : 0)] ?? Buffer.of();
    };
  }
}

/** One call that writes another file's pages anew. */
function again(
  source: (person: Person) => Buffer | Promise<Buffer>,
  ...switches: string[]
): Sample['of'] {
  return (person) =>
    inScratch(async (folder) => {
      const [from, to] = [join(folder, 'in'), join(folder, 'out')];
      await writeFile(from, await source(person));
      await run('gs', ...QUIET, PDF, ...switches, '-o', to, from);
      return readFile(to);
    });
}

const usual = new Run(PDF);
/** What the distiller does with fonts is said to it once its device is open. */
const embedded = new Run(PDF);
const EMBED = '<< /NeverEmbed [] >> setdistillerparams';
const page = (name: string, procedure: string, more: Partial<Sample> = {}): Sample => ({
  name,
  of: usual.of(procedure),
  ...more,
});
const switched = (name: string, procedure: string, ...switches: string[]): Sample => ({
  name,
  of: new Run(PDF, ...switches).of(procedure),
});

const WAYS: Sample[] = [
  page('one string', 'plain'),
  page('Times', 'standard'),
  page('Courier', 'fixed'),
  page('a subset of a CFF font', 'roman'),
  page('a slanted CFF font', 'oblique'),
  page('a subset of a TrueType font', 'truetype'),
  page('letters and words spaced', 'spaced'),
  page('letters kerned', 'kerned'),
  page('letters apart', 'apart'),
  page('glyphs by their names', 'named'),
  page('a matrix that slants', 'slanted'),
  page('white on white', 'pale', { isUnseen: true }),
  page('under a black box', 'covered', { isUnseen: true }),
  page('twice, a hair apart', 'twice'),
  page('two columns', 'columns'),
  page('a font of drawings (Type 3)', 'type3'),
  page('a composed font', 'composed'),
  page('a form', 'formed'),
  page('notes, links, bookmarks, labels, threads, properties', 'marked'),
  page('text that is spoken otherwise', 'spoken', { isUnseen: true }),
  page('an attached file', 'enclosed'),
];

/** The line of the name, where all of it may move. */
const LINE = { left: 0, top: 26, right: 500, bottom: 50 };
const laidOut: Partial<Sample> = { width: 'gap', mayChange: [LINE] };
const LAID_OUT: Sample[] = [
  page('a line justified', 'justified', laidOut),
  page('a line centred', 'centred', laidOut),
  page('a line flush right', 'flushright', laidOut),
  page('a line that rises', 'risen', {
    ...{ width: 'text', isUnseen: true },
    mayChange: [{ left: 90, top: 0, right: 500, bottom: 160 }],
  }),
];

/** Their gaps are as coarse as the reader of pixels is; the words behind them stay where they are. */
const drawn = (whole = false): Partial<Sample> => ({
  ...{ isDrawn: true, width: 'text' },
  mayChange: [
    { ...LINE, left: 104 },
    ...(whole ? [{ ...LINE, left: 104, top: 50, bottom: 70 }] : []),
  ],
});
const DRAWN: Sample[] = [
  page('words as outlines', 'outlined', drawn()),
  page('words in a pattern', 'tiled', drawn()),
  { ...switched('a page without fonts', 'plain', '-dNoOutputFonts'), ...drawn(true) },
  {
    name: 'a page that is a picture',
    of: new Run('-sDEVICE=pdfimage8', '-r150').of('plain'),
    ...drawn(true),
  },
];

const SWITCHED: Sample[] = [
  ...['1.2', '1.3', '1.4', '1.5', '1.6', '2.0'].map((version) =>
    switched(`version ${version}`, 'marked', `-dCompatibilityLevel=${version}`),
  ),
  ...['1', '2', '3'].map((part) =>
    switched(
      `PDF/A-${part}`,
      'marked',
      `-dPDFA=${part}`,
      '-dPDFACompatibilityPolicy=1',
      '-sColorConversionStrategy=RGB',
    ),
  ),
  switched('PDF/X', 'roman', '-dPDFX', '-sColorConversionStrategy=Gray'),
  switched('pages in ASCII', 'plain', '-dASCII85EncodePages=true'),
  switched('pages not compressed', 'plain', '-dCompressPages=false', '-dCompressFonts=false'),
  switched('whole fonts', 'roman', '-dSubsetFonts=false', '-dEmbedAllFonts=true'),
  switched('large subsets', 'truetype', '-dMaxSubsetPct=1'),
  switched('fonts as they come', 'truetype', '-dPDFSETTINGS=/prepress'),
  switched('for screens', 'roman', '-dPDFSETTINGS=/screen'),
  { name: 'the standard fonts embedded', of: embedded.of(`${EMBED} plain`) },
  { name: 'Courier embedded', of: embedded.of(`${EMBED} fixed`) },
];

const REWRITTEN: Sample[] = [
  { name: 'a letter of objects, distilled', of: again(letter) },
  { name: 'a letter of objects, for the web', of: again(letter, '-dFastWebView=true') },
  { name: 'a letter of objects, for printing', of: again(letter, '-dPrinted=true') },
  {
    name: 'a letter of objects, its notes painted',
    of: again(letter, '-dPreserveAnnots=false', '-dCompatibilityLevel=1.4'),
  },
  {
    name: 'encrypted by the distiller',
    of: again(
      letter,
      '-sOwnerPassword=o',
      '-sUserPassword=u',
      '-dEncryptionR=3',
      '-dKeyLength=128',
    ),
    options: { password: 'u' },
  },
  {
    name: 'a Type 3 font, distilled twice',
    of: again(new Run(PDF).of('type3'), '-dCompatibilityLevel=1.3'),
  },
  { name: 'PostScript made of a PDF', of: again(new Run('-sDEVICE=ps2write').of('roman')) },
  { name: 'an EPS file', of: again(new Run('-sDEVICE=eps2write').of('truetype')) },
];

export const FROM_GHOSTSCRIPT: Sample[] = [
  ...WAYS,
  ...LAID_OUT,
  ...DRAWN,
  ...SWITCHED,
  ...REWRITTEN,
];
