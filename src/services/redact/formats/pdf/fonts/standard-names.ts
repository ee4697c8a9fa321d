/**
 * Names of letters that fonts know by number (Adobe Technical Note 5176, appendices A and B), and the
 * characters that they stand for.
 */

const ASCII =
  'space exclam quotedbl numbersign dollar percent ampersand quoteright parenleft parenright asterisk plus comma hyphen period slash zero one two three four five six seven eight nine colon semicolon less equal greater question at A B C D E F G H I J K L M N O P Q R S T U V W X Y Z bracketleft backslash bracketright asciicircum underscore quoteleft a b c d e f g h i j k l m n o p q r s t u v w x y z braceleft bar braceright asciitilde';
const UPPER =
  'exclamdown cent sterling fraction yen florin section currency quotesingle quotedblleft guillemotleft guilsinglleft guilsinglright fi fl endash dagger daggerdbl periodcentered paragraph bullet quotesinglbase quotedblbase quotedblright guillemotright ellipsis perthousand questiondown grave acute circumflex tilde macron breve dotaccent dieresis ring cedilla hungarumlaut ogonek caron emdash AE ordfeminine Lslash Oslash OE ordmasculine ae dotlessi lslash oslash oe germandbls';
const OTHERS =
  'onesuperior logicalnot mu trademark Eth onehalf plusminus Thorn onequarter divide brokenbar degree thorn threequarters twosuperior registered minus eth multiply threesuperior copyright Aacute Acircumflex Adieresis Agrave Aring Atilde Ccedilla Eacute Ecircumflex Edieresis Egrave Iacute Icircumflex Idieresis Igrave Ntilde Oacute Ocircumflex Odieresis Ograve Otilde Scaron Uacute Ucircumflex Udieresis Ugrave Yacute Ydieresis Zcaron aacute acircumflex adieresis agrave aring atilde ccedilla eacute ecircumflex edieresis egrave iacute icircumflex idieresis igrave ntilde oacute ocircumflex odieresis ograve otilde scaron uacute ucircumflex udieresis ugrave yacute ydieresis zcaron';
const CHARACTERS =
  ' !"#$%&’()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_‘abcdefghijklmnopqrstuvwxyz{|}~¡¢£⁄¥ƒ§¤\'“«‹›ﬁﬂ–†‡·¶•‚„”»…‰¿`´ˆ˜¯˘˙¨˚¸˝˛ˇ—ÆªŁØŒºæıłøœß¹¬µ™Ð½±Þ¼÷¦°þ¾²®−ð×³©ÁÂÄÀÅÃÇÉÊËÈÍÎÏÌÑÓÔÖÒÕŠÚÛÜÙÝŸŽáâäàåãçéêëèíîïìñóôöòõšúûüùýÿž';

/** By number (SID); those beyond are of expert fonts, or a font's own. */
export const STANDARD_NAMES: readonly string[] = [
  '.notdef',
  ...[ASCII, UPPER, OTHERS].flatMap((list) => list.split(' ')),
];
/** Numbers from here on are a font's own names. */
export const OWN_NAMES = 391;

/** Codes of the upper half that have a letter in the standard encoding. */
const UPPER_CODES = [
  ...[161, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174, 175, 177, 178, 179],
  ...[180, 182, 183, 184, 185, 186, 187, 188, 189, 191, 193, 194, 195, 196, 197, 198, 199, 200],
  ...[202, 203, 205, 206, 207, 208, 225, 227, 232, 233, 234, 235, 241, 245, 248, 249, 250, 251],
];

const standard = new Map<number, string>();
for (const [i, name] of ASCII.split(' ').entries()) standard.set(32 + i, name);
for (const [i, name] of UPPER.split(' ').entries()) standard.set(UPPER_CODES[i] ?? 0, name);

const names = new Map<string, string>();
for (const [i, character] of [...CHARACTERS].entries()) {
  names.set(character, STANDARD_NAMES[i + 1] ?? '');
}
// What typewriters and mathematics call otherwise.
for (const [character, name] of [
  ["'", 'quotesingle'],
  ['€', 'Euro'],
  ['\u00a0', 'space'],
  ['\u00ad', 'hyphen'],
] as const) {
  names.set(character, name);
}
const characters = new Map([...names].map(([character, name]) => [name, character] as const));

/** The name of a code in the standard encoding. */
export function standardName(code: number): string | undefined {
  return standard.get(code);
}

const windows = new TextDecoder('windows-1252');
const macintosh = new TextDecoder('macintosh');

/** What a code may stand for in the encodings that PDF knows by name. */
export function charactersOf(code: number): string[] {
  const byte = Uint8Array.of(code);
  const own = standard.get(code);
  return [
    ...new Set([windows.decode(byte), macintosh.decode(byte), (own && characters.get(own)) ?? '']),
  ].filter((character) => character !== '');
}

/** How a font may call them. */
export function namesOf(code: number): string[] {
  return charactersOf(code).flatMap((character) => names.get(character) ?? []);
}

/** The character that a name says, where it says one. */
export function characterOf(name: string): string | undefined {
  const hex = /^(?:uni([0-9A-F]{4})|u([0-9A-F]{4,6}))(?:\.|$)/.exec(name);
  const code = Number.parseInt(hex?.[1] ?? hex?.[2] ?? '', 16);
  if (code <= 0x10ffff) return String.fromCodePoint(code);
  return characters.get(name.replace(/\..*$/, ''));
}
