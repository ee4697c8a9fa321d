/** Numbers of patients, plans and practitioners. */
import { digitsOf, luhn } from '../check-digits.ts';
import type { Rule } from '../rule.ts';

/** DEA: two letters and seven digits; (d1+d3+d5) + 2(d2+d4+d6) ends in d7. 21 CFR 1301. */
function isDea(value: string): boolean {
  const d = [...digitsOf(value)].map(Number);
  const at = (i: number) => d[i] ?? 0;
  return (at(0) + at(2) + at(4) + 2 * (at(1) + at(3) + at(5))) % 10 === at(6);
}

export const MEDICAL: readonly Rule[] = [
  {
    type: 'medical_license',
    title: 'US National Provider Identifier with its check digit',
    source: '45 CFR 162.406; ISO 7812 with prefix 80840',
    pattern: /(?<![\w.-])[12]\d{9}(?![\w-]|\.\d)/g,
    check: (value) => luhn(`80840${value}`),
    confidence: 0.4,
    context: /\b(?:npi|national provider|provider id)\b/i,
  },
  {
    type: 'medical_license',
    title: 'US DEA registration number with its check digit',
    source: '21 CFR 1301',
    pattern: /(?<![A-Za-z0-9])[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}(?![A-Za-z0-9])/g,
    check: isDea,
    confidence: 0.75,
    context: /\bdea\b/i,
  },
  {
    type: 'health_plan',
    title: 'US Medicare Beneficiary Identifier',
    source: 'CMS, Understanding the MBI format',
    pattern:
      /(?<![A-Za-z0-9])[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}(?![A-Za-z0-9])/g,
    confidence: 0.85,
    context: /\b(?:mbi|medicare|beneficiary)\b/i,
  },
  {
    type: 'medical_record',
    title: 'Medical record or patient number, behind a word that says so',
    source: '45 CFR 164.514(b)(2)(i)(H)',
    pattern:
      /\b(?:mrn|medical[ \t]{1,3}record|patient[ \t]{1,3}(?:id|identifier)|patient(?=[ \t]{1,3}(?:no|number|#))|chart)(?:[ \t]{0,3}(?:number|num|no|#|id)){0,2}\.?[ \t]{0,3}[:#]?[ \t\n]{0,3}(?:is[ \t]{1,2})?(?<value>(?=[A-Z0-9-]{0,12}\d)[A-Z0-9][A-Z0-9-]{2,18}[A-Z0-9])(?![A-Za-z0-9])/gi,
    check: (value) => digitsOf(value).length >= 4,
    confidence: 0.9,
  },
  {
    type: 'health_plan',
    title: 'Health plan, policy or member number, behind a word that says so',
    source: '45 CFR 164.514(b)(2)(i)(I)',
    pattern:
      /\b(?:health[ \t]{1,3}plan|insurance|policy|member|beneficiary|subscriber|group)[ \t]{1,3}(?:id|identifier|number|num|no|#)\.?[ \t]{0,3}[:#]?[ \t\n]{0,3}(?:is[ \t]{1,2})?(?<value>(?=[A-Z0-9-]{0,12}\d)[A-Z0-9][A-Z0-9-]{3,18}[A-Z0-9])(?![A-Za-z0-9])/gi,
    check: (value) => digitsOf(value).length >= 4,
    confidence: 0.85,
  },
  {
    type: 'account_number',
    title: 'Account, customer, case or certificate number, behind a word that says so',
    source: '45 CFR 164.514(b)(2)(i)(J), (K)',
    pattern:
      /\b(?:account|acct|customer|client|case|certificate|licen[cs]e|employee|claim|invoice[ \t]{1,3}account)[ \t]{1,3}(?:id|identifier|number|num|no|nr|#)\.?[ \t]{0,3}[:#]?[ \t\n]{0,3}(?:is[ \t]{1,2})?(?<value>(?=[A-Z0-9-]{0,12}\d)[A-Z0-9][A-Z0-9-]{3,18}[A-Z0-9])(?![A-Za-z0-9])/gi,
    check: (value) => digitsOf(value).length >= 4,
    confidence: 0.7,
  },
  {
    type: 'device_id',
    title: 'Serial number of a device, behind a word that says so',
    source: '45 CFR 164.514(b)(2)(i)(M)',
    pattern:
      /\b(?:device|implant|pacemaker|serial|udi)[ \t]{0,3}(?:(?:id|identifier|serial|number|num|no|#)[ \t]{0,3}){1,3}\.?[ \t]{0,3}[:#]?[ \t\n]{0,3}(?<value>(?=[A-Z0-9-]{0,12}\d)[A-Z0-9][A-Z0-9-]{4,22}[A-Z0-9])(?![A-Za-z0-9])/gi,
    check: (value) => digitsOf(value).length >= 4,
    confidence: 0.8,
  },
];
