/**
 * Names where the form or a word gives them away: titles, salutations, labels. Names in running text
 * are not rules' work.
 */
import { FREQUENT, GIVEN } from '../names/reading/gazetteer.ts';
import { listsOf } from '../names/shipped.ts';
import type { Rule } from '../rule.ts';

const PART =
  "\\p{Lu}(?:\\p{Ll}{1,20}|\\.)(?:['’-]\\p{Lu}?\\p{Ll}{1,20}){0,2}|\\p{Lu}['’]\\p{Lu}\\p{Ll}{1,20}(?:-\\p{Lu}\\p{Ll}{1,20})?|Ma?c\\p{Lu}\\p{Ll}{1,20}";
const PARTICLE =
  '(?:(?:van|von|de|der|den|del|della|di|da|du|la|le|bin|ibn|al|el|zu|ter|ten|dos|das|y|e)[ ]){0,2}';
const NAME = `(?:${PART})(?:[ ]${PARTICLE}(?:${PART})){0,3}`;
const FULL = `(?:${PART})(?:[ ]${PARTICLE}(?:${PART})){1,3}`;
const CAPITALS = "\\p{Lu}[\\p{Lu}'’-]{1,20}(?:[ ]\\p{Lu}[\\p{Lu}'’.-]{0,20}){1,3}";

/** What stands with a capital at the beginning of a line, and is no name. */
const NO_NAME =
  /^(?:The|This|That|These|Those|All|Sir|Madam|Team|Customer|Customers|Client|Colleague|Colleagues|Friend|Friends|Reader|Readers|Member|Members|Hiring|Department|Number|Date|Address|Account|Name|Street|Email|Mail|Phone|Yes|No|None|Unknown|Mr|Mrs|Ms|Dr|Damen|Herr|Frau|Monsieur|Madame)\b/;

function isName(value: string): boolean {
  return !NO_NAME.test(value);
}

const WITH_INITIAL =
  '\\p{Lu}(?<![\\p{L}\\p{N}]\\p{Lu})(?:\\p{Ll}{2,20}|\\p{Lu}{2,20})[ ]\\p{Lu}\\.[ ](?:\\p{Lu}\\.[ ])?\\p{Lu}(?:\\p{Ll}|\\p{Lu}){2,20}(?:-\\p{Lu}[\\p{L}]{1,20})?';

/** Words that begin the next sentence. */
const BEGINNING =
  /[ ](?:The|This|That|These|Those|There|They|When|While|For|And|But|His|Her|Its|Our)$/i;

/** The first word is a given name, and no word of every page. */
function beginsWithGivenName(value: string): boolean {
  const lists = listsOf(/^\p{L}+/u.exec(value)?.[0] ?? '');
  const isGiven = (lists & GIVEN) !== 0 && (lists & FREQUENT) === 0;
  return isGiven && isName(value) && !BEGINNING.test(value);
}

export const PEOPLE: readonly Rule[] = [
  {
    type: 'name',
    title: 'Given name, initial, surname (Crystal M. Long)',
    source: 'custom',
    // The capital first: it is rarer than the beginning of a word.
    pattern: new RegExp(`${WITH_INITIAL}(?![\\p{L}\\p{N}])`, 'gu'),
    check: beginsWithGivenName,
    confidence: 0.75,
  },
  {
    type: 'name',
    title: 'Name behind a title (Mr, Mrs, Ms, Dr, Prof, Herr, Frau, M., Mme, Sr., Sra. …)',
    source: 'custom',
    pattern: new RegExp(
      `(?<![\\p{L}\\p{N}])(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame|Lady|Lord|Rev|Capt|Sgt|Lt|Judge|Senator|Herrn?|Frau|Monsieur|Madame|Mme|Mlle|Sr|Sra|Señora?|Don|Doña|Sig|Signora?|Dott|Mevr|Dhr)\\.?[ ](?<value>${NAME})`,
      'gu',
    ),
    check: isName,
    confidence: 0.85,
  },
  {
    type: 'name',
    title: 'Name in a salutation',
    source: 'custom',
    pattern: new RegExp(
      `(?:^|\\n)[ \\t]{0,8}(?:Dear|Hi|Hello|Hey|Liebe|Lieber|Hallo|Cher|Chère|Estimado|Estimada|Querido|Querida|Beste|Caro|Cara)[ ](?<value>${NAME})(?=[ ]?[,:!.\\n]|$)`,
      'gu',
    ),
    check: isName,
    confidence: 0.8,
  },
  {
    type: 'name',
    title: 'Name behind a label (Name:, Patient:, Signed: …)',
    source: 'custom',
    pattern: new RegExp(
      `(?<![\\p{L}\\p{N}])(?:[Nn]ame|NAME|[Ff]ull [Nn]ame|[Ff]irst [Nn]ame|[Ll]ast [Nn]ame|[Ss]urname|[Gg]iven [Nn]ames?|[Mm]iddle [Nn]ame|[Mm]aiden [Nn]ame|[Pp]atient|[Cc]lient|[Cc]ustomer|[Ee]mployee|[Aa]pplicant|[Tt]enant|[Ii]nsured|[Bb]eneficiary|[Gg]uardian|[Ss]pouse|[Mm]other|[Ff]ather|[Cc]ontact|[Aa]ttn|[Aa]ttention|[Ss]igned(?: by)?|[Pp]repared by|[Pp]hysician|[Dd]octor|[Vv]orname|[Nn]achname|[Nn]om|[Pp]rénom|[Nn]ombre|[Aa]pellidos?)(?: name)?[ \\t]{0,3}[:=][ \\t\\n]{0,4}(?<value>${NAME}|${CAPITALS})`,
      'gu',
    ),
    check: isName,
    confidence: 0.85,
  },
  {
    type: 'name',
    title: 'Name where somebody gives it (my name is …, I am …, called …)',
    source: 'custom',
    pattern: new RegExp(
      `(?<![\\p{L}\\p{N}])(?:[Mm]y name is|[Mm]y name['’]s|[Mm]ein Name ist|[Ii]ch heiße|[Jj]e m['’]appelle|[Mm]e llamo|[Mm]i chiamo|[Ss]incerely,|[Rr]egards,|[Yy]ours truly,|[Bb]est wishes,)[ \\t\\n]{1,4}(?<value>${FULL}|${PART})`,
      'gu',
    ),
    check: isName,
    confidence: 0.8,
  },
  {
    type: 'name',
    title: 'Name in a cell below a heading that says so',
    source: 'custom',
    pattern: new RegExp(
      `(?<=^|[\\u001e\\u001f,;\\t|])(?:${NAME})(?=$|[\\u001e\\u001f,;\\t|])`,
      'gu',
    ),
    check: isName,
    confidence: 0.05,
    context:
      /^(?:[^:]{0,30}\b)?(?:full|first|last|given|family|sur|middle|maiden|customer|client|patient|employee|contact|person|member|owner|user)?[ _-]?(?:name|surname|vorname|nachname|nom|prénom|nombre|apellidos?)\b[^:|]{0,30}:/i,
    withContext: 0.85,
  },
];
