/**
 * Text that is in a page and cannot be seen on it. The page is painted with and without each text:
 * letters that make no difference where they would put ink are hidden, whatever hides them (a box,
 * a hatching, a picture, a note, other text, the colour of the ground). Why is found out afterwards.
 */
import type { PdfiumDocument } from '../formats/pdf/engine.ts';
import { type Box, union } from '../formats/pdf/page-text.ts';
import { type Character, charactersOf, groupsOf, overlap, pixelMap } from './characters.ts';
import { type Cover, coverOf, coversOf, picturesUnderBoxes } from './covers.ts';
import { type Ink, inkIn, isPlain, showsMarks, type ToPixels, toneOf } from './ink.ts';
import {
  fillOf,
  type Objects,
  objectsOf,
  type PageObject,
  type Render,
  render,
  without,
} from './page-objects.ts';

export const REASONS = {
  covered: 'covered by something painted over it',
  colour: 'in the colour of its ground',
  invisible: 'painted invisibly',
  outside: 'outside of what the page shows',
  tiny: 'too small to be seen',
  layer: 'in a layer that is not shown',
  unapplied: 'marked for redaction, and never redacted',
  picture: 'a part of a picture, under something painted over it',
  revision: 'in an earlier revision that the file still holds',
} as const;
export type Reason = keyof typeof REASONS;

export interface HiddenText {
  reason: Reason;
  text: string;
  /** In points of the page. */
  box: Box;
  /** Which of the things painted later lies over it; -1 where none does. */
  cover: number;
  /** Painted on something of its own colour, as labels on black boxes are. */
  isOnTop: boolean;
}

/** Pixels a point: letters of six points have some twenty pixels of ink. */
const SCALE = 2;
const MOST_PIXELS = 16_000_000;
/** Letters that lie on each other are told apart in so many steps. */
const MOST_GROUPS = 6;
/** Of a letter's ink: less is the margin of what covers it. */
const SHOWN_SHARE = 0.12;
/** Points: smaller letters are dots. */
const TINY = 1.3;
/** FPDF_TEXTRENDERMODE: painted by filling; not painted; not painted but used to clip. */
const FILLED = 0;
const NOT_PAINTED = [3, 7];

export interface Page {
  document: PdfiumDocument;
  page: number;
  characters: Character[];
  objects: Objects;
  covers: Cover[];
  area: ToPixels;
  size: { width: number; height: number };
  whole: Render;
}

export interface SeenPage {
  hidden: HiddenText[];
  isWhole: boolean;
}

export function hiddenTextOf(document: PdfiumDocument, page: number): SeenPage {
  const { pdfium } = document;
  const [w, h] = [pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)];
  const scale = Math.min(SCALE, Math.sqrt(MOST_PIXELS / Math.max(1, w * h)));
  const size = {
    width: Math.max(1, Math.round(w * scale)),
    height: Math.max(1, Math.round(h * scale)),
  };
  const objects = objectsOf(document, page);
  const seen: Page = {
    ...{ document, page, objects, size, area: pixelMap(document, page, size) },
    characters: charactersOf(document, page),
    covers: coversOf(document, page, objects),
    whole: render(document, page, size, true),
  };
  // Pictures first: asking for the ink of the letters changes the page.
  const pictures = picturesUnderBoxes(seen);
  const hasText = seen.characters.some(({ object }) => object !== 0);
  const reasons = hasText ? withoutDoubles(seen, reasonsOf(seen)) : [];
  return { hidden: [...stretchesOf(seen, reasons), ...pictures], isWhole: objects.isWhole };
}

type Finding = Pick<HiddenText, 'reason' | 'cover' | 'isOnTop'> | null;

/** Why each character cannot be seen; null for those that can. */
function reasonsOf(seen: Page): Finding[] {
  const { document, page, characters, objects, size, whole } = seen;
  const groups = groupsOf(characters, MOST_GROUPS);
  const count = Math.max(-1, ...groups.values()) + 1;
  const texts = objects.all.filter(({ kind }) => kind === 'text');
  // PDFium drops letters that lie exactly on others: their object goes with every group.
  const others = texts.filter(({ pointer }) => !groups.has(pointer));
  const inGroup = (group: number) => texts.filter(({ pointer }) => groups.get(pointer) === group);
  const missing = Array.from({ length: count }, (_, group) =>
    without(document, [...inGroup(group), ...others], () => render(document, page, size, true)),
  );
  const traits = new Map(texts.map((object) => [object.pointer, traitsOf(document, object)]));
  const alone = aloneOf(seen, count, inGroup);
  return characters.map((character) => {
    const group = groups.get(character.object);
    if (group === undefined || character.text.trim() === '') return null;
    const [without, itself] = [missing[group], alone[group]];
    if (!without || !itself) return null;
    const place = seen.area(character.box);
    const ink = inkIn(place, itself, whole, without);
    const own = traits.get(character.object);
    if (!own) return null;
    const cover = coverOf(seen.covers, own.order, character.box);
    const reason = reasonFor(seen, character, ink, own, cover >= 0);
    return reason && { reason, cover, isOnTop: cover < 0 && reason === 'colour' };
  });
}

interface Traits {
  order: number;
  mode: number;
  fill: [number, number, number, number] | null;
  isInLayer: boolean;
}

function traitsOf({ pdfium }: PdfiumDocument, { pointer, order }: PageObject): Traits {
  const marks = Math.min(32, Math.max(0, pdfium.FPDFPageObj_CountMarks(pointer)));
  return {
    order,
    mode: pdfium.FPDFTextObj_GetTextRenderMode(pointer),
    fill: fillOf(pdfium, pointer),
    isInLayer: Array.from({ length: marks }, (_, i) => markName(pdfium, pointer, i)).includes('OC'),
  };
}

function markName(pdfium: PdfiumDocument['pdfium'], pointer: number, index: number): string {
  const mark = pdfium.FPDFPageObj_GetMark(pointer, index);
  const memory = pdfium.pdfium.wasmExports.malloc(72);
  try {
    return pdfium.FPDFPageObjMark_GetName(mark, memory, 64, memory + 64)
      ? pdfium.pdfium.UTF16ToString(memory)
      : '';
  } finally {
    pdfium.pdfium.wasmExports.free(memory);
  }
}

/** Each group's letters in black on white, whatever their colour and mode. Changes the page. */
function aloneOf(
  { document, page, objects, size }: Page,
  count: number,
  inGroup: (group: number) => PageObject[],
): Render[] {
  const { pdfium } = document;
  const texts = objects.all.filter(({ kind }) => kind === 'text');
  for (const { pointer } of texts) {
    pdfium.FPDFPageObj_SetFillColor(pointer, 0, 0, 0, 255);
    if (pdfium.FPDFTextObj_GetTextRenderMode(pointer) !== FILLED)
      pdfium.FPDFTextObj_SetTextRenderMode(pointer, FILLED);
  }
  return Array.from({ length: count }, (_, group) => {
    const own = new Set(inGroup(group));
    const rest = objects.all.filter((object) => !own.has(object));
    return without(document, rest, () => render(document, page, size, false));
  });
}

function reasonFor(
  { area, whole, size, objects }: Page,
  { box, size: points }: Character,
  { expected, shown }: Ink,
  traits: Traits,
  isCovered: boolean,
): Reason | null {
  const place = area(box);
  const middle = [(place.left + place.right) / 2, (place.top + place.bottom) / 2] as const;
  const isOutside =
    middle[0] < 0 || middle[1] < 0 || middle[0] > size.width || middle[1] > size.height;
  if (isOutside) return 'outside';
  if (points > 0 && points < TINY) return 'tiny';
  if (expected < 3) return traits.isInLayer && expected === 0 ? 'layer' : null;
  if (shown / expected >= SHOWN_SHARE) return null;
  const tone = toneOf(place, whole);
  // A scan with its text laid under or over it: what is hidden can be read in the picture.
  const isInPicture = objects.all.some(
    (object) => object.kind === 'image' && (object.box === null || overlap(object.box, box) > 0.5),
  );
  if (isInPicture && showsMarks(tone)) return null;
  if (NOT_PAINTED.includes(traits.mode)) return 'invisible';
  const [r = 0, g = 0, b = 0, opacity = 255] = traits.fill ?? [];
  if (opacity < 12) return 'invisible';
  if (isCovered) return 'covered';
  const grey = (r + 2 * g + b) / 4;
  const isLikeGround = isPlain(tone) && Math.abs(grey - tone.lightest) < 32;
  return isLikeGround ? 'colour' : 'covered';
}

/** A letter that is painted twice, for boldness or a shadow, hides itself and nothing else. */
function withoutDoubles({ characters }: Page, reasons: readonly Finding[]): Finding[] {
  const shown = new Map<string, Character[]>();
  for (const [i, character] of characters.entries()) {
    if (reasons[i] !== null || character.text.trim() === '') continue;
    const same = shown.get(character.text);
    if (same) same.push(character);
    else shown.set(character.text, [character]);
  }
  return reasons.map((reason, i) => {
    const character = characters[i];
    if (!reason || !character) return null;
    const twins = shown.get(character.text) ?? [];
    return twins.some((twin) => overlap(twin.box, character.box) > 0.5) ? null : reason;
  });
}

/** Hidden characters that follow one another on a line, with the spaces between them. */
function stretchesOf({ characters }: Page, reasons: readonly Finding[]): HiddenText[] {
  const stretches: HiddenText[] = [];
  let open: HiddenText | undefined;
  for (const [i, character] of characters.entries()) {
    const reason = reasons[i];
    if (character.text.trim() === '') {
      if (/[\r\n]/.test(character.text)) open = undefined;
      else if (open) open.text += ' ';
    } else if (!reason) open = undefined;
    else if (open && open.cover === reason.cover && isOnLine(open, character)) {
      open.text += character.text;
      open.box = union(open.box, character.loose);
    } else {
      open = { ...reason, text: character.text, box: { ...character.loose } };
      stretches.push(open);
    }
  }
  return stretches.filter(isTelling).map((stretch) => ({ ...stretch, text: stretch.text.trim() }));
}

function isOnLine({ box }: HiddenText, { loose }: Character): boolean {
  const height = Math.min(box.top - box.bottom, loose.top - loose.bottom);
  const shared = Math.min(box.top, loose.top) - Math.max(box.bottom, loose.bottom);
  return shared > height * 0.4;
}

/** One letter is what the edge of a box took with it; specks of a scan are read as two. */
function isTelling({ text, reason }: HiddenText): boolean {
  const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  return letters >= (reason === 'invisible' ? 3 : 2);
}

/** What redaction programs write on their boxes, whatever the colour. */
const LABELS =
  /^(?:redact(?:ed|ion)?|privileged?|confidential|sealed|under seal|withheld|removed|exempt(?:ion)?|non-?responsive|attorney[- ]client|work product|pii|phi|\(?b\)?\s?\(\d\)(?:\s?\([a-z]\))*)\b/i;
/** A label stands on many boxes, in a size that fits each; a word of the text does not. */
const LABEL_TIMES = 3;
const LABEL_SIZES = 1.2;

/** The places of a document without labels in the colour of the box that they stand on. */
export function withoutLabels<T extends HiddenText>(places: readonly T[]): T[] {
  const heights = new Map<string, number[]>();
  for (const { text, box } of places) {
    for (const word of new Set(text.split(' ').map(stemOf))) {
      heights.set(word, [...(heights.get(word) ?? []), box.top - box.bottom]);
    }
  }
  return places.filter(({ text, isOnTop }) => {
    if (!isOnTop) return true;
    if (LABELS.test(text)) return false;
    return !text.split(' ').every((word) => {
      const sizes = heights.get(stemOf(word)) ?? [];
      const isRepeated = sizes.length >= LABEL_TIMES;
      return isRepeated && Math.max(...sizes) > Math.min(...sizes) * LABEL_SIZES;
    });
  });
}

/** The last letter of a label may stand out from its box. */
function stemOf(word: string): string {
  return word.slice(0, 6);
}
