/** Reads hOCR as Tesseract writes it with a box a letter: lines, words, letters, and their slope. */
import type { ReadLetter, ReadWord, Recognised, Rectangle } from './reader.ts';

const SPAN =
  /<span class=['"](ocr_line|ocr_header|ocr_caption|ocr_textfloat|ocrx_word|ocrx_cinfo)['"]([^>]{0,1000})>([^<]{0,200})/g;

interface Sloped {
  width: number;
  /** Down per pixel to the right. */
  slope: number;
}

export function readHocr(source: string): Recognised {
  const lines: ReadWord[][] = [];
  const slopes: Sloped[] = [];
  let isTurned = false;
  for (const [, kind = '', attributes = '', text = ''] of source.matchAll(SPAN)) {
    const box = boxIn(attributes);
    if (!box) continue;
    // Lines on their side are read better once the picture is turned.
    const isLine = kind !== 'ocrx_cinfo' && kind !== 'ocrx_word';
    if (isLine) isTurned = /textangle (?!0\b)/.test(attributes);
    if (isTurned) continue;
    const word = lines.at(-1)?.at(-1);
    if (kind === 'ocrx_cinfo') {
      const letter: ReadLetter = { text: decoded(text), box };
      if (!word || letter.text === '') continue;
      word.letters.push(letter);
      word.text += letter.text;
    } else if (kind === 'ocrx_word') {
      const confidence = Number(/x_wconf (\d{1,3})/.exec(attributes)?.[1] ?? 0);
      lines.at(-1)?.push({ text: '', box, letters: [], confidence });
    } else {
      lines.push([]);
      const slope = Number(/baseline (-?[\d.]{1,20})/.exec(attributes)?.[1] ?? 0);
      slopes.push({ width: box.right - box.left, slope });
    }
  }
  const read = lines.map((words) =>
    words.filter(({ letters }) => letters.length > 0).map(withinItself),
  );
  return { lines: read.filter((words) => words.length > 0), turned: 0, skew: skewOf(slopes) };
}

/** Some versions lose the places of letters: then each has its share of the word. */
function withinItself(word: ReadWord): ReadWord {
  const { box, letters } = word;
  const isLost = letters.some(
    (letter) =>
      letter.box.right <= letter.box.left ||
      letter.box.left < box.left - SLACK ||
      letter.box.right > box.right + SLACK,
  );
  if (!isLost) return word;
  const share = (box.right - box.left) / letters.length;
  const placed = letters.map(({ text }, i) => ({
    text,
    box: { ...box, left: box.left + i * share, right: box.left + (i + 1) * share },
  }));
  return { ...word, letters: placed };
}

/** Pixels by which a letter may stand out of its word. */
const SLACK = 12;

/** That of the middle line, long lines counting more. */
function skewOf(slopes: readonly Sloped[]): number {
  const sorted = slopes.toSorted((a, b) => a.slope - b.slope);
  const half = sorted.reduce((sum, { width }) => sum + width, 0) / 2;
  let passed = 0;
  for (const { width, slope } of sorted) {
    passed += width;
    if (passed >= half) return -Math.atan(slope);
  }
  return 0;
}

function boxIn(attributes: string): Rectangle | null {
  const found = /bbox(?:es)? (\d{1,6}) (\d{1,6}) (\d{1,6}) (\d{1,6})/.exec(attributes);
  if (!found) return null;
  const [left = 0, top = 0, right = 0, bottom = 0] = found.slice(1).map(Number);
  return { left, top, right, bottom };
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", apos: "'" },
};

function decoded(text: string): string {
  return text.trim().replace(/&(#?\w{1,6});/g, (whole, name) => ENTITIES[name] ?? whole);
}
