/** Travel and identity documents, driving licences, plates: mostly known by the words before them. */
import { digitsOf } from '../check-digits.ts';
import type { Rule } from '../rule.ts';
import { hasDigits, labelled } from './labelled.ts';
import { wordsAround } from './national/number-row.ts';
import { isSsn } from './national/overseas.ts';
import { icao } from './national/western.ts';

const PLATE_WORDS =
  '(?:licen[cs]e|number|vehicle|car|registration|reg)?[ _-]?plates?|reg|registration(?: mark| number| no)?|vrm|vrn|kfz(?:-?kennzeichen)?|(?:auto|nummern)?kennzeichen|nummernschild|immatriculation|immatricul[ée]e?|plaque|matr[íi]cula|placa|targa|targato|kenteken(?:plaat)?|rejestracyjn[yae]|tablice|registreringsnummer|reg\\.? ?nr|rekisterinumero|rendszám|spz|ecv';

const CAR_WORDS = 'vehicle|car|auto|voiture|coche|fahrzeug|wagen|automobile|van|lorry|truck';

const plate = (
  country: string,
  form: string,
  alone: number,
  source: string,
  check?: (value: string) => boolean,
): Rule => ({
  ...{ type: 'license_plate', title: `${country}: registration plate`, source, confidence: alone },
  number: form.split('|'),
  ...{ check, withContext: 0.85 },
  // Forms that are common among other codes need a word that means the plate itself.
  context: wordsAround(alone < 0.3 ? PLATE_WORDS : `${PLATE_WORDS}|${CAR_WORDS}`),
});

/** Letters that German districts begin with; three letters and four digits are most others. */
const isGermanPlate = (value: string) =>
  /^[A-Z]{1,3}[A-Z]{1,2}[1-9]\d{0,3}[EH]?$/.test(value) && value.length <= 9;

const PLATES: readonly Rule[] = [
  plate(
    'GB',
    '@@99 @@@',
    0.4,
    'Road Vehicles (Display of Registration Marks) Regulations 2001',
    (v) => /^[A-HJ-PR-Y][A-HJ-PR-Y]\d\d[A-HJ-PR-Z]{3}$/.test(v),
  ),
  plate(
    'DE',
    '@-@@ 999|@-@@ 9999|@-@@ 99|@@-@@ 999|@@-@@ 9999|@@-@@ 99|@@-@ 999|@@-@ 9999|@-@ 9999|@@@-@@ 999|@@@-@@ 99|@@@-@ 999|@@-@@ 9|@@@-@ 99',
    0.25,
    'FZV § 9, Anlage 2',
    isGermanPlate,
  ),
  plate('FR', '@@-999-@@', 0.55, 'Arrêté du 9 février 2009', (v) =>
    /^[A-HJ-NP-TV-Z]{2}\d{3}[A-HJ-NP-TV-Z]{2}$/.test(v),
  ),
  plate('IT', '@@ 999 @@', 0.3, 'D.P.R. 495/1992, art. 256', (v) =>
    /^[A-HJ-NPR-TV-Z]{2}\d{3}[A-HJ-NPR-TV-Z]{2}$/.test(v),
  ),
  plate('ES', '9999 @@@', 0.3, 'Real Decreto 2822/1998, anexo XVIII', (v) =>
    /^\d{4}[BCDFGHJKLMNPRSTVWXYZ]{3}$/.test(v),
  ),
  plate(
    'NL',
    '@@-99-99|99-99-@@|99-@@-99|@@-99-@@|@@-@@-99|99-@@-@@|99-@@@-9|9-@@@-99|@@-999-@|@-999-@@|@@@-99-@|@-99-@@@|9-@@-999|999-@@-9',
    0.25,
    'Kentekenreglement; RDW',
  ),
  plate('AT', '@@-9999 @@|@-99999 @|@@-999 @@|@-9999 @@|@@-99999|@-999 @@', 0.2, 'KFG 1967 § 48'),
  plate(
    'PL',
    '@@ 99999|@@@ 9999|@@ 9999@|@@@ @999|@@@ 99@@|@@@ 9@99',
    0.2,
    'Prawo o ruchu drogowym, art. 75',
  ),
  plate('SE', '@@@ 999|@@@ 99@', 0.2, 'Transportstyrelsen, TSFS 2015:63'),
  plate(
    'US, CA, AU',
    '@@@ 9999|@@@-9999|999 @@@|999-@@@|@@@ 999|9@@@999|@@@@ 999|@@ 99 @@|@@9 9@@|@@@ 99@',
    0.15,
    'AAMVA License Plate Standard, 2nd ed.',
  ),
  plate(
    'BR, AR, IN',
    '@@@-9999|@@@9@99|@@ 999 @@|@@ 99 @@ 9999|@@ 99 @ 9999',
    0.2,
    'Resolução Contran 969/2022; Central Motor Vehicles Rules 1989',
  ),
];

/** Two lines of 44 or 36, three of 30 characters; the check digits say whether it was read well. */
function isMrz(value: string): boolean | number {
  const line = value.replace(/[ \n]/g, '');
  const second = /([A-Z0-9<]{9})(\d|<)[A-Z<]{3}(\d{6})(\d)[MFX<](\d{6})(\d)/.exec(line);
  if (second) {
    const [, number = '', check, birth = '', birthCheck, expiry = '', expiryCheck] = second;
    const fits = [
      [number, check],
      [birth, birthCheck],
      [expiry, expiryCheck],
    ].filter(
      ([field, digit]) =>
        String(icao(field ?? '')) === digit || (digit === '<' && /^<*$/.test(field ?? '')),
    ).length;
    return fits === 3 ? 0.98 : fits === 2 ? 0.8 : false;
  }
  const dates = /(?<![A-Z\d])(\d{6})(\d)[MFX<](\d{6})(\d)[A-Z<]{3}/.exec(line);
  if (dates) {
    const [, birth = '', birthCheck, expiry = '', expiryCheck] = dates;
    return String(icao(birth)) === birthCheck && String(icao(expiry)) === expiryCheck
      ? 0.98
      : false;
  }
  return /^[PVIAC][A-Z<][A-Z]{3}/.test(line) && line.includes('<<') ? 0.9 : false;
}

export const GOVERNMENT: readonly Rule[] = [
  {
    type: 'ssn',
    title: 'US Social Security Number or ITIN, written in groups',
    source: 'SSA POMS RM 10201.035; IRS publication 1915',
    atDigits: [3, 3],
    pattern: /(?<![\d\w]|\d[-.])\d{3}([- .\u2011\u2013\u00a0])\d{2}\1\d{4}(?![\w]|[-.]\d)/y,
    check: (value) => isSsn(digitsOf(value)) && (/[-\u2011\u2013]/.test(value) ? 0.85 : 0.5),
    confidence: 0.85,
    context: wordsAround('ssns?|social security|soc sec|social|tin|itin|taxpayer|ss ?#'),
    withContext: 0.98,
    against: /(?:suite|apt\.?|unit|ticket|part|item|order|invoice|ref|version)[ #.:]{1,3}$/i,
  },
  labelled({
    type: 'ssn',
    title: 'US Social Security Number behind its label, also with all but four digits masked',
    source: 'SSA POMS RM 10201.035',
    labels: 'ssn|social security|soc sec|itin',
    value: '(?:\\d{3}[ .-]?\\d{2}[ .-]?\\d{4}|[x*•]{3}-?[x*•]{2}-?\\d{4})',
    check: (value) => /[x*•]/i.test(value) || isSsn(digitsOf(value)),
    confidence: 0.9,
  }),
  labelled({
    type: 'passport',
    title: 'Passport number behind its label, in fifteen languages',
    source: 'ICAO Doc 9303-4: up to nine letters and digits',
    labels:
      'passports?|travel document|reisepass|reisepaß|pass(?= ?n)|passeport|pasaporte|passaporto|paspoort|passaporte|paszport|paszportu|útlev[ée]l|pașaport|passi|vegabr[ée]f|διαβατήριο|διαβατηρίου|паспорт|pasport|cestovní pas',
    value: '(?=[A-Z0-9]{0,8}\\d)[A-Z0-9]{2}[ ]?[A-Z0-9]{4,7}',
    check: hasDigits(4),
    confidence: 0.85,
  }),
  labelled({
    type: 'driver_license',
    title: 'Driving licence number behind its label, in fifteen languages',
    source: 'AAMVA D20; EU Directive 2006/126/EC',
    labels:
      "driver['’]?s? licen[cs]e|driving licen[cs]e|driver licen[cs]e|operator['’]?s? licen[cs]e|licen[cs]e(?= ?(?:number|no\\b|#|id))|dl|d\\.l\\.|dln|f[üu]hrerschein|fahrerlaubnis|permis de conduire|permis(?= ?(?:n|\\d))|permiso de conducir|licencia de conducir|carnet de conducir|patente(?: di guida)?|rijbewijs|carta de condu[çc][ãa]o|prawo jazdy|k[öo]rkort|k[øo]rekort|f[øo]rerkort|ajokortti|jogos[íi]tv[áa]ny|[řr]idičský průkaz|permis auto",
    value: '(?=[A-Z0-9 -]{0,10}\\d)[A-Z0-9](?:[A-Z0-9]|[ -](?=[A-Z0-9]{0,6}\\d)){3,19}[A-Z0-9]',
    check: hasDigits(4),
    confidence: 0.85,
  }),
  labelled({
    type: 'license_plate',
    title: 'Registration plate behind its label, in twelve languages',
    source: 'Vienna Convention on Road Traffic 1968, annex 2',
    labels:
      "licen[cs]e plates?|number plates?|plates?|vehicle registration|car registration|registration(?= ?(?:no\\b|number|mark|plate))|reg(?= ?(?:no\\b|nr|number|plate))|vrm|tag(?= ?(?:no\\b|number))|kfz kennzeichen|(?:kfz)?kennzeichen|amtliches kennzeichen|nummernschild|immatriculation|plaque d[’']immatriculation|matr[íi]cula|placa|targa|targato|kenteken|nr rejestracyjny|numer rejestracyjny|registreringsnummer|rekisterinumero|rendsz[áa]m|spz|ecv",
    value: '(?=[A-ZÄÖÜ0-9 ·-]{0,9}\\d)[A-ZÄÖÜ0-9]{1,8}(?:[ ·-]{1,2}[A-ZÄÖÜ0-9]{1,5}){0,3}',
    isExact: true,
    check: (value) => /[A-ZÄÖÜ]/.test(value) && value.length >= 4 && value.length <= 12,
    confidence: 0.8,
  }),
  ...PLATES,
  labelled({
    type: 'national_id',
    title: 'Number of an identity card or residence permit behind its label',
    source: 'GDPR art. 87; Regulation (EU) 2019/1157',
    labels:
      "national id(?:entity)?(?: card)?|identity card|id card|citizen id|personalausweis|ausweis(?= ?n)|carte (?:nationale )?d[’']identit[ée]|cni|documento de identidad|carta d[’']identit[àa]|c\\.?i\\.?(?= ?seri[ae])|seri[ae](?= ?[A-Z]{2} ?\\d{6})|c\\.i\\.|ob[čc]ansk[ýy] pr[ůu]kaz|op(?= ?\\d{9})|dow[óo]d(?:u|em)?(?: osobist(?:y|ego))?|identiteitskaart|id kort|residence permit|aufenthaltstitel|titre de s[ée]jour|permesso di soggiorno|green card|alien registration|id-kaart|lichn[aá] karta|personalnummer|personal id",
    value: '(?=[A-Z0-9 ]{0,9}\\d)[A-Z0-9](?:[A-Z0-9]|[ .-](?=[A-Z0-9])){4,18}',
    isExact: true,
    check: hasDigits(5),
    confidence: 0.7,
  }),
  labelled({
    type: 'tax_id',
    title: 'Tax number behind its label',
    source: 'EU TIN portal; OECD Automatic Exchange Portal',
    labels:
      'tax (?:id(?:entification)?|reference|file|payer)|taxpayer(?: id(?:entification)?)?|tin(?=[ :#=])|steuernummer|steuer ?nr|st\\.?-?nr|skattenummer|rfc',
    value: '(?=[A-Z0-9/]{0,6}\\d)[A-Z0-9](?:[A-Z0-9]|[ ./-](?=[A-Z0-9])){6,18}',
    isExact: true,
    check: hasDigits(6),
    confidence: 0.7,
  }),
  {
    type: 'mrz',
    title:
      'Machine-readable zone of a passport, visa or identity card (TD1, TD2, TD3) with its check digits',
    source: 'ICAO Doc 9303-3, 4.9; parts 4 to 7',
    unbroken: { least: 30, holds: 'A' },
    pattern:
      /(?<![A-Z0-9<])(?:[PVIAC][A-Z<][A-Z]{3}[A-Z0-9<]{25,39}|[A-Z0-9<]{9}[\d<][A-Z<]{3}\d{7}[MFX<]\d{7}[A-Z0-9<]{2,16}|\d{7}[MFX<]\d{7}[A-Z<]{3}[A-Z0-9<]{11}\d|[A-Z]{2,24}<<[A-Z<]{5,28})(?![A-Z0-9<])/y,
    check: (value) =>
      /^[A-Z]{2,24}<</.test(value) ? (value.length >= 30 ? 0.8 : false) : isMrz(value),
    confidence: 0.95,
  },
];
