/** Numbers of patients, plans, practitioners and devices; of customers, cases and employees. */
import { digitsOf, luhn } from '../check-digits.ts';
import type { Rule } from '../rule.ts';
import { hasDigits, labelled, REFERENCE } from './labelled.ts';
import { wordsAround } from './national/number-row.ts';

/** DEA: two letters and seven digits; (d1+d3+d5) + 2(d2+d4+d6) ends in d7. 21 CFR 1301. */
function isDea(value: string): boolean {
  const d = [...digitsOf(value)].map(Number);
  const at = (i: number) => d[i] ?? 0;
  const sum = at(0) + at(2) + at(4) + 2 * (at(1) + at(3) + at(5));
  return /^[ABCDEFGHJKLMPRSTUX][A-Z9]/.test(value) && sum % 10 === at(6);
}

const MBI =
  /^[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[AC-HJKMNP-RT-Y]{2}\d{2}$/;

export const MEDICAL: readonly Rule[] = [
  {
    type: 'medical_license',
    title: 'US National Provider Identifier with its check digit',
    source: '45 CFR 162.406; ISO/IEC 7812 with prefix 80840',
    number: ['9999999999'],
    check: (value) => /^[12]/.test(value) && luhn(`80840${value}`),
    confidence: 0.3,
    context: wordsAround('npi|national provider|provider(?: id)?|prescriber|physician id'),
  },
  {
    type: 'medical_license',
    title: 'US DEA registration number with its check digit',
    source: '21 CFR 1301; DEA Office of Diversion Control',
    number: ['@@9999999', '@99999999'],
    check: isDea,
    confidence: 0.6,
    context: wordsAround('dea(?: (?:no|number|registration))?'),
  },
  labelled({
    type: 'medical_license',
    title: 'Medical or professional licence behind its label',
    source: '45 CFR 164.514(b)(2)(i)(K)',
    labels:
      'medical licen[cs]e|physician licen[cs]e|nursing licen[cs]e|state licen[cs]e|gmc|lanr|arztnummer|rpps|bar|upin',
    needsLink: true,
    value: REFERENCE,
    check: hasDigits(4),
    confidence: 0.8,
  }),
  {
    type: 'health_plan',
    title: 'US Medicare Beneficiary Identifier',
    source: 'CMS, Understanding the MBI format',
    number: ['9@*9-@*9-@@99'],
    check: (value) => MBI.test(value),
    confidence: 0.85,
    context: wordsAround('mbi|medicare|beneficiary'),
  },
  labelled({
    type: 'medical_record',
    title: 'Medical record, chart, patient or encounter number behind its label',
    source: '45 CFR 164.514(b)(2)(i)(H)',
    labels:
      'mrn|mr(?= ?(?:#|no\\b|number))|medical records?|med rec|health record|patient(?= ?(?:id|no\\b|number|#|identifier|nummer|nr))|chart|encounter|visit(?= ?(?:id|no\\b|number|#))|admission(?= ?(?:id|no\\b|number|#))|accession|specimen|hospital(?= ?(?:id|no\\b|number|#))|unit record|patienten(?:nummer|nr|id)|fallnummer|aufnahmenummer|dossier(?: m[ée]dical)?(?= ?n)|num[ée]ro de dossier|ipp|historia cl[íi]nica|cartella clinica|pati[ëe]ntnummer|nhi',
    value: REFERENCE,
    check: hasDigits(3),
    confidence: 0.85,
  }),
  labelled({
    type: 'health_plan',
    title: 'Health plan, insurance, policy or member number behind its label',
    source: '45 CFR 164.514(b)(2)(i)(I)',
    labels:
      'health plan|health insurance|insurance|policy|member|cin|beneficiary|subscriber|group|medicaid|medicare|hicn|payer|plan|versicherten|versicherungs|versicherungsschein|police|policen|mutuelle|assur[ée]|p[óo]liza|tarjeta sanitaria|polizza|polis|insured',
    needsLink: true,
    value: REFERENCE,
    check: hasDigits(4),
    confidence: 0.8,
  }),
  labelled({
    type: 'account_number',
    title: 'Account, customer, case, employee or certificate number behind its label',
    source: '45 CFR 164.514(b)(2)(i)(J), (K), (R)',
    labels:
      'account|acct|customer|client|case|certificate|cert|licen[cs]e|employee|emp|staff|personnel|payroll|student|matriculation|badge|claim|membership|loyalty|frequent flyer|subscriber|invoice account|user account|docket|file|applicant|candidate|booking|reservation|pnr|matter|loan|contract|kunden|kundennummer|kunden ?nr|vertrags(?:nummer|nr)|vertrag|personalnummer|personal ?nr|matrikelnummer|matrikel ?nr|mitarbeiter(?:nummer|nr)?|aktenzeichen|client(?:e)?|num[ée]ro client|matricule|contrat|dossier|cliente|expediente|contrato|codice cliente|pratica|klant(?:nummer)?|kundenr|kundnummer|asiakasnumero|numer klienta',
    needsLink: true,
    value: REFERENCE,
    check: hasDigits(4),
    confidence: 0.7,
  }),
  {
    type: 'account_number',
    title: 'Locator of a booking behind its label',
    source: 'IATA Resolution 830',
    words: ['pnr', 'record', 'booking', 'reservation'],
    pattern:
      /(?:PNR|[Rr]ecord [Ll]ocator|(?:[Bb]ooking|[Rr]eservation) (?:[Cc]ode|[Rr]ef(?:erence)?))[ \t]{0,2}[:#=]?[ \t]{0,2}(?<value>(?=[A-Z]{0,5}\d)[A-Z\d]{6})(?![\p{L}\d])/uy,
    confidence: 0.8,
  },
  {
    type: 'device_id',
    title: 'Unique device identifier with its parts',
    source: '21 CFR 801.40; GS1 General Specifications',
    needs: /\(01\)\d{14}/,
    pattern: /\(01\)\d{14}(?:\((?:10|11|17|21|240)\)[A-Za-z0-9.-]{1,20}){0,4}/g,
    confidence: 0.9,
  },
  labelled({
    type: 'device_id',
    title: 'Serial number of a device or implant behind its label',
    source: '45 CFR 164.514(b)(2)(i)(M); 21 CFR 801.40 (UDI)',
    labels:
      'device|implant|pacemaker|serial|udi|s/n|sn|seriennummer|serien ?nr|ger[äa]te(?:nummer|nr)|num[ée]ro de s[ée]rie|n[úu]mero de serie|numero di serie|serienummer|udid|idfa|imsi|iccid|meid|asset tag',
    needsLink: true,
    value: '(?=[A-Z0-9()./-]{0,12}\\d)[A-Z0-9(](?:[A-Z0-9()]|[./-](?=[A-Z0-9])){4,40}',
    check: hasDigits(4),
    confidence: 0.75,
  }),
];
