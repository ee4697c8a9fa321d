/**
 * Names where the form or a word gives them away: titles, salutations, labels. Names in running text
 * are not rules' work.
 */
import { FREQUENT, GIVEN, ORDINARY } from '../names/reading/gazetteer.ts';
import { listsOf } from '../names/shipped.ts';
import type { Rule } from '../rule.ts';
import { firstWords } from './first-words.ts';

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

const TITLES =
  'Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame|Lady|Lord|Rev|Reverend|Capt|Sgt|Lt|Judge|Senator|Herrn?|Frau|Monsieur|Madame|Mme|Mlle|Sr|Sra|Srta|Señora?|Señorita|Senhora?|Don|Doña|Dña|Sig|Signora?|Dott|Dottssa|Avv|Mevr|Mevrouw|Dhr|Pan|Pani|Mag|Mgr|Ing|Cllr|Councillor|Hon|Shri|Smt|Mohd|Muhd';
/** Between a title and the name: `Dr. med.`, `Prof. em.`. */
const FIELD = '(?:(?:med|em|jur|rer|nat|phil|habil|dent|vet|dr)\\.?[ ]){0,3}';

/** Ranks, offices and kin: each is a word of its own, too, so the name must not be one. */
const RANKS =
  'Officer|Ofc|Detective|Det|Inspector|Constable|Sheriff|Deputy|Trooper|Nurse|Pastor|Rabbi|Imam|Sheikh|Father|Sister|Brother|Uncle|Aunt|Auntie|Grandma|Grandpa|Cousin|Coach|Alderman|Justice|Colonel|Col|Major|Maj|Corporal|Cpl|Lieutenant|Captain|Sergeant|Commander|Governor|Mayor|Ambassador|Attorney|Agent|Witness|Onkel|Tante|Tía|Tío';

/** Parties to a suit or a contract. */
const PARTIES =
  'petitioner|respondent|plaintiff|defendant|appellant|appellee|claimant|decedent|testator|landlord|tenant|lessor|lessee|borrower|lender|seller|buyer|grantor|grantee|trustee|executor|guarantor';

/** No word of ordinary texts. */
function isNoWord(value: string): boolean {
  const lists = listsOf(/^\p{L}+/u.exec(value)?.[0] ?? '');
  return (lists & (ORDINARY | FREQUENT)) === 0 && isName(value);
}

/** Programs that are sold under two letters and a word. */
const NO_PERSON = /^(?:excel|azure|sql|teams|outlook|robot|dre)$/i;

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
    words: firstWords(TITLES),
    pattern: new RegExp(`(?:(?:${TITLES})\\.?[ ]){1,4}${FIELD}(?<value>${NAME})`, 'uy'),
    check: isName,
    confidence: 0.85,
  },
  {
    type: 'name',
    title: 'Surname behind a title, all in small letters (mr. chowdhury)',
    source: 'custom',
    words: ['mr', 'mrs', 'dr'],
    pattern: /(?:mrs?|dr)\.?[ ](?<value>\p{Ll}{3,20})(?![\p{L}\p{N}])/uy,
    check: (value) => isNoWord(value) && !NO_PERSON.test(value),
    confidence: 0.6,
  },
  {
    type: 'name',
    title: 'Given name and surname behind a Spanish title (D. José, D.ª María)',
    source: 'custom',
    words: ['d', 'dª', 'dña'],
    pattern: new RegExp(`D(?:\\.|\\.?ª|ña)\\.?[ ](?<value>${FULL})`, 'uy'),
    check: beginsWithGivenName,
    confidence: 0.8,
  },
  {
    type: 'name',
    title: 'Name behind a rank, an office or a kinship (Officer, Detective, Nurse, Uncle …)',
    source: 'custom',
    words: firstWords(RANKS),
    pattern: new RegExp(`(?:${RANKS})\\.?[ ](?<value>(?:${PART})(?:[ ](?:${PART}))?)`, 'uy'),
    check: isNoWord,
    confidence: 0.7,
  },
  {
    type: 'name',
    title: 'Name in capitals behind what a party is called (PETITIONER, JANE DOE)',
    source: 'custom',
    words: firstWords(PARTIES),
    pattern: new RegExp(`(?i:${PARTIES})s?,?[ ](?<value>${CAPITALS})`, 'uy'),
    check: beginsWithGivenName,
    confidence: 0.75,
  },
  {
    type: 'name',
    title: 'Given name behind a dash at the end of a line (… see you there – Jane)',
    source: 'custom',
    pattern: new RegExp(
      `[-–—][ ](?<=\\S[ ][-–—][ ])(?<value>(?:${PART})(?:[ ](?:${PART}))?)(?=[ \\t]{0,4}(?:\\n|$))`,
      'gu',
    ),
    check: beginsWithGivenName,
    confidence: 0.6,
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
      `(?<![\\p{L}\\p{N}])(?:[Nn]ame|NAME|(?:[Ff]ull|[Ff]irst|[Ll]ast|[Gg]iven|[Ff]amily|[Mm]iddle|[Mm]aiden)[ _-]?[Nn]ames?|[Ss]urname|[Pp]atient|[Cc]lient|[Cc]ustomer|[Ee]mployee|[Aa]pplicant|[Tt]enant|[Ii]nsured|[Bb]eneficiary|[Gg]uardian|[Ss]pouse|[Mm]other|[Ff]ather|[Cc]ontact|[Aa]ttn|[Aa]ttention|[Ss]igned(?: by)?|[Pp]repared by|[Pp]hysician|[Dd]octor|[Oo]rdering|[Rr]eferring|[Aa]ttending|[Ss]urgeon|[Pp]rovider|[Mm]anager|[Ss]upervisor|[Vv]orname|[Nn]achname|[Nn]om|[Pp]rénom|[Nn]ombre|[Aa]pellidos?)(?: name)?["']?[ \\t]{0,3}[:=>][ \\t\\n]{0,4}["']?(?<value>(?:${PART}),[ ](?:${PART})(?![\\p{L}.,])|${NAME}|${CAPITALS})`,
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
