/** Word, Excel and PowerPoint, told apart by what the package says its main part is. */
import { Fault } from '../../../../kernel/fault.ts';
import type { Format, OpenDocument, OpenOptions, Reread } from '../../document.ts';
import {
  judgePackage,
  MARK,
  type OfficeKind,
  type OpenInner,
  type OpenPackage,
  openPackage,
  rereadRaw,
} from './package.ts';
import { sheets } from './sheets.ts';
import { slides } from './slides.ts';
import { word } from './word.ts';
import { readZip, unpack } from './zip.ts';

type RereadPackage = Reread & Pick<OpenPackage, 'pictures'>;

const MIME = 'application/vnd.openxmlformats-officedocument.';

export const docx = officeFormat('docx', `${MIME}wordprocessingml.document`, word);
export const xlsx = officeFormat('xlsx', `${MIME}spreadsheetml.sheet`, sheets);
export const pptx = officeFormat('pptx', `${MIME}presentationml.presentation`, slides);

const BY_CONTENT: readonly [type: string, format: Format][] = [
  ['wordprocessingml.document.main+xml', docx],
  ['spreadsheetml.sheet.main+xml', xlsx],
  ['presentationml.presentation.main+xml', pptx],
];

/** Which office file a zip is; null where it is none. Fault `unreadable_file` for a broken zip. */
export function officeKindOf(bytes: Uint8Array): Format | null {
  const types = readZip(bytes).find(({ name }) => name === '[Content_Types].xml');
  if (!types) return null;
  const source = unpack(types).toString('utf8');
  return BY_CONTENT.find(([type]) => source.includes(type))?.[1] ?? null;
}

/** Documents within documents go no deeper. */
const DEEPEST = 3;

function innerOpener(depth: number): OpenInner {
  return async (bytes) => {
    const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
    if (!isZip || depth >= DEEPEST) return null;
    const format = officeKindOf(bytes);
    return format ? openAt(format, bytes, depth + 1) : null;
  };
}

const KINDS = new Map<Format, OfficeKind>([
  [docx, word],
  [xlsx, sheets],
  [pptx, slides],
]);

function openAt(format: Format, bytes: Uint8Array, depth: number): Promise<OpenDocument> {
  const kind = KINDS.get(format);
  if (!kind) throw new Fault('internal', 'No such kind of office file.');
  return openPackage(bytes, kind, innerOpener(depth), { withoutPictures: true });
}

function officeFormat(kind: string, mediaType: string, office: OfficeKind): Format {
  const open = (bytes: Uint8Array, options: OpenOptions) =>
    openPackage(bytes, office, innerOpener(0), options);
  return {
    ...{ kind, mediaType, extension: kind, mark: MARK, open },
    async reread(bytes, options = {}): Promise<RereadPackage> {
      const { parts, pictures, close } = await open(bytes, options);
      const { texts, streams } = rereadRaw(bytes);
      const words = pictures.flatMap(({ document }) => document.parts.map(({ text }) => text));
      const examined = ['parts', 'raw XML', 'words read in pictures', 'bytes of all parts'];
      return {
        ...{
          parts,
          pictures,
          texts: [...texts, ...words],
          streams,
          examined,
          notExamined: [],
          close,
        },
      };
    },
    judge: (before, edits, after) =>
      judgePackage(before as OpenPackage, edits, after as RereadPackage),
  };
}
