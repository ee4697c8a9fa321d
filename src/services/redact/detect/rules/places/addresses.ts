/** Postal addresses by their form: a number and a street, a code and a town. */
import type { Rule } from '../rule.ts';

const WORD = "\\p{Lu}[\\p{L}'’.-]{0,25}";
const STREET_EN =
  '(?:Street|St|Avenue|Ave|Av|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Trail|Trl|Way|Close|Crescent|Cres|Gardens|Grove|Mews|Row|Walk|Alley|Plaza|Loop|Run|Route)';
const STATES =
  '(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])';
const STATE_NAMES =
  '(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New (?:Hampshire|Jersey|Mexico|York)|North (?:Carolina|Dakota)|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South (?:Carolina|Dakota)|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming)';
const ZIP = '\\d{5}(?:-\\d{4})?';
const UNIT =
  '(?:(?:,|\\n)?[ ]?(?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|Room|Rm|#)\\.?[ ]?[A-Z0-9-]{1,6})?';
const TOWN_US = `(?:(?:,|\\n|,\\n)[ ]?${WORD}(?:[ ]${WORD}){0,3},?[ ](?:${STATES}|${STATE_NAMES})(?:[ ,]{1,2}${ZIP})?)?`;
const POSTCODE_UK = '[A-Z]{1,2}\\d[A-Z\\d]?[ ]?\\d[ABD-HJLNP-UW-Z]{2}';

export const PLACES: readonly Rule[] = [
  {
    type: 'address',
    title: 'Street address as in English-speaking countries, with what follows of it',
    source: 'USPS Publication 28',
    pattern: new RegExp(
      `(?<![\\p{L}\\p{N}.,-])\\d{1,6}[A-Za-z]?[ ](?:[NSEW]\\.?[EW]?\\.?[ ])?${WORD}(?:[ ]${WORD}){0,4}?[ ]${STREET_EN}\\b\\.?(?:[ ](?:[NSEW][EW]?|North|South|East|West)\\b)?${UNIT}${TOWN_US}`,
      'gu',
    ),
    confidence: 0.85,
  },
  {
    type: 'address',
    title: 'US town, state and ZIP code',
    source: 'USPS Publication 28',
    pattern: new RegExp(
      `(?<![\\p{L}\\p{N}])${WORD}(?:[ ]${WORD}){0,3},[ ](?:${STATES}|${STATE_NAMES})[ ,]{1,2}${ZIP}(?!\\d)`,
      'gu',
    ),
    confidence: 0.85,
  },
  {
    type: 'address',
    title: 'Post office box',
    source: 'USPS Publication 28',
    pattern: new RegExp(`\\bP\\.?[ ]?O\\.?[ ]?Box[ ]#?\\d{1,7}${TOWN_US}`, 'giu'),
    confidence: 0.85,
  },
  {
    type: 'address',
    title: 'Street address as in Germany, Austria, Switzerland and the Netherlands',
    source: 'DIN 5008; NEN 5825',
    pattern:
      /(?<![\p{L}\p{N}])(?:\p{Lu}[\p{L}-]{1,25}[ ]){0,3}\p{Lu}?[\p{L}.-]{0,25}(?:straße|strasse|str\.|gasse|weg|platz|allee|damm|ufer|ring|straat|laan|plein|gracht)[ ]\d{1,4}[ ]?[a-zA-Z]?\b(?:(?:,|\n)[ ]?(?:[A-Z]{1,2}-)?\d{4,5}(?:[ ][A-Z]{2})?[ ]\p{Lu}[\p{L}.-]{1,25}(?:[ ]\p{L}[\p{L}.-]{1,25}){0,2})?/gu,
    confidence: 0.8,
  },
  {
    type: 'address',
    title: 'Street address as in France, Italy, Spain and Portugal',
    source: 'NF Z 10-011; Correos; Poste Italiane',
    pattern: new RegExp(
      `(?<![\\p{L}\\p{N}])(?:\\d{1,4}(?:[ ](?:bis|ter))?,?[ ](?:rue|avenue|boulevard|place|chemin|allée|impasse|quai)|(?:Via|Viale|Piazza|Corso|Largo|Calle|Avenida|Avda\\.|Paseo|Plaza|Carrer|Rua|Travessa|Praça))(?:[ ](?:de|du|des|d['’]|la|le|les|l['’]|del|della|dei|da|do|dos|das)){0,2}[ ]?${WORD}(?:[ ](?:de[ ]|la[ ])?${WORD}){0,3}(?:,?[ ](?:n\\.?º?[ ]?)?\\d{1,4}\\b)?(?:(?:,|\\n)[ ]?\\d{4,5}(?:-\\d{3})?[ ]${WORD}(?:[ ]${WORD}){0,2})?`,
      'gu',
    ),
    check: (value) => /\d/.test(value),
    confidence: 0.75,
  },
  {
    type: 'postal_code',
    title: 'UK postcode',
    source: 'Royal Mail Programmers’ Guide',
    pattern: new RegExp(`(?<![A-Za-z0-9])${POSTCODE_UK}(?![A-Za-z0-9])`, 'g'),
    confidence: 0.7,
  },
  {
    type: 'postal_code',
    title: 'ZIP code, behind a word that says so',
    source: '45 CFR 164.514(b)(2)(i)(B)',
    pattern: new RegExp(
      `\\b(?:zip|postal|post)[ -]?(?:code)?[ \\t]{0,3}[:#]?[ \\t\\n]{0,3}(?<value>${ZIP})(?!\\d)`,
      'gi',
    ),
    confidence: 0.85,
  },
];
