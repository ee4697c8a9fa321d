/** Files as LibreOffice writes them: every document of open-document.ts, as PDF and as office files. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sample } from '../attack/attack.ts';
import { LONG, SHORT } from '../attack/secret.ts';
import { inScratch, run } from '../attack/tools.ts';
import { flat, LETTERS, SHEETS, SHOWS } from './open-document.ts';

/** Files of the folder of one call: it opens them all before it ends. */
export async function convert(
  folder: string,
  to: string,
  into: string,
  paths: readonly string[],
): Promise<void> {
  if (paths.length === 0) return;
  const profile = `-env:UserInstallation=file://${folder}/profile`;
  await run('soffice', profile, '--headless', '--convert-to', to, '--outdir', into, ...paths);
}

const filter = (switches: Readonly<Record<string, boolean | number | string>>) =>
  `pdf:writer_pdf_Export:${JSON.stringify(
    Object.fromEntries(
      Object.entries(switches).map(([name, value]) => [
        name,
        {
          type: typeof value === 'number' ? 'long' : typeof value,
          value: String(value),
        },
      ]),
    ),
  )}`;

const KINDS = [
  { kind: 'text', places: LETTERS, ending: 'fodt' },
  { kind: 'spreadsheet', places: SHEETS, ending: 'fods' },
  { kind: 'presentation', places: SHOWS, ending: 'fodp' },
] as const;

/** What is asked of the suite: a format for each file that a pattern names. */
type Wish = [name: string, to: string, files: RegExp];

const OFFICE_WISHES: Wish[] = [
  ['docx', 'docx', /\.fodt/],
  ['xlsx', 'xlsx', /\.fods/],
  ['pptx', 'pptx', /\.fodp/],
  [
    'html',
    'html',
    /text-(?:paragraph|runs|table|footnote|comment|changes|link|variable|properties)-/,
  ],
  ['csv', 'csv', /spreadsheet-(?:cell|formula)-/],
  ['txt', 'txt', /text-(?:paragraph|table|footnote)-/],
];

const PDF_WISHES: Wish[] = [
  ['pdf', 'pdf', /\.fod/],
  [
    'tagged',
    filter({
      UseTaggedPDF: true,
      ExportNotes: true,
      ExportFormFields: true,
      ExportBookmarks: true,
      SelectPdfVersion: 0,
    }),
    /(?:comment|field|heading|frame|footnote)-.\.fodt/,
  ],
  ['margin', filter({ ExportNotesInMargin: true }), /comment-.\.fodt/],
  ['archive', filter({ SelectPdfVersion: 2 }), /(?:paragraph|frame|properties)-.\.fodt/],
  ['watermark', filter({ Watermark: 'DRAFT' }), /text-paragraph-.\.fodt/],
  ['hybrid', filter({ IsAddStream: true }), /paragraph-.\.fodt/],
  [
    'locked',
    filter({
      EncryptFile: true,
      DocumentOpenPassword: 'open',
      RestrictPermissions: true,
      PermissionPassword: 'own',
    }),
    /paragraph-.\.fodt/,
  ],
];

type Files = Promise<ReadonlyMap<string, Buffer>>;

/** Every wish for every document and twin; `docx/text-comment-1.docx`. */
function written(wishes: readonly Wish[]): Files {
  return inScratch(async (folder) => {
    const sources: string[] = [];
    for (const { kind, places, ending } of KINDS) {
      for (const [place, write] of Object.entries(places)) {
        for (const [twin, person] of [SHORT, LONG].entries()) {
          const path = join(folder, `${kind}-${place}-${twin}.${ending}`);
          await writeFile(path, flat({ kind, ...write(person) }));
          sources.push(path);
        }
      }
    }
    const all = new Map<string, Buffer>();
    for (const [name, to, pattern] of wishes) {
      const chosen = sources.filter((path) => pattern.test(path));
      await mkdir(join(folder, name));
      await convert(folder, to, join(folder, name), chosen);
      for (const path of chosen) {
        const file = path.slice(folder.length + 1).replace(/\w+$/, to.replace(/:.*/s, ''));
        all.set(`${name}/${file}`, await readFile(join(folder, name, file)));
      }
    }
    return all;
  });
}

const asked = new Map<readonly Wish[], Files>();

function made(wish: string, file: string, ending: string): Sample['of'] {
  const wishes = [PDF_WISHES, OFFICE_WISHES].find((some) => some.some(([name]) => name === wish));
  return async (person) => {
    const files = asked.get(wishes ?? []) ?? written(wishes ?? []);
    asked.set(wishes ?? [], files);
    const name = `${wish}/${file}-${person === LONG ? 1 : 0}.${ending}`;
    const found = (await files).get(name);
    if (!found) throw new Error(`${name} was not written`);
    return found;
  };
}

const unseen: Partial<Sample> = { isUnseen: true };
/** Where the suite lays lines out around a name, or the person is not to be seen. */
const SPECIAL: Readonly<Record<string, Partial<Sample>>> = {
  'text-justified': { width: 'gap', mayChange: [{ left: 30, top: 30, right: 520, bottom: 80 }] },
  'text-centred': { width: 'gap' },
  'text-right': { width: 'gap' },
  // The name wraps, and the words behind it stand in another line.
  'text-columns': { width: 'text' },
  // The field stands in the next line, or not.
  'text-field': { width: 'gap' },
  'tagged-field': { width: 'gap' },
  'text-frame': { width: 'text' },
  'tagged-frame': { width: 'text' },

  'text-comment': unseen,
  'text-hidden': unseen,
  'text-white': unseen,
  'text-link': unseen,
  'text-properties': unseen,
  'spreadsheet-comment': unseen,
  // Two thin lines on a large page are nothing to the eye.
  'presentation-slide': unseen,
  'presentation-notes': unseen,
  'presentation-comment': unseen,
  'presentation-picture': unseen,
  'tagged-comment': unseen,
};

/** All pages as PDFs: the plain wish for every document, the others for some. */
export const PDFS_FROM_LIBREOFFICE: Sample[] = [
  ...KINDS.flatMap(({ kind, places }) =>
    Object.keys(places)
      // The suite gives the strike a colour for each writer's name.
      .filter((place) => place !== 'changes')
      .map((place) => ({
        name: `${kind}: ${place}`,
        of: made('pdf', `${kind}-${place}`, 'pdf'),
        ...SPECIAL[`${kind}-${place}`],
      })),
  ),
  ...['comment', 'field', 'heading', 'frame', 'footnote'].map((place) => ({
    name: `tagged: ${place}`,
    of: made('tagged', `text-${place}`, 'pdf'),
    ...SPECIAL[`tagged-${place}`],
  })),
  { name: 'comments in the margin', of: made('margin', 'text-comment', 'pdf'), ...unseen },
  { name: 'PDF/A: paragraph', of: made('archive', 'text-paragraph', 'pdf') },
  { name: 'PDF/A: frame', of: made('archive', 'text-frame', 'pdf'), width: 'text' },
  { name: 'PDF/A: properties', of: made('archive', 'text-properties', 'pdf'), ...unseen },
  { name: 'under a watermark', of: made('watermark', 'text-paragraph', 'pdf') },
  { name: 'hybrid: paragraph', of: made('hybrid', 'text-paragraph', 'pdf') },
  {
    name: 'encrypted',
    of: made('locked', 'text-paragraph', 'pdf'),
    options: { password: 'open' },
  },
];

/** Every document as its own kind of office file, some as others. */
export const OFFICE_FROM_LIBREOFFICE: Sample[] = OFFICE_WISHES.flatMap(([ending, , pattern]) =>
  KINDS.flatMap(({ kind, places, ending: flatEnding }) =>
    Object.keys(places)
      .filter((place) => pattern.test(`${kind}-${place}-0.${flatEnding}`))
      .map((place) => ({
        name: `${ending}: ${place}`,
        fileName: `a.${ending}`,
        of: made(ending, `${kind}-${place}`, ending),
        // The suite breaks the lines of HTML around a name.
        ...(ending === 'html' ? { width: 'text' as const } : {}),
      })),
  ),
);
