/**
 * Files as qpdf writes them: the same letter in every structure that it knows, and what it makes of
 * several files.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sample } from '../attack/attack.ts';
import type { Person } from '../attack/secret.ts';
import { inScratch, run } from '../attack/tools.ts';
import { lines, pdfFile, revised } from '../pdf-file.ts';
import { letter, PAPER } from './letter.ts';

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
      await writeFile(join(folder, 'in.pdf'), letter(person));
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
