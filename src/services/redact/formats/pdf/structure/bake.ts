/** Moves the matrices of forms into their content: PDFium would apply them twice when it writes. */
import { type PDFContext, PDFName, PDFRawStream } from '@cantoo/pdf-lib';
import { type Matrix, transform } from '../content/matrix.ts';
import { boxAround } from '../page-text.ts';
import { contentsOf } from './flate.ts';
import { loadDocument, nameOf, numbersOf, saveDocument } from './library.ts';

export async function bakeForms(bytes: Uint8Array): Promise<Uint8Array> {
  const document = await loadDocument(bytes);
  for (const [, object] of document.context.enumerateIndirectObjects()) {
    if (object instanceof PDFRawStream && nameOf(object.dict, 'Subtype') === 'Form') {
      bakeMatrix(document.context, object);
    }
  }
  return saveDocument(document);
}

function bakeMatrix(context: PDFContext, form: PDFRawStream): void {
  const matrix = numbersOf(form.dict, 'Matrix', 6) as Matrix | null;
  const box = numbersOf(form.dict, 'BBox', 4);
  if (!matrix || !box || matrix.join() === '1,0,0,1,0,0') return;
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = box;
  const content = contentsOf(form);
  const head = `q ${matrix.join(' ')} cm ${x1} ${y1} ${x2 - x1} ${y2 - y1} re W n\n`;
  const corners = [x1, x2].flatMap((x) => [y1, y2].map((y) => transform(matrix, x, y)));
  const { left, bottom, right, top } = boxAround(corners);
  const baked = Buffer.concat([Buffer.from(head), content, Buffer.from('\nQ')]);
  for (const key of ['Filter', 'DecodeParms', 'Matrix']) form.dict.delete(PDFName.of(key));
  form.dict.set(PDFName.of('BBox'), context.obj([left, bottom, right, top]));
  (form as { contents: Uint8Array }).contents = baked;
}
