/**
 * Files as qpdf writes them: the same letter in every structure that it knows, and what it makes of
 * several files.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sample } from '../attack/attack.ts';
import type { Person } from '../attack/secret.ts';
import { inScratch, run } from '../attack/tools.ts';
import { lines, type PdfSource, pdfFile, revised } from '../pdf-file.ts';

const PAPER = '/MediaBox [0 600 420 792]';

/** A page of text, a form that it paints, a note, a bookmark, a field, tags, properties. */
function letter({ name, mail }: Person): PdfSource {
  return {
    pages: [
      {
        content: `${lines('A letter of today', `before ${name} after`, `write to ${mail} after that`)} /Fm1 Do`,
        extra: `${PAPER} /Annots [101 0 R 102 0 R]`,
        resources: '/XObject << /Fm1 100 0 R >>',
      },
      { content: lines('The second page stays.'), extra: PAPER },
      { content: lines('The third page', `before ${mail} after`), extra: PAPER },
    ],
    catalog:
      '/AcroForm << /Fields [102 0 R] /DR << /Font << /F1 3 0 R >> >> /DA (/F1 12 Tf 0 g) >> /Outlines 103 0 R /PageLabels << /Nums [0 << /S /r >>] >>',
    trailer: '/Info 105 0 R',
    objects: [
      {
        source:
          '<< /Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> >>',
        stream: `BT /F1 12 Tf 72 650 Td (In a form before ${name} after) Tj ET`,
      },
      `<< /Type /Annot /Subtype /Text /F 2 /Rect [10 610 30 630] /Contents (ask ${name}) /T (${mail}) >>`,
      `<< /Type /Annot /Subtype /Widget /FT /Tx /T (city) /TU (where ${name} lives) /V (Utrecht) /F 4 /Rect [72 610 200 630] /DA (/F1 12 Tf 0 g) /AP << /N 106 0 R >> >>`,
      '<< /Type /Outlines /First 104 0 R /Last 104 0 R /Count 1 >>',
      `<< /Title (About ${name}) /Parent 103 0 R /Dest [10 0 R /Fit] >>`,
      `<< /Title (${name}) /Author (${mail}) >>`,
      {
        source:
          '<< /Type /XObject /Subtype /Form /BBox [0 0 128 20] /Resources << /Font << /F1 3 0 R >> >> >>',
        stream: '/Tx BMC BT /F1 12 Tf 2 5 Td (Utrecht) Tj ET EMC',
      },
    ],
  };
}

/** One call of qpdf; `in.pdf` and `other.pdf` are the letter and a page that can be laid over it. */
function by(...parameters: string[]): Sample['of'] {
  return (person) =>
    inScratch(async (folder) => {
      const { name, mail } = person;
      const other = {
        pages: [
          {
            content: `BT /F1 12 Tf 72 735 Td (Laid over before ${name} after) Tj ET`,
            extra: PAPER,
          },
        ],
      };
      await writeFile(join(folder, 'in.pdf'), pdfFile(letter(person)));
      await writeFile(join(folder, 'other.pdf'), pdfFile(other));
      await writeFile(join(folder, 'list.csv'), `fruit,mail\napples,${mail}\n`);
      const paths = parameters.map((one) =>
        one.replace(/\b(in|other|out)\.pdf|list\.csv/g, `${folder}/$&`),
      );
      await run('qpdf', ...paths, join(folder, 'out.pdf'));
      return readFile(join(folder, 'out.pdf'));
    });
}

const encrypted = (password: string, ...how: string[]) => ({
  of: by('--allow-weak-crypto', '--encrypt', password, 'owner', ...how, '--', 'in.pdf'),
  options: password ? { password } : {},
});

/** A later revision replaces the first page's content: what stood there before is still there. */
async function laterRevision(person: Person): Promise<Buffer> {
  const file = await by('in.pdf', '--qdf', '--object-streams=disable')(person);
  const text = file.toString('latin1');
  const [, id = '', root = ''] = [
    ...(/%% Contents for page 1\n%% [^\n]*\n(\d+) 0 obj/.exec(text) ?? ['', '']),
    /\/Root (\d+ 0 R)/.exec(text)?.[1],
  ];
  const update = { source: '<< >>', stream: `${lines('A letter of today')} /Fm1 Do` };
  const added = revised(file, Number(id), update).toString('latin1');
  return Buffer.from(added.replace(/\/Root 1 0 R(?= \/Prev)/, `/Root ${root}`), 'latin1');
}

export const FROM_QPDF: Sample[] = [
  { name: 'linearized', of: by('in.pdf', '--linearize') },
  { name: 'objects in streams', of: by('in.pdf', '--object-streams=generate') },
  { name: 'objects apart', of: by('in.pdf', '--object-streams=disable') },
  {
    name: 'linearized, objects in streams',
    of: by('in.pdf', '--linearize', '--object-streams=generate'),
  },
  { name: 'for editors (QDF)', of: by('in.pdf', '--qdf') },
  { name: 'nothing compressed', of: by('in.pdf', '--stream-data=uncompress') },
  {
    name: 'compressed once more',
    of: by('in.pdf', '--recompress-flate', '--compression-level=9', '--object-streams=generate'),
  },
  { name: 'content normalized', of: by('in.pdf', '--normalize-content=y') },
  { name: 'line ends before endstream', of: by('in.pdf', '--newline-before-endstream') },
  { name: 'an old version', of: by('in.pdf', '--force-version=1.3', '--object-streams=disable') },
  { name: 'objects that nobody needs', of: by('in.pdf', '--preserve-unreferenced') },
  { name: 'a later revision on top', of: laterRevision },
  { name: 'encrypted, revision 2', ...encrypted('user', '40') },
  { name: 'encrypted, revision 3', ...encrypted('user', '128', '--use-aes=n') },
  {
    name: 'encrypted, revision 4',
    ...encrypted('user', '128', '--use-aes=y', '--force-V4'),
  },
  {
    name: 'encrypted, revision 4, metadata in the open',
    ...encrypted('user', '128', '--use-aes=y', '--cleartext-metadata'),
  },
  { name: 'encrypted, revision 5', ...encrypted('user', '256', '--force-R5') },
  { name: 'encrypted, revision 6', ...encrypted('user', '256') },
  {
    name: 'encrypted for its owner only',
    ...encrypted('', '256', '--print=none', '--modify=none', '--extract=n'),
  },
  { name: 'one page of three', of: by('in.pdf', '--pages', '.', '3', '--') },
  { name: 'pages backwards', of: by('in.pdf', '--pages', '.', 'z-1', '--') },
  { name: 'a page twice', of: by('in.pdf', '--pages', '.', '1,2,1', '--') },
  {
    name: 'pages of two files in turn',
    of: by('in.pdf', '--collate', '--pages', '.', '1-3', 'other.pdf', '1', '--'),
  },
  { name: 'turned right', of: by('in.pdf', '--rotate=+90:1-z'), turned: 90 },
  { name: 'turned over', of: by('in.pdf', '--rotate=+180:1-z'), turned: 180 },
  { name: 'turned left', of: by('in.pdf', '--rotate=+270:1-z'), turned: 270 },
  {
    name: 'turned by its content',
    of: by('in.pdf', '--rotate=+90:1-z', '--flatten-rotation'),
    turned: 90,
  },
  { name: 'a page laid over', of: by('in.pdf', '--overlay', 'other.pdf', '--repeat=1', '--') },
  { name: 'a page laid under', of: by('in.pdf', '--underlay', 'other.pdf', '--') },
  {
    name: 'a list attached',
    of: by('in.pdf', '--add-attachment', 'list.csv', '--filename=list.csv', '--'),
  },
  {
    name: 'a letter attached to a page',
    of: by(
      'other.pdf',
      '--add-attachment',
      'in.pdf',
      '--key=letter',
      '--mimetype=application/pdf',
      '--',
    ),
  },
  { name: 'notes made part of the page', of: by('in.pdf', '--flatten-annotations=all') },
  { name: 'fields drawn anew', of: by('in.pdf', '--generate-appearances') },
  { name: 'without labels', of: by('in.pdf', '--remove-page-labels', '--coalesce-contents') },
];
