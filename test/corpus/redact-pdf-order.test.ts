/** However letters get to their places, it is the places that are read. */
import { expect, test } from 'vitest';
import { redactDocument } from '../../src/services/redact/redact.ts';
import { readPdf } from './redact/pdf-eye.ts';
import { pdfFile } from './redact/pdf-file.ts';

const NAME = 'Bartholomew Featherstonehaugh';

/** Letter by letter, in this order; every letter of Courier is 0.6 em wide. */
function lettersOf(line: string, order: (indexes: number[]) => number[]): string {
  const moves = order([...line].map((_, i) => i));
  let pen = 0;
  const shown = moves.map((i) => {
    const move = `${Math.round((pen - i) * 600)} (${line[i]})`;
    pen = i + 1;
    return move;
  });
  return `BT /F2 12 Tf 72 700 Td [${shown.join(' ')}] TJ ET`;
}

const LINE = `before ${NAME} after`;
test.each<[string, string]>([
  ['letters from the end of the line, in one string', lettersOf(LINE, (all) => all.reverse())],
  [
    'words from the end of the line, in one string',
    'BT /F2 12 Tf 1 0 0 1 352.8 700 Tm [(after)28200(Bartholomew Featherstonehaugh)21600(before)]TJ ET',
  ],
  ['letters far apart', `BT /F2 12 Tf 3 Tc 72 700 Td (${LINE}) Tj ET`],
  [
    'letters on two baselines',
    `BT /F2 12 Tf ${[...LINE].map((letter, i) => `1 0 0 1 ${(72 + i * 7.2).toFixed(1)} ${700 + (i % 2)} Tm (${letter}) Tj`).join(' ')} ET`,
  ],
])('%s', async (_, content) => {
  const file = pdfFile({ pages: [content] });
  const options = { terms: [NAME], entities: ['iban'] };
  const { bytes, certificate } = await redactDocument(file, 'a.pdf', options);
  const [text = ''] = await readPdf(Buffer.from(bytes));
  const left = [...text.replace(/\s/g, '')].sort().join('');
  expect(left).toBe([...'beforeafter'].sort().join(''));
  expect(certificate.checks.join()).not.toContain('as pictures');
  expect(certificate.removed).toEqual({ term: 1 });
});
