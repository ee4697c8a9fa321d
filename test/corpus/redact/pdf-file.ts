/** Writes small PDFs by hand: whatever structure a test needs, told as PDF source. */
import { deflateSync } from 'node:zlib';

export interface PdfObject {
  /** The dictionary or value, as PDF source. */
  source: string;
  stream?: string | Buffer;
  /** Flate unless false. */
  isCompressed?: boolean;
}

export interface PdfSource {
  /** Content streams, one a page. */
  pages: (string | { content: string; extra?: string; resources?: string })[];
  /** Further objects: the first is number 100, `100 0 R`. */
  objects?: (PdfObject | string)[];
  /** More entries of the catalog. */
  catalog?: string;
  trailer?: string;
  /** Resources that every page has, besides the fonts F1 (Helvetica) and F2 (Courier). */
  resources?: string;
}

const FONTS = '/Font << /F1 3 0 R /F2 4 0 R >>';

export function pdfFile(pdf: PdfSource): Buffer {
  const objects = new Map<number, PdfObject>();
  const pageIds = pdf.pages.map((_, i) => 10 + i * 2);
  objects.set(1, { source: `<< /Type /Catalog /Pages 2 0 R ${pdf.catalog ?? ''} >>` });
  const kids = pageIds.map((id) => `${id} 0 R`).join(' ');
  objects.set(2, { source: `<< /Type /Pages /Count ${pageIds.length} /Kids [${kids}] >>` });
  objects.set(3, {
    source: '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  });
  objects.set(4, {
    source: '<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>',
  });
  for (const [i, page] of pdf.pages.entries()) {
    const {
      content,
      extra = '',
      resources = '',
    } = typeof page === 'string' ? { content: page } : page;
    const id = 10 + i * 2;
    const box = extra.includes('/MediaBox') ? '' : '/MediaBox [0 0 612 792]';
    objects.set(id, {
      source: `<< /Type /Page /Parent 2 0 R ${box} /Contents ${id + 1} 0 R /Resources << ${FONTS} ${pdf.resources ?? ''} ${resources} >> ${extra} >>`,
    });
    objects.set(id + 1, { source: '<< >>', stream: content });
  }
  for (const [i, object] of (pdf.objects ?? []).entries()) {
    objects.set(100 + i, typeof object === 'string' ? { source: object } : object);
  }
  return assemble(objects, pdf.trailer ?? '');
}

function assemble(objects: ReadonlyMap<number, PdfObject>, trailer: string): Buffer {
  const pieces: Buffer[] = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  const offsets = new Map<number, number>();
  let length = pieces[0]?.length ?? 0;
  const add = (piece: Buffer) => {
    pieces.push(piece);
    length += piece.length;
  };
  for (const [id, object] of objects) {
    offsets.set(id, length);
    add(Buffer.from(`${id} 0 obj\n`));
    add(bodyOf(object));
    add(Buffer.from('\nendobj\n'));
  }
  const start = length;
  add(Buffer.from(`xref\n0 1\n0000000000 65535 f \n`));
  for (const [id, offset] of offsets) {
    add(Buffer.from(`${id} 1\n${String(offset).padStart(10, '0')} 00000 n \n`));
  }
  const size = Math.max(...objects.keys()) + 1;
  add(
    Buffer.from(
      `trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(pieces);
}

function bodyOf({ source, stream, isCompressed = true }: PdfObject): Buffer {
  if (stream === undefined) return Buffer.from(source, 'latin1');
  const plain = typeof stream === 'string' ? Buffer.from(stream, 'latin1') : stream;
  const data = isCompressed ? deflateSync(plain) : plain;
  const filter = isCompressed ? '/Filter /FlateDecode' : '';
  const head = source.replace(/>>\s*$/, `${filter} /Length ${data.length} >>`);
  return Buffer.concat([
    Buffer.from(`${head}\nstream\n`, 'latin1'),
    data,
    Buffer.from('\nendstream'),
  ]);
}

/** A page's content: lines of text from the top, in Helvetica 12. */
export function lines(...texts: string[]): string {
  const escaped = texts.map((text) => text.replace(/[\\()]/g, '\\$&'));
  return `BT /F1 12 Tf 14 TL 72 720 Td ${escaped.map((text) => `(${text}) Tj T*`).join(' ')} ET`;
}

/** The file, with a later revision appended that replaces an object. */
export function revised(file: Buffer, id: number, object: PdfObject): Buffer {
  const before = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(file.toString('latin1'))?.[1];
  const offset = file.length;
  const body = Buffer.concat([
    Buffer.from(`${id} 0 obj\n`),
    bodyOf(object),
    Buffer.from('\nendobj\n'),
  ]);
  const table = `xref\n${id} 1\n${String(offset).padStart(10, '0')} 00000 n \ntrailer\n<< /Size 200 /Root 1 0 R /Prev ${before} >>\nstartxref\n${offset + body.length}\n%%EOF\n`;
  return Buffer.concat([file, body, Buffer.from(table)]);
}
