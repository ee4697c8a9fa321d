/** Pictures for hand-written PDFs: rows of characters, where anything but a space is black. */
import type { PdfObject } from './pdf-file.ts';

export function pictureOf(rows: readonly string[], pixelsEach: number): PdfObject {
  const columns = Math.max(...rows.map((row) => row.length));
  const [width, height] = [columns * pixelsEach, rows.length * pixelsEach];
  const stream = Buffer.alloc(width * height, 255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const character = rows[Math.floor(y / pixelsEach)]?.[Math.floor(x / pixelsEach)] ?? ' ';
      if (character !== ' ') stream[y * width + x] = 0;
    }
  }
  const source = `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceGray /BitsPerComponent 8 >>`;
  return { source, stream };
}
