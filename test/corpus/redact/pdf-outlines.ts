/** Words that are drawings: no reader of text sees them, people do. */
import { renderPdf } from './pdf-eye.ts';
import { lines, pdfFile } from './pdf-file.ts';

/** A line of text as the pixels of its letters, each run of them a rectangle of one filled shape. */
export async function outlinesOf(text: string, [left, top] = [72, 500]): Promise<string> {
  const scale = 4;
  const page = { content: lines(text), extra: '/MediaBox [70 712 330 736]' };
  const { width, height, pixels } = await renderPdf(pdfFile({ pages: [page] }), 0, scale);
  const runs: string[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const start = x;
      while (x < width && (pixels[y * width + x] ?? 255) < 128) x++;
      if (x === start) continue;
      const at = [left + start / scale, top - y / scale, (x - start) / scale, 1 / scale];
      runs.push(`${at.map((n) => n.toFixed(2)).join(' ')} re`);
    }
  }
  return `${runs.join(' ')} f`;
}
