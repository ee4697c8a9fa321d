/** What Tesseract writes is read as it was meant, also where a version of it is careless. */
import { expect, test } from 'vitest';
import { readHocr } from './hocr.ts';

const line = (inner: string, more = 'baseline 0.05 -3') =>
  `<span class='ocr_line' id='line_1_1' title="bbox 10 20 210 50; ${more}; x_size 30">${inner}</span>`;
const word = (inner: string, box = '10 20 70 50') =>
  `<span class='ocrx_word' id='word_1_1' title='bbox ${box}; x_wconf 96'>${inner}</span>`;
const letter = (text: string, box: string) =>
  `<span class='ocrx_cinfo' title='x_bboxes ${box}; x_conf 99.1'>${text}</span>`;

test('lines, words and letters have their places, and signs are decoded', () => {
  const { lines, skew, turned } = readHocr(
    line(word(letter('A', '10 20 30 50') + letter('&amp;', '32 20 70 50'))),
  );
  expect(lines).toEqual([
    [
      {
        text: 'A&',
        box: { left: 10, top: 20, right: 70, bottom: 50 },
        confidence: 96,
        letters: [
          { text: 'A', box: { left: 10, top: 20, right: 30, bottom: 50 } },
          { text: '&', box: { left: 32, top: 20, right: 70, bottom: 50 } },
        ],
      },
    ],
  ]);
  expect(skew).toBeCloseTo(-0.05, 3);
  expect(turned).toBe(0);
});

test('letters without a place have their share of the word', () => {
  const { lines } = readHocr(line(word(letter('A', '0 20 0 50') + letter('b', '0 20 0 50'))));
  expect(lines[0]?.[0]?.letters.map(({ box }) => [box.left, box.right])).toEqual([
    [10, 40],
    [40, 70],
  ]);
});

test('lines on their side are left for when the picture is turned', () => {
  expect(readHocr(line(word(letter('A', '10 20 30 50')), 'textangle 90')).lines).toEqual([]);
  expect(readHocr('').lines).toEqual([]);
  expect(readHocr('<span class=').lines).toEqual([]);
});
