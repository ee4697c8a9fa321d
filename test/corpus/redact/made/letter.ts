/** A letter of three pages with whatever a PDF has beside its text: what others make theirs from. */
import type { Person } from '../attack/secret.ts';
import { lines, pdfFile } from '../pdf-file.ts';

export const PAPER = '/MediaBox [0 600 420 792]';

/** A page of text, a form that it paints, a note, a bookmark, a field, tags, properties. */
export function letter({ name, mail }: Person): Buffer {
  return pdfFile({
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
  });
}
