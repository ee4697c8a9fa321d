/** Looks at PDFs for the tests: the text of their pages, and what they look like. */
import { createHash } from 'node:crypto';
import { heapOf, PdfiumDocument } from '../../../src/services/redact/formats/pdf/engine.ts';
import {
  placeCharacters,
  readPageText,
} from '../../../src/services/redact/formats/pdf/page-text.ts';

export async function readPdf(bytes: Uint8Array): Promise<string[]> {
  const document = await PdfiumDocument.open(bytes);
  try {
    return Array.from(
      { length: document.pageCount },
      (_, page) => readPageText(document, page).text,
    );
  } finally {
    document.close();
  }
}

/** Where the first character of each occurrence of a word stands, in points. */
export async function placesOf(
  bytes: Uint8Array,
  word: string,
): Promise<{ x: number; y: number }[]> {
  const document = await PdfiumDocument.open(bytes);
  try {
    const page = readPageText(document, 0);
    const stretches = [...page.text.matchAll(new RegExp(word, 'g'))].map(({ index }) => ({
      start: index,
      end: index + 1,
    }));
    const places = placeCharacters(document, 0, page, stretches);
    return places.flatMap(([place]) => (place ? [place.origin] : []));
  } finally {
    document.close();
  }
}

export interface Picture {
  width: number;
  height: number;
  pixels: Uint8Array;
  digest: string;
  /** Pixels (points from the upper left) that differ. */
  differences(other: Picture, least?: number): { x: number; y: number }[];
}

/** A page in grey, `scale` pixels a point. */
export async function renderPdf(
  bytes: Uint8Array,
  page = 0,
  scale = 1,
  withAnnotations = false,
): Promise<Picture> {
  const document = await PdfiumDocument.open(bytes);
  try {
    return document.withPage(page, (pointer) => picture(document, pointer, scale, withAnnotations));
  } finally {
    document.close();
  }
}

function picture(
  { pdfium }: PdfiumDocument,
  page: number,
  scale: number,
  withAnnotations: boolean,
): Picture {
  const width = Math.round(pdfium.FPDF_GetPageWidthF(page) * scale);
  const height = Math.round(pdfium.FPDF_GetPageHeightF(page) * scale);
  const bitmap = pdfium.FPDFBitmap_Create(width, height, 0);
  pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
  pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, withAnnotations ? 1 : 0);
  const [stride, start] = [
    pdfium.FPDFBitmap_GetStride(bitmap),
    pdfium.FPDFBitmap_GetBuffer(bitmap),
  ];
  const heap = heapOf(pdfium);
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      pixels[y * width + x] = heap[start + y * stride + x * 4 + 1] ?? 0;
  }
  pdfium.FPDFBitmap_Destroy(bitmap);
  const digest = createHash('sha256').update(pixels).digest('hex');
  return {
    ...{ width, height, pixels, digest },
    differences(other, least = 1) {
      const found: { x: number; y: number }[] = [];
      for (let i = 0; i < pixels.length; i++) {
        const difference = Math.abs((pixels[i] ?? 0) - (other.pixels[i] ?? 0));
        if (difference >= least) found.push({ x: i % width, y: Math.floor(i / width) });
      }
      return found;
    },
  };
}
