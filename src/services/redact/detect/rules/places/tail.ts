/**
 * What follows the street in an address: part of the building, town, state, code, country; in one
 * line with commas, or line by line, however the lines are quoted. A town by itself is any capitalised
 * word, so it only counts where something surer follows or the sentence ends with it.
 */
import { CAPITAL_WORD, countryEnd, UNITS } from './vocabulary.ts';

export const STATES =
  '(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]|AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT|NSW|VIC|QLD|TAS|ACT)';
export const STATE_NAMES =
  '(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New (?:Hampshire|Jersey|Mexico|York)|North (?:Carolina|Dakota)|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South (?:Carolina|Dakota)|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming|Ontario|Quebec|Alberta|Manitoba|Saskatchewan|British Columbia|Nova Scotia|New South Wales|Queensland|Tasmania)';
export const ZIP = '\\d{5}(?:-\\d{4})?';
export const POSTCODE_UK = '[A-Z]{1,2}\\d[A-Z\\d]?[ ]?\\d[ABD-HJLNP-UW-Z]{2}';
export const POSTCODE_CA = '[ABCEGHJ-NPRSTVXY]\\d[A-Z][ ]?\\d[A-Z]\\d';
/** Eircode: a routing key and four signs. */
const POSTCODE_IE = '[AC-FHKNPRTV-Y]\\d[\\dW][ ]?[\\dAC-FHKNPRTV-Y]{4}';
/** Digits with a country's letters before or a region's behind: D-10115, 1012 AB, 114 55, 00-950. */
const CODE = `(?:(?:[A-Z]{1,2}-)?(?:\\d{4}[ ]?[A-Z]{2}\\b|\\d{3}[ ]\\d{2}|\\d{2}-\\d{3}|\\d{4}-\\d{3}|\\d{5}-\\d{3,4}|\\d{4,6})|${POSTCODE_UK}|${POSTCODE_CA}|${POSTCODE_IE})(?![\\p{L}\\d-]|[ .]\\d)`;

const TOWN_WORD = `${CAPITAL_WORD}(?![\\p{L}\\d])`;
const SMALL =
  "(?:(?:de|del|della|di|da|do|dos|la|le|les|el|sur|sous|en|lez|am|an der|im|ob|nad|pod|u|upon|on|of|the|the|d['’]|l['’])[ ]?){1,2}";
const TOWN = `${TOWN_WORD}(?:[ ](?:${SMALL})?${TOWN_WORD}){0,3}`;

const sticky = (source: string, flags = 'uy') => new RegExp(source, flags);
/** A comma, a line end with marks of quoting behind it, or both. */
const COMMA = sticky(
  '[ ]{0,2}(?:,[ ]{0,2}(?:\\n[^\\p{L}\\p{N}\\n]{0,6})?|\\n{1,2}[^\\p{L}\\p{N}\\n]{0,6}|[ ][-–|·/][ ])',
);
const SPACE = sticky('[ ]');
const UNIT = sticky(
  `(?:(?:${UNITS}|#|m(?=\\.[ ]?\\d))\\.?[ ]?(?:no\\.?[ ])?(?:\\d{1,5}[A-Z]?|[A-Z]\\d{0,4})|[A-Z][ ]\\d{1,3}(?=[ ]?[,\\n]))(?![\\p{L}\\d])`,
  'iuy',
);
/** Behind the number of the house in Austria: `88a/2/14`. */
const STAIR_AND_DOOR = sticky('(?:/\\d{1,3}[A-Za-z]?){1,3}(?![\\p{L}\\d/])');
const FLOOR = sticky(
  '\\d{1,3}(?:st|nd|rd|th|\\.|º|ª|er|ème|e)?[ ](?:floor|og|stock|étage|piano|piso|sal|izq(?:d?a)?|izda|dch[ao]|centro)(?![\\p{L}])(?:\\.(?=[ ]?,))?',
  'iuy',
);
const STATE_ZIP = sticky(
  `(?:${STATES}|${STATE_NAMES})(?![\\p{L}])(?:[ ,]{1,2}(?:${ZIP}|${POSTCODE_CA}|\\d{4})(?![\\d-])|(?=[ ]?(?:[.,;:!?)\\n"”]|$)))`,
);
const CODE_TOWN = sticky(`(?:${CODE}(?:[ ]{1,2}${TOWN})?|\\d{3}[ ]${TOWN})`);
const CODE_ONLY = sticky(CODE);
const FIRST_TOWN_WORD = sticky(TOWN_WORD);
const NEXT_TOWN_WORD = sticky(`[ ](?:${SMALL})?${TOWN_WORD}`);
const DISTRICT = sticky('[ ]\\d{1,2}(?![\\d\\p{L}])');
const SMALL_TOWN = sticky(
  "[\\p{L}.'’-]{2,24}(?:[ ][\\p{L}.'’-]{2,24}){0,3}?(?=[ ,]{1,2}\\p{L}|\\n)",
);
const SENTENCE_END = sticky('[ ]?(?:[.,;:!?)\\n"”]|$)');

/** What no name of a town in small letters is made of. */
export const STOP_WORD =
  /(?<!\p{L})(?:in|of|the|to|for|and|or|is|was|were|with|from|by|on|at|a|an|per|this|that|than|we|it|as|are|have|has|will|via|not|no|be|been|our|your|their|his|her)(?!\p{L})/iu;
const YEAR = /^(?:19|20)\d\d$/;
const MOST_PIECES = 7;

export interface Tail {
  end: number;
  /** A code, state, country or part of a building is in it. */
  isSure: boolean;
  /** A country or state, and a code. */
  isWhole: boolean;
}

/** How far an address whose street ends here goes on. */
export function tailOf(text: string, from: number): Tail {
  const house = Math.max(from, endOf(STAIR_AND_DOOR, text, from));
  let [end, at, isSure, hasCode, hasRegion] = [house, house, false, false, false];
  for (let count = 0; count < MOST_PIECES; count++) {
    const comma = endOf(COMMA, text, at);
    const next = comma > 0 ? comma : endOf(SPACE, text, at);
    if (next < 0) break;
    const piece = pieceAt(text, next);
    if (!piece) break;
    at = piece.end;
    if (piece.isSure) {
      [end, isSure] = [at, true];
      hasCode ||= piece.hasCode;
      hasRegion ||= piece.hasRegion;
    } else if (
      comma > 0 &&
      !text.slice(end, comma).includes('\n') &&
      endOf(SENTENCE_END, text, at) > 0
    ) {
      end = at;
    }
  }
  return { end, isSure, isWhole: hasCode && hasRegion };
}

interface Piece {
  end: number;
  isSure: boolean;
  hasCode: boolean;
  hasRegion: boolean;
}

function pieceAt(text: string, at: number): Piece | null {
  const piece = (end: number, isSure: boolean, hasCode = false, hasRegion = false): Piece => ({
    ...{ end, isSure, hasCode, hasRegion },
  });
  const unit = Math.max(endOf(UNIT, text, at), endOf(FLOOR, text, at));
  if (unit > 0) return piece(unit, true);
  const country = countryEnd(text, at);
  if (country > 0) {
    const code = text[country] === ' ' ? endOf(CODE_ONLY, text, country + 1) : -1;
    const isCode = code > 0 && !YEAR.test(text.slice(country + 1, code));
    return piece(isCode ? code : country, true, isCode, true);
  }
  const state = endOf(STATE_ZIP, text, at);
  if (state > 0) return piece(state, true, /\d/.test(text.slice(at, state)), true);
  const code = endOf(CODE_TOWN, text, at);
  if (code > 0 && !YEAR.test(text.slice(at, code))) return piece(code, true, true);
  const town = townEnd(text, at);
  if (town > 0) return piece(town, false);
  const small = endOf(SMALL_TOWN, text, at);
  if (small < 0 || STOP_WORD.test(text.slice(at, small))) return null;
  const behind = Math.max(endOf(COMMA, text, small), small + 1);
  return countryEnd(text, behind) > 0 ? piece(small, false) : null;
}

/** Word by word, so that the state or country behind a town is not taken for its name. */
function townEnd(text: string, from: number): number {
  let end = endOf(FIRST_TOWN_WORD, text, from);
  for (let count = 0; end > 0 && count < 4; count++) {
    const next = endOf(NEXT_TOWN_WORD, text, end);
    if (next < 0 || countryEnd(text, end + 1) > 0 || endOf(STATE_ZIP, text, end + 1) > 0) break;
    end = next;
  }
  return end > 0 ? Math.max(end, endOf(DISTRICT, text, end)) : end;
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
