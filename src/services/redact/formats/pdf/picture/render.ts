/** Pages as pictures: turned and cropped as a viewer shows them, with the way back to the page. */
import { IDENTITY, type Matrix, transform, untransform } from '../content/matrix.ts';
import { heapOf, type Pdfium, type PdfiumDocument, withMemory } from '../engine.ts';
import { type Box, boxAround } from '../page-text.ts';

/** A place in a picture, from the upper left. */
export interface PixelBox {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Rendered {
  /** Red, green, blue. */
  data: Buffer;
  width: number;
  height: number;
  /** Pixels a point. */
  scale: number;
  /** From the unit square, its origin lower left, to points of the page. */
  toPage: Matrix;
}

const MOST_PIXELS = 24_000_000;

/** Annotations are left out: they are painted in by now, or stay what they are. */
export function renderPage(document: PdfiumDocument, index: number, dpi: number): Rendered {
  return render(document, index, dpi, { pixelsOf: rgbOf, flags: 0 });
}

/** FPDF_RENDER_NO_SMOOTHTEXT: takes half the time. */
const NOT_SMOOTHED = 0x1000;

/** The same, with a byte a pixel: its green. Letters that are not smoothed are coarse, but quick. */
export function renderGrey(
  document: PdfiumDocument,
  index: number,
  dpi: number,
  { isSmooth }: { isSmooth: boolean },
): Rendered {
  return render(document, index, dpi, { pixelsOf: greenOf, flags: isSmooth ? 0 : NOT_SMOOTHED });
}

function render(
  document: PdfiumDocument,
  index: number,
  dpi: number,
  { pixelsOf, flags }: { pixelsOf: typeof rgbOf; flags: number },
): Rendered {
  const { pdfium } = document;
  return document.withOpenPage(index, (page) => {
    const [w, h] = [pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)];
    const scale = Math.min(dpi / 72, Math.sqrt(MOST_PIXELS / Math.max(w * h, 1)));
    const width = Math.max(1, Math.round(w * scale));
    const height = Math.max(1, Math.round(h * scale));
    const bitmap = pdfium.FPDFBitmap_Create(width, height, 0);
    try {
      pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
      pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags);
      const start = pdfium.FPDFBitmap_GetBuffer(bitmap);
      const stride = pdfium.FPDFBitmap_GetStride(bitmap);
      const data = pixelsOf(heapOf(pdfium), start, stride, width, height);
      return { data, width, height, scale, toPage: toPageOf(pdfium, page) };
    } finally {
      pdfium.FPDFBitmap_Destroy(bitmap);
    }
  });
}

function rgbOf(
  heap: Uint8Array,
  start: number,
  stride: number,
  width: number,
  height: number,
): Buffer {
  const data = Buffer.allocUnsafe(width * height * 3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0, from = start + y * stride; x < width; x++, from += 4) {
      data[to++] = heap[from + 2] ?? 0;
      data[to++] = heap[from + 1] ?? 0;
      data[to++] = heap[from] ?? 0;
    }
  }
  return data;
}

function greenOf(
  heap: Uint8Array,
  start: number,
  stride: number,
  width: number,
  height: number,
): Buffer {
  const data = Buffer.allocUnsafe(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, from = start + y * stride + 1; x < width; x++, from += 4) {
      data[to++] = heap[from] ?? 0;
    }
  }
  return data;
}

/** Where the shown part of the page lies, and how it is turned (ISO 32000-1, 14.11.2 and table 30). */
function toPageOf(pdfium: Pdfium, page: number): Matrix {
  const [left = 0, top = 0, right = 0, bottom = 0] = withMemory(pdfium, 16, (memory) => {
    if (!pdfium.FPDF_GetPageBoundingBox(page, memory)) return [];
    return Array.from(new Float32Array(heapOf(pdfium).buffer, memory, 4));
  });
  const [w, h] = [right - left, top - bottom];
  switch (pdfium.FPDFPage_GetRotation(page)) {
    case 0:
      return [w, 0, 0, h, left, bottom];
    case 1:
      return [0, h, -w, 0, right, bottom];
    case 2:
      return [-w, 0, 0, -h, right, top];
    case 3:
      return [0, -h, w, 0, left, top];
    default:
      return IDENTITY;
  }
}

/** Where a picture of a page lies. */
export type Frame = Omit<Rendered, 'data'>;

export function pixelsToPage({ width, height, toPage }: Frame, box: PixelBox): Box {
  const corners = [box.left, box.right].flatMap((x) =>
    [box.top, box.bottom].map((y) => transform(toPage, x / width, 1 - y / height)),
  );
  return boxAround(corners);
}

export function pageToPixels({ width, height, toPage }: Frame, box: Box): PixelBox {
  const corners = [box.left, box.right].flatMap((x) =>
    [box.bottom, box.top].map((y) => {
      const at = untransform(toPage, x, y);
      return { x: at.x * width, y: (1 - at.y) * height };
    }),
  );
  const { left, right, bottom, top } = boxAround(corners);
  return { left, right, top: bottom, bottom: top };
}

/** Every pixel of the box gets this grey. */
export function fill({ data, width, height }: Rendered, box: PixelBox, grey: number): void {
  const [left, right] = [Math.max(0, Math.floor(box.left)), Math.min(width, Math.ceil(box.right))];
  const [top, bottom] = [Math.max(0, Math.floor(box.top)), Math.min(height, Math.ceil(box.bottom))];
  for (let y = top; y < bottom; y++) {
    data.fill(grey, (y * width + left) * 3, (y * width + Math.max(left, right)) * 3);
  }
}
