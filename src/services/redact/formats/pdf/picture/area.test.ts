/** Reading a page takes a second: only what may be words beside the text is read. */
import { expect, test } from 'vitest';
import { lines, pdfFile } from '../../../../../../test/corpus/redact/pdf-file.ts';
import { redactDocument } from '../../../redact.ts';
import { PdfiumDocument } from '../engine.ts';
import { readPageText } from '../page-text.ts';
import { fontClaims } from '../streams.ts';
import { areaToRead } from './area.ts';
import { FontTrust } from './font-trust.ts';

async function areaOf(file: Uint8Array) {
  const document = await PdfiumDocument.open(file);
  try {
    const text = readPageText(document, 0);
    const trust = new FontTrust(document, fontClaims(file), [text]);
    return areaToRead(document, 0, text, { hasPatterns: false, trust });
  } finally {
    document.close();
  }
}

test('a page full of covers is not read as a picture, one with drawn letters is', async () => {
  const mails = Array.from({ length: 40 }, (_, i) => `Mail ${i} goes to jane${i}@example.org now`);
  const { bytes } = await redactDocument(pdfFile({ pages: [lines(...mails)] }), 'a.pdf');
  expect(await areaOf(bytes)).toBeNull();
  const letter = (x: number) =>
    `${x} 500 m ${x + 8} 500 l ${x + 8} 503 l ${x + 3} 503 l ${x + 3} 512 l ${x} 512 l h f`;
  const drawn = Array.from({ length: 12 }, (_, i) => letter(72 + i * 10)).join('\n');
  expect(await areaOf(pdfFile({ pages: [`${lines('Text')}\n${drawn}`] }))).not.toBeNull();
});
