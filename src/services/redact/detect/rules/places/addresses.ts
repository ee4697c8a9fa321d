/**
 * Postal addresses. A rule knows one sure sign (a word for street, a part of a building, a box, a
 * code, a word that announces an address) and where the street lies from there; `tail.ts` takes what
 * follows. A number and a name alone are no address.
 */
import { PLACE } from '../../names/reading/gazetteer.ts';
import { listsOf } from '../../names/shipped.ts';
import type { Match, Rule } from '../../rule.ts';
import { firstWords } from '../first-words.ts';
import { MONTH_NAME } from '../months.ts';
import { STREETS } from './streets.ts';
import { POSTCODE_UK, STATE_NAMES, STATES, STOP_WORD, tailOf, ZIP } from './tail.ts';
import { CAPITAL_WORD, CUES, countryEnd } from './vocabulary.ts';

const SMALL =
  "(?:(?:de|del|della|di|da|do|dos|das|des|du|la|le|les|l['’]|van|von|den|der|ten|ter|zum|zur|af|och|of|the|y|e)[ ]?){1,3}";
const NAME = `(?:${SMALL})?${CAPITAL_WORD}(?:[ ](?:${SMALL})?${CAPITAL_WORD}){0,4}`;
const NUMBER = '\\d{1,5}[A-Za-z]?';
/** A street with its number on either side. */
const NUMBER_FIRST = `(?:${NUMBER},?[ ]){1,2}(?:\\d{1,3}(?:st|nd|rd|th)[ ])?${NAME}(?:[ ]${NUMBER}\\b\\.?)?`;
const NUMBER_LAST = `${NAME},?[ ]${NUMBER}\\b\\.?`;

const LINE_BREAK = '[ ]?,?[ ]?(?:\\n[^\\p{L}\\p{N}\\n]{0,6})?';
/** What stands before a part of a building, to its left or on the line above. */
const STREET_BEFORE = new RegExp(
  `(?:(?<![\\p{L}\\d.,-])(?:${NUMBER},?[ ]){1,2}(?:\\d{1,3}(?:st|nd|rd|th)[ ])?(?:\\p{L}[\\p{L}.'’/-]{0,24}[ ]){0,5}(?:\\p{L}[\\p{L}.'’/-]{0,24}|${NUMBER}\\.?)|(?<!\\p{L})${NAME}[ ]${NUMBER}\\.?)${LINE_BREAK}$`,
  'u',
);
const LOOK_BACK = 90;

function before(text: string, start: number): string {
  return text.slice(Math.max(0, start - LOOK_BACK), start);
}

/** From the street before it to the country behind it. */
function aroundUnit(text: string, { start, end }: Match): Match {
  const lead = STREET_BEFORE.exec(before(text, start))?.[0] ?? '';
  const isProse = STOP_WORD.test(lead) && (lead.match(/\p{Lu}/gu)?.length ?? 0) < 2;
  const street = isProse ? '' : lead;
  const tail = tailOf(text, end);
  const word = text.slice(start, end);
  const alone = /^(?:Apt|Suite|APT|SUITE|Appt)\b/.test(word) ? 0.55 : 0.3;
  const confidence = street ? 0.85 : tail.isSure ? 0.7 : alone;
  return { start: start - street.length, end: tail.end, confidence };
}

const SHIP_OR_BOX =
  /(?:(?:PSC|Unit|CMR)[ ]\d{1,5},?[ ](?:Box[ ]\d{1,5})?|(?:USS|USNS|USCGC|USNV|USCG)[ ]\p{L}[\p{L}'’ -]{0,30}),?[ \n]{1,3}$/iu;

function aroundMilitary(text: string, { start, end }: Match): Match {
  const lead = SHIP_OR_BOX.exec(before(text, start))?.[0] ?? '';
  return { start: start - lead.length, end };
}

const TOWN_BEFORE = new RegExp(
  `(?<!\\p{L})(?:${CAPITAL_WORD}(?:[ ]${CAPITAL_WORD}){0,3},?[ ])?(?:${STATES}|${STATE_NAMES})[ ,]{1,2}$`,
  'u',
);

/** Digits that a state or a country stands before. */
function behindPlace(text: string, { start, end }: Match): Match | null {
  const lead = before(text, start);
  const town = TOWN_BEFORE.exec(lead)?.[0];
  if (town) {
    // `ID 88213` is an identifier more often than a place in Idaho.
    const hasTown = /\p{L}[ ,]{1,2}\p{L}/u.test(town) || town.length > 6;
    if (!hasTown && /^(?:ID|NO|PO)/.test(town)) return null;
    return { start: start - town.length, end, confidence: hasTown ? 0.85 : 0.6 };
  }
  const words = [...lead.matchAll(/(?<![\p{L}'’.-])\p{Lu}/gu)].slice(-6);
  for (const word of words) {
    const from = start - lead.length + word.index;
    if (countryEnd(text, from) === start - 1) return { start: from, end, confidence: 0.6 };
  }
  return null;
}

/** `Ilica 12, ` before a code. */
const NUMBER_LAST_BEFORE = new RegExp(`(?<![\\p{L}\\d-])${NUMBER_LAST}${LINE_BREAK}[ ]?$`, 'u');

/** A code with a town that is in the lists, and before it a name with a number. */
function behindStreet(text: string, { start, end }: Match): Match | null {
  const town = /\p{L}.*$/u.exec(text.slice(start, end))?.[0] ?? '';
  if ((listsOf(town) & PLACE) === 0) return null;
  const street = NUMBER_LAST_BEFORE.exec(before(text, start))?.[0];
  return street ? { start: start - street.length, end } : null;
}

/** A number and a name are an address where code and country follow. */
function withWholeTail(text: string, { start, end }: Match): Match | null {
  if (TIME_OR_DAY.test(text.slice(start, end))) return null;
  const tail = tailOf(text, end);
  const hasTwoNumbers = /\d.{4,80} \d{1,4}[A-Za-z]?\.?$/.test(text.slice(start, end));
  if (tail.isWhole) return { start, end: tail.end, confidence: 0.8 };
  return hasTwoNumbers && tail.isSure ? { start, end: tail.end, confidence: 0.6 } : null;
}

/** Days and times: `21 November 1945`, `41 PM`, `5 Euro`; years before a name. */
const TIME_OR_DAY = new RegExp(
  `^\\d{1,4}\\.?,?[ ](?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?(?!\\p{L})|(?<!\\p{L})(?:${MONTH_NAME})\\.?[ ]\\d|^\\d{1,4}\\.?,?[ ](?:${MONTH_NAME}|AM|PM|A\\.M|P\\.M|UTC|GMT|CET|EST|PST|percent|million|billion|euros?|dollars?|USD|EUR|GBP)(?!\\p{L})|^(?:19|20)\\d\\d[ ]`,
  'iu',
);

function behindCue(text: string, match: Match): Match | null {
  const value = text.slice(match.start, match.end);
  if (TIME_OR_DAY.test(value)) return null;
  const tail = tailOf(text, match.end);
  const words = value.match(/\p{L}{2,40}/gu)?.length ?? 0;
  const isFull = words >= 2 || /\d.{1,40}\d/.test(value) || (words === 1 && value.length > 10);
  if (!isFull && !tail.isSure) return null;
  return { start: match.start, end: tail.end, confidence: tail.isSure ? 0.85 : 0.65 };
}

const withTail = (text: string, match: Match): Match => ({
  ...match,
  end: tailOf(text, match.end).end,
});

const HOME =
  'address(?:es)?(?: is| are| was)?|(?:lives?|lived|living|resides?|residing|resident|located|domiciled) (?:at|on|in)|wohnhaft(?: in)?|wohnt (?:in|an der|am)|anschrift|adresse|domicilié[es]{0,2}(?: à| au)?|demeurant(?: à| au)?|domicilio|dirección|residente en|vive en|domiciliad[oa] en|indirizzo|residente in|abita in|adres|woonachtig te|endereço|morada|residente em|adress|osoite|adresa|bosatt|zamieszkał[ya]|bytem|cím|lakcím';

/** Addresses of other kinds. */
const NO_HOME =
  /\b(?:ip|e-?mail|mac|web|url|internet|network|memory|wallet|bitcoin|site)[ -]{1,2}(?:address(?:es)?(?: is| of)?[ :=]{0,4})?$/i;

export const ADDRESSES: readonly Rule[] = [
  ...STREETS,
  {
    type: 'address',
    title:
      'Part of a building (apartment, suite, unit, flat) with the street before and the town behind',
    source: 'USPS Publication 28, 213; Canada Post Addressing Guidelines',
    words: ['apt', 'apartment', 'suite', 'ste', 'unit', 'appt', 'flat'],
    pattern:
      /(?:apt|apartment|suite|ste|unit|appt|flat)\.?[ ](?:no\.?[ ]|#)?(?:\d{1,5}[A-Z]?|[A-Z]\d{1,3})(?![\p{L}\d.-]|[ ](?:tests?|points?)\b)/iuy,
    reach: aroundUnit,
    against:
      /\b(?:test|software|product|tool|office|business|per|each|organi[sz]ational|course)[ ]$/i,
    confidence: 0.55,
  },
  {
    type: 'address',
    title: 'Military or diplomatic address (APO, FPO, DPO)',
    source: 'USPS Publication 28, 225',
    words: ['apo', 'fpo', 'dpo'],
    pattern: /(?:APO|FPO|DPO),?[ ]A[AEP][ ,]{1,2}\d{5}(?:-\d{4})?(?![\d-])/iuy,
    reach: aroundMilitary,
    confidence: 0.95,
  },
  {
    type: 'address',
    title: 'Post office box, in twelve languages',
    source: 'USPS Publication 28, 228; national addressing guides (UPU S42)',
    words: firstWords(
      'p|po|post|postfach|bp|b|boîte|apartado|aptdo|casella|c|postbus|postboks|postbox|caixa|skrytka|locked|pl|pósthólf|private',
    ),
    pattern:
      /(?:p\.?[ ]?o\.?[ -]?box|post office box|postfach|(?:b\.?p\.?|c\.?p\.?)(?=[ ]\d{2,6}\b)|boîte postale|apartado(?: de correos)?|aptdo\.?|casella postale|postbus|postboks|postbox|caixa postal|skrytka pocztowa|(?:locked|private) bag|pósthólf|pl(?=[ ]\d{1,4},[ ]\d{5}))[ ](?:n[°º.]{1,2}[ ]?)?#?\d{1,7}(?![\d/-])/iuy,
    reach: withTail,
    confidence: 0.85,
  },
  {
    type: 'address',
    title: 'Town, state and code; country and code',
    source: 'USPS Publication 28, 211; UPU S42',
    atDigits: [5, 5],
    pattern: new RegExp(`(?<=[\\p{L}.][ ,]{1,2})${ZIP}(?![\\p{L}\\d-]|[.,]\\d)`, 'uy'),
    reach: behindPlace,
    confidence: 0.6,
  },
  {
    type: 'address',
    title: 'Number and name with a town, code and state or country behind',
    source: 'UPU S42',
    atDigits: [1, 5],
    pattern: new RegExp(`(?<![\\p{L}\\d.,:-])${NUMBER_FIRST}`, 'uy'),
    reach: withWholeTail,
    confidence: 0.8,
  },
  {
    type: 'address',
    title: 'Code with the letters of its country, and town (D-10115 Berlin, 1012 AB Amsterdam)',
    source: 'UPU S42; DIN 5008; NEN 5825',
    words: [
      'd',
      'a',
      'ch',
      'f',
      'b',
      'l',
      'nl',
      'i',
      'e',
      'dk',
      's',
      'n',
      'fin',
      'fi',
      'cz',
      'sk',
      'pl',
      'lv',
      'lt',
    ],
    pattern: new RegExp(
      `(?<![\\p{L}\\d-])(?:[ABDEFILNS]|CH|NL|DK|FI|FIN|CZ|SK|PL|LV|LT)-\\d{2}[ -]?\\d{2,3}[ ]${CAPITAL_WORD}(?:[ ]${CAPITAL_WORD}){0,2}`,
      'uy',
    ),
    confidence: 0.8,
  },
  {
    type: 'address',
    title: 'Code and town, beside a word that announces an address',
    source: 'UPU S42',
    atDigits: [2, 5],
    pattern: new RegExp(
      `(?<![\\p{L}\\d.,-])(?:\\d{4}[ ][A-Z]{2}(?=[ ]{1,2}\\p{Lu})|\\d{4,5}|\\d{3}[ ]\\d{2}|\\d{2}-\\d{3}|\\d{4}-\\d{3})[ ]{1,2}${CAPITAL_WORD}(?:[ ]${CAPITAL_WORD}){0,2}`,
      'uy',
    ),
    check: (value) =>
      /^(?:(?!19|20)\d{4} [A-Z]{2} |\d{2}-\d{3} |\d{4}-\d{3} )/.test(value)
        ? 0.65
        : /^\d{4,5} (?:Euro?s?|EUR|USD|CHF|GBP|Dollars?|Stück|Tonnen|Personen|Mitarbeiter|Einwohner)\b/.test(
              value,
            )
          ? 0.05
          : 0.3,
    confidence: 0.3,
    context: new RegExp(
      `(?<!\\p{L})(?:${HOME}|plz|postleitzahl|wohnort|ort|code postal|ville|c\\.?a\\.?p|ciudad|postcode|woonplaats)(?!\\p{L})`,
      'iu',
    ),
    withContext: 0.7,
  },
  {
    type: 'address',
    title: 'Name and number, then code and a town that is known (Ilica 12, 10000 Zagreb)',
    source: 'UPU S42',
    atDigits: [4, 5],
    pattern: /\d{4,5}[ ](?=\p{Lu})[\p{L}-]{3,30}(?![\p{L}])/uy,
    reach: behindStreet,
    confidence: 0.75,
  },
  {
    type: 'address',
    title: 'Number and street, or street and number, behind a word that announces an address',
    source: 'UPU S42',
    words: firstWords(HOME),
    pattern: new RegExp(
      `(?i:${HOME})[ \\t]{0,2}(?:[:=][ \\t]{0,12})?[ \\n]{0,8}(?<value>${NUMBER_FIRST}|${NUMBER_LAST})`,
      'uy',
    ),
    reach: behindCue,
    against: NO_HOME,
    confidence: 0.65,
  },
  {
    type: 'address',
    title: 'Number and street where somebody or something goes (send to, meet at …)',
    source: 'UPU S42',
    words: firstWords(CUES),
    digitWithin: 90,
    pattern: new RegExp(
      `(?i:${CUES})[ \\t]{0,2}(?:[:=][ \\t]{0,12})?[ \\n]{0,8}(?<value>${NUMBER_FIRST})`,
      'uy',
    ),
    reach: behindCue,
    against: NO_HOME,
    confidence: 0.65,
  },
  {
    type: 'address',
    title: 'Corner of two streets',
    source: 'custom',
    words: ['corner'],
    pattern: new RegExp(
      `(?i:corner of)[ ](?<value>(?:${NUMBER}[ ])?${NAME}(?:[ ]${NUMBER}\\.?)?[ ](?:and|&)[ ](?:${NUMBER}[ ])?${NAME}(?:[ ]${NUMBER}\\.?)?)`,
      'uy',
    ),
    reach: withTail,
    confidence: 0.7,
  },
  {
    type: 'address',
    title: 'Line behind the label Address, cell below such a heading',
    source: '45 CFR 164.514(b)(2)(i)(B)',
    words: firstWords(
      'address|adresse|anschrift|dirección|direccion|domicilio|indirizzo|adres|endereço|morada|adress|osoite|adresa|cím|street',
    ),
    pattern:
      /(?:address(?:[ ]line)?(?:[ ]?[12])?|adresse|anschrift|direcci[óo]n|domicilio|indirizzo|adres|endereço|morada|adress|osoite|adresa|cím|street)[ \t]{0,2}[:=][ \t]{0,12}(?<value>(?=[^\n\u001e\u001f@]{0,60}\d)(?=[^\n\u001e\u001f@]{0,60}\p{L}{3})[^\n\u001e\u001f@:;|]{6,120}?)(?=[ \t]{0,4}(?:$|[\n\u001e\u001f;|]|\.(?:\s|$)))/iuy,
    reach: withTail,
    against: NO_HOME,
    confidence: 0.75,
    cell: {
      heading:
        /(?<!\p{L})(?:(?:street|postal|mailing|home|billing|shipping|delivery|residential)? ?address|street|stra(?:ß|ss)e|anschrift|adresse|direcci[óo]n|domicilio|indirizzo|rue|calle|adres|endereço|morada)(?![\p{L}])(?! ?(?:ip|e-?mail|mail|web|mac))/iu,
      pattern: /^(?=.{0,120}\p{L}{2})[^@]{4,160}$/u,
    },
  },
];

export const POSTAL_CODES: readonly Rule[] = [
  {
    type: 'postal_code',
    title: 'UK postcode',
    source: 'Royal Mail, Programmers’ Guide to the PAF',
    words: [],
    number: ['@9 9@@', '@99 9@@', '@9@ 9@@', '@@9 9@@', '@@99 9@@', '@@9@ 9@@'],
    check: (value) =>
      new RegExp(`^${POSTCODE_UK}$`).test(value) &&
      /^(?:AB|AL|B|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|BX|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|EX|FK|FY|G|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE)\d/.test(
        value,
      ),
    confidence: 0.7,
  },
  {
    type: 'postal_code',
    title: 'Canadian postal code',
    source: 'Canada Post Addressing Guidelines',
    number: ['@9@ 9@9'],
    check: (value) => /^[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\d[ABCEGHJ-NPRSTV-Z]\d$/.test(value),
    confidence: 0.65,
  },
  {
    type: 'postal_code',
    title: 'Postal code behind a word that says so, in ten languages',
    source: '45 CFR 164.514(b)(2)(i)(B); UPU S42',
    words: firstWords(
      'zip|zipcode|postal|postcode|post|plz|postleitzahl|code|cp|código|codigo|cap|cep|postnummer|psč|irányítószám|kod|pin|eircode|postinumero',
    ),
    pattern:
      /(?:zip(?:[ -]?code)?|postal[ -]?code|post[ -]?code|plz|postleitzahl|code postal|c\.?p\.?|c[óo]digo postal|cap(?=[ :=]{1,3}\d{5}(?!\d))|cep|postnummer|psč|irányítószám|kod pocztowy|pin ?code|eircode|postinumero)(?:[ ](?:is|of|ist|est|es|è)|[ ]?[:=#])?[ \t\n]{0,3}(?<value>\d{5}-\d{3,4}|\d{2}-\d{3}|\d{3}[ ]\d{2}|\d{4}[ ]?[A-Z]{2}|\d{4,6}|[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}|[A-Z]\d[A-Z][ ]?(?:\d[A-Z]\d|[A-Z\d]{4}))(?![\p{L}\d]|[.,]\d)/iuy,
    confidence: 0.85,
    cell: {
      heading:
        /(?<!\p{L})(?:zip(?: ?code)?|postal ?code|post ?code|plz|postleitzahl|code postal|c[óo]digo postal|cap|cep)(?!\p{L})/iu,
      pattern: /^[A-Z\d][A-Z\d -]{2,9}$/i,
    },
  },
];
