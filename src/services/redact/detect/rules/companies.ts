/**
 * Companies by the form that the law of their country makes them carry: the words with capitals
 * before it are the name. Companies without it, and all other organisations, are the tagger's work.
 */
import type { Match, Rule } from '../rule.ts';
import { firstWords } from './first-words.ts';

/** As they are written; nothing but the form looks like them. */
const FORMS = [
  'Ltd|Inc|Incorporated|Corp|Corporation|LLC|L\\.L\\.C|LLP|PLC|plc|Pty|Pvt|Limited',
  'GmbH(?: & Co\\.? KG(?:aA)?)?|gGmbH|mbH|KGaA|OHG|e\\.V|e\\.G|eG',
  'S\\.A|S\\.A\\.S|SARL|S\\.à r\\.l|S\\.p\\.A|SpA|S\\.r\\.l|Srl|S\\.L|S\\.L\\.U|Lda|Ltda',
  'B\\.V|N\\.V|BVBA|VOF|A/S|ApS|ASA|Oy|Oyj|OÜ|UAB|EOOD|OOD',
  'Sp\\. z o\\.o|sp\\. z o\\.o|s\\.r\\.o|a\\.s|d\\.o\\.o|d\\.d|Kft|Zrt|Nyrt|K\\.K',
].join('|');
/**
 * Letters that mean other things too, the more so where all is in capitals. AB, NV, SA, SE are also
 * states behind a town: those are left to the tagger.
 */
const SHORT_FORMS = 'AG|KG|UG|SAS|BV';

const WORD = "(?:\\p{Lu}[\\p{L}\\p{M}\\d'’.-]{0,30}|\\d{1,3}[\\p{L}]{2,30})";
/** A comma or an `and` may as well part two companies. */
const NAME_BEFORE = new RegExp(
  `(?<![\\p{L}\\d&'’.-])${WORD}(?:[ ](?:(?:&|\\+|of|for|de|du|van|von|der)[ ]){0,2}${WORD}){0,5},?[ ]$`,
  'u',
);
const LOOK_BACK = 100;
/** What begins a sentence, or a kind of company, and no name. */
const LEADING =
  /^(?:(?:The|A|An|This|That|Our|Your|Their|His|Her|Its|In|At|On|By|For|From|With|And|Or|As|If|When|While|To|Of|Der|Die|Das|Eine?|Le|La|El|De|Dear|Mr|Mrs|Ms|Dr)\.?[ ])+/;
const NO_NAME =
  /^(?:Public|Private|Company|Companies|Very|Not|Is|Are|Be|Was|Were|Has|Have|Form|Type|Name|Number)\b/;

/** From the first word with a capital that belongs to the name to the end of the form. */
function withName(text: string, { start, end }: Match): Match | null {
  const slice = text.slice(Math.max(0, start - LOOK_BACK), start);
  const lead = (NAME_BEFORE.exec(slice)?.[0] ?? '').replace(LEADING, '');
  if (lead.length < 3 || NO_NAME.test(lead)) return null;
  return { start: start - lead.length, end };
}

/** The same where small letters show that capitals mean something. */
function withWrittenName(text: string, match: Match): Match | null {
  const found = withName(text, match);
  if (!found) return null;
  return /\p{Ll}/u.test(text.slice(Math.max(0, found.start - 20), match.start)) ? found : null;
}

export const COMPANIES: readonly Rule[] = [
  {
    type: 'organization',
    title: 'Company before its legal form (Ltd, Inc., GmbH, S.p.A., Sp. z o.o. …)',
    source: 'ISO 20275; GLEIF Entity Legal Forms',
    words: firstWords(FORMS),
    pattern: new RegExp(`(?<=\\p{L}[\\p{L}\\d.'’]?,?[ ])(?:${FORMS})\\.?(?![\\p{L}\\d])`, 'uy'),
    reach: withName,
    confidence: 0.8,
  },
  {
    type: 'organization',
    title: 'Company before a legal form of two or three letters (AG, KG, BV …)',
    source: 'ISO 20275; GLEIF Entity Legal Forms',
    words: firstWords(SHORT_FORMS),
    pattern: new RegExp(
      `(?<=\\p{L}[\\p{L}\\d.'’]?,?[ ])(?:${SHORT_FORMS})(?![\\p{L}\\d/-]|[ ]\\d)`,
      'uy',
    ),
    reach: withWrittenName,
    confidence: 0.6,
  },
];
