/** Widths of the 14 fonts that a PDF may use without saying how wide they are (ISO 32000-1, 9.6.2.2). */
import { PDFDict, PDFName, StandardFontEmbedder, StandardFonts } from '@cantoo/pdf-lib';

type FontName = Parameters<typeof StandardFontEmbedder.for>[0];

/** Millimes of an em by code, or null where the font is none of them or is encoded in its own way. */
export function standardWidths(dict: PDFDict): ((code: number) => number) | null {
  const base = dict.lookup(PDFName.of('BaseFont'));
  const name = base instanceof PDFName ? standardName(base.decodeText()) : null;
  const encoding = dict.lookup(PDFName.of('Encoding'));
  if (!name || encoding instanceof PDFDict) return null;
  const isWinAnsi = encoding instanceof PDFName && encoding.decodeText() === 'WinAnsiEncoding';
  const font = StandardFontEmbedder.for(name as unknown as FontName);
  const known = new Map<number, number>();
  return (code) => {
    let width = known.get(code);
    if (width === undefined) {
      width = font.widthOfTextAtSize(characterOf(code, isWinAnsi), 1000);
      known.set(code, width);
    }
    return width;
  };
}

function standardName(baseFont: string): StandardFonts | null {
  const plain = baseFont
    .replace(/^[A-Z]{6}\+/, '')
    .replace(/[ ,-]|PS|MT/g, '')
    .toLowerCase();
  const isBold = plain.includes('bold');
  const isSlanted = /italic|oblique/.test(plain);
  const pick = (
    regular: StandardFonts,
    bold: StandardFonts,
    slanted: StandardFonts,
    both: StandardFonts,
  ) => (isBold ? (isSlanted ? both : bold) : isSlanted ? slanted : regular);
  if (/^(?:helvetica|arial)(?:bold)?(?:italic|oblique)?$/.test(plain)) {
    return pick(
      StandardFonts.Helvetica,
      StandardFonts.HelveticaBold,
      StandardFonts.HelveticaOblique,
      StandardFonts.HelveticaBoldOblique,
    );
  }
  if (/^times(?:newroman|roman)?(?:bold)?(?:italic)?$/.test(plain)) {
    return pick(
      StandardFonts.TimesRoman,
      StandardFonts.TimesRomanBold,
      StandardFonts.TimesRomanItalic,
      StandardFonts.TimesRomanBoldItalic,
    );
  }
  if (/^courier(?:new)?(?:bold)?(?:italic|oblique)?$/.test(plain)) {
    return pick(
      StandardFonts.Courier,
      StandardFonts.CourierBold,
      StandardFonts.CourierOblique,
      StandardFonts.CourierBoldOblique,
    );
  }
  return null;
}

const decoder = new TextDecoder('windows-1252');

function characterOf(code: number, isWinAnsi: boolean): string {
  // In the standard encoding the two quotes of ASCII are curly.
  if (!isWinAnsi && code === 0x27) return '’';
  if (!isWinAnsi && code === 0x60) return '‘';
  if (code < 32 || (code >= 127 && code <= 160)) return ' ';
  return decoder.decode(Uint8Array.of(code));
}
