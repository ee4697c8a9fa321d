/**
 * Each national number: a published or constructed example is found beside its word, and is not with
 * any other last check character. What is worth something alone is found without a word too.
 */
import { expect, test } from 'vitest';
import type { EntityType } from '../../entities.ts';
import { type Candidate, resolve } from '../../resolver.ts';
import type { Rule } from '../../rule.ts';
import { scan } from '../../scan/scan.ts';
import { RULES } from '../index.ts';
import { NATIONAL } from './index.ts';

/** Without the tagger, which has nothing to say of numbers. */
function detected(text: string, language?: string): Candidate[] {
  const sure = scan({ pageNumber: 1, text }, RULES, language).filter((c) => c.confidence >= 0.5);
  return resolve(sure);
}

function found(text: string, type: EntityType): string[] {
  return detected(text)
    .filter((finding) => finding.type === type)
    .map(({ start, end }) => text.slice(start, end));
}

/** Title's beginning, a sentence up to the number, examples. */
const EXAMPLES: readonly [title: string, type: EntityType, lead: string, ...examples: string[]][] =
  [
    ['AT: Sozial', 'national_id', 'Sozialversicherungsnummer', '1237 010180', '1237010180'],
    ['AT: Abgaben', 'tax_id', 'Steuernummer', '93-173/6581', '931736581'],
    ['BE: Rijks', 'national_id', 'Rijksregisternummer', '85.07.30-033.28', '85073003328'],
    ['BG: ЕГН', 'national_id', 'ЕГН', '7523169263'],
    ['BG: ЛНЧ', 'national_id', 'ЛНЧ', '7111042925'],
    ['HR: OIB', 'national_id', 'OIB', '33392005961'],
    ['CY: αρ', 'tax_id', 'TIC', '10259033P'],
    ['CZ, SK: rodné číslo till', 'national_id', 'rodné číslo', '450319/274'],
    ['MT: karta', 'national_id', 'identity card', '1234567M'],
    ['CZ, SK: rodné číslo', 'national_id', 'rodné číslo', '710319/2745', '9912311002'],
    ['DK: CPR', 'national_id', 'CPR-nummer', '211062-5629', '2110625629'],
    ['EE: isiku', 'national_id', 'isikukood', '36805280109'],
    ['FI: henk', 'national_id', 'henkilötunnus', '131052-308T', '010101A999X'],
    [
      'FR: numéro de s',
      'national_id',
      'sécurité sociale',
      '2 95 10 99 126 111 93',
      '295109912611193',
    ],
    ['FR: numéro fiscal', 'tax_id', 'numéro fiscal', '30 23 217 600 053'],
    ['DE: steuerliche', 'tax_id', 'Steuer-ID', '36 574 261 809', '47036892816'],
    ['DE: Renten', 'national_id', 'Rentenversicherungsnummer', '15 070649 C 103', '65170839J003'],
    ['DE: Kranken', 'health_plan', 'Versichertennummer', 'A123456780'],
    ['DE: Serien', 'national_id', 'Personalausweis', 'T220001293', 'L01X00T471'],
    ['GR: ΑΦΜ', 'tax_id', 'ΑΦΜ', '094259216'],
    ['GR: ΑΜΚΑ', 'national_id', 'ΑΜΚΑ', '01013099997'],
    ['HU: szem', 'national_id', 'személyi azonosító', '1-860212-0055'],
    ['HU: adó', 'tax_id', 'adóazonosító jel', '8071592153'],
    ['HU: TAJ', 'health_plan', 'TAJ-szám', '111 111 110'],
    ['IS: kenni', 'national_id', 'kennitala', '120174-3399'],
    ['IE: PPS', 'national_id', 'PPS number', '6433435F', '1234567FA'],
    ['IT: codice', 'tax_id', 'codice fiscale', 'RCCMNL83S18D969H', 'MRT MTT 91D08 F205J'],
    ['LV: pers', 'national_id', 'personas kods', '161175-19997'],
    ['LT: asmens', 'national_id', 'asmens kodas', '33309240064'],
    ['LU: matr', 'national_id', 'matricule', '1893120105732'],
    ['NL: burger', 'national_id', 'BSN', '111222333', '1112.22.333'],
    ['NO: føds', 'national_id', 'fødselsnummer', '151086 95088'],
    ['PL: PESEL', 'national_id', 'PESEL', '44051401359'],
    ['PL: NIP', 'tax_id', 'NIP', '856-734-62-15'],
    ['PL: dow', 'national_id', 'dowód osobisty', 'ABS 123456'],
    ['PT: número de identificação f', 'tax_id', 'NIF', '501 964 843'],
    ['PT: número de identificação de', 'national_id', 'NISS', '12345678902'],
    ['PT: cart', 'national_id', 'Cartão de Cidadão', '00000000 0 ZZ4'],
    ['RO: CNP', 'national_id', 'CNP', '1630615123457'],
    ['SE: person', 'national_id', 'personnummer', '811228-9874', '19811228-9874'],
    ['SI: EM', 'national_id', 'EMŠO', '0101006500006'],
    ['SI: dav', 'tax_id', 'davčna številka', '50223054'],
    ['ES: DNI', 'national_id', 'DNI', '54362315-K', '54.362.315-K', 'X-2482300W'],
    ['ES: número', 'national_id', 'Seguridad Social', '28/12345678/40'],
    ['CH, LI: AHV', 'national_id', 'AHV-Nummer', '756.9217.0769.85'],
    ['GB: Unique', 'tax_id', 'UTR', '19558 39661'],
    ['GB: NHS', 'health_plan', 'NHS', '943 476 5919'],
    ['GB: National', 'national_id', 'NINO', 'AB 12 34 56 C', 'AB123456C'],
    ['GB: driver', 'driver_license', 'driving licence', 'MORGA 657054 SM9IJ', 'MORGA657054SM9IJ'],
    ['US: Social', 'ssn', 'SSN', '123456789'],
    ['IN: Permanent', 'tax_id', 'PAN', 'ACUPA7085R'],
    ['IS: VSK', 'vat_number', 'VSK-númer', '12345'],
    ['US: Employer', 'tax_id', 'EIN', '91-1144442'],
    ['CA: Social', 'national_id', 'SIN', '046 454 286'],
    ['CA: Ontario', 'health_plan', 'health card', '9876-543-217'],
    ['AU: Tax', 'tax_id', 'TFN', '123 456 782'],
    ['AU: Australian', 'tax_id', 'ABN', '51 824 753 556'],
    ['AU: Medicare', 'health_plan', 'Medicare', '2123 45670 1'],
    ['IN: Aadhaar', 'national_id', 'Aadhaar', '2341 2341 2346'],
    ['IN: GSTIN', 'tax_id', 'GSTIN', '27AAPFU0939F1ZV'],
    ['BR: CPF', 'tax_id', 'CPF', '390.533.447-05'],
    ['BR: CNPJ', 'tax_id', 'CNPJ', '16.727.230/0001-97'],
    ['BR: PIS', 'national_id', 'PIS', '120.56412.54-5'],
    ['BR: CNH', 'driver_license', 'CNH', '97625655678'],
    ...(
      [
        ['AT', 'ATU13585627'],
        ['BE', 'BE 0428.759.497'],
        ['BG', 'BG175074752'],
        ['CY', 'CY10259033P'],
        ['CZ', 'CZ25123891'],
        ['DE', 'DE136695976'],
        ['DK', 'DK13585628'],
        ['EE', 'EE100931558'],
        ['EL', 'EL094259216'],
        ['ES', 'ESJ99216582'],
        ['FI', 'FI20774740'],
        ['FR', 'FR40303265045'],
        ['HR', 'HR33392005961'],
        ['HU', 'HU12892312'],
        ['IE', 'IE6433435F'],
        ['IT', 'IT00743110157'],
        ['LT', 'LT119511515'],
        ['LU', 'LU15027442'],
        ['LV', 'LV40003521600'],
        ['MT', 'MT11679112'],
        ['NL', 'NL004495445B01'],
        ['PL', 'PL8567346215'],
        ['PT', 'PT501964843'],
        ['RO', 'RO18547290'],
        ['SE', 'SE556188840401'],
        ['SI', 'SI50223054'],
        ['SK', 'SK2022749619'],
        ['GB', 'GB980780684'],
        ['XI', 'XI980780684'],
      ] as const
    ).flatMap(([country, number]) => [
      [`${country}: VAT number with the`, 'vat_number', 'VAT', number] as const,
      [`${country}: VAT number without`, 'vat_number', 'VAT', number.slice(2).trim()] as const,
    ]),
    ['NO: org', 'vat_number', 'org', '988 077 917 MVA'],
    ['CH, LI: UID', 'vat_number', 'UID', 'CHE-100.155.212 MWST'],
  ] as never;

/** Numbers whose end is no check character, and what has their form without being one. */
const NEAR_MISSES: Readonly<Record<string, readonly string[]>> = {
  'AT: Sozial': ['1238 010180', '1237 410180'],
  'IE: PPS': ['6433435G', '1234567GA'],
  'IS: kenni': ['120174-3389', '120174-3299', '120174-3391', '320174-3399'],
  'GB: National': ['BG 12 34 56 C', 'QQ 12 34 56 C', 'AB 12 34 56 E', 'AB123456'],
  'GB: driver': ['MORGA 657054 SM9I', 'MORGA 633054 SM9IJ', 'MORGA 657994 SM9IJ'],
  'GB: Unique': ['29558 39661', '19558 39662'],
  'US: Social': ['000123456', '666123456', '123006789', '123450000', '900123456'],
  'US: Employer': ['07-1144442', '911-144442', '91-114444'],
  'IN: Permanent': ['ACUZA7085R', 'ACUPA708R', '1CUPA7085R'],
  'CA: Ontario': ['9876-543-218', '0876-543-217'],
  'NL: VAT number with the': ['NL004495446B01', 'NL004495445C01'],
  'NL: VAT number without': ['004495446B01'],
  'SE: VAT number with the': ['SE556188840301', 'SE556188840402'],
  'SE: VAT number without': ['556188840301'],
  'NO: org': ['988 077 918 MVA', '988 077 917 MOO'],
  'CH, LI: UID': ['CHE-100.155.213 MWST', 'CHF-100.155.212'],
  'CZ, SK: rodné číslo till': ['451319/274', '550319/274', '450319/000'],
  'MT: karta': ['1234567C', '12345M'],
  'IS: VSK': ['1234', '1234567'],
  'AU: Medicare': ['2123 45680 1', '7123 45670 1'],
};

function ruleOf(title: string): Rule {
  const exact = NATIONAL.filter((rule) => rule.title === title);
  const rules = exact.length > 0 ? exact : NATIONAL.filter((rule) => rule.title.startsWith(title));
  expect(rules, title).toHaveLength(1);
  return rules[0] as Rule;
}

/** The number with every other last character of its kind. */
function others(example: string): string[] {
  const last = example.at(-1) ?? '';
  const kind = /\d/.test(last) ? '0123456789' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  return [...kind].filter((c) => c !== last).map((c) => example.slice(0, -1) + c);
}

test.each(EXAMPLES)('%s is found: %s, %s %s', (title, type, lead, ...examples) => {
  const rule = ruleOf(title);
  for (const example of examples) {
    expect(found(`${lead}: ${example}.`, type), example).toContain(example);
    const alone = scan({ pageNumber: 1, text: `x: ${example}.` }, [rule]);
    expect(alone.map(({ start, end }) => `x: ${example}.`.slice(start, end))).toContain(example);
  }
});

test.each(EXAMPLES)(
  '%s is not found with another check character',
  (title, _, lead, ...examples) => {
    const rule = ruleOf(title);
    for (const miss of NEAR_MISSES[title] ?? examples.flatMap(others)) {
      const text = `${lead}: ${miss}.`;
      const sure = scan({ pageNumber: 1, text }, [rule]).filter(
        ({ start, end, confidence }) => confidence >= 0.4 && text.slice(start, end) === miss,
      );
      expect(sure, miss).toEqual([]);
    }
  },
);

test('every national number of the tables has an example here', () => {
  const titles = EXAMPLES.map(([title]) => title);
  const ofTables = NATIONAL.filter(({ number }) => number);
  const without = ofTables.filter((rule) => !titles.some((title) => rule.title.startsWith(title)));
  expect(without.map(({ title }) => title)).toEqual([]);
});

test.each([
  'Order 4711001234 of 12345678901 pieces for 123456789.00 and 1,234,567,890',
  'Version 12.345.678.901 of 3.14159265358979, ref. 2024-000123-4567',
  'Invoice 20241231001, batch 987654321, unit 00012345, lot 100200300',
])('numbers of business are nobody’s: %s', (text) => {
  const hits = detected(text).filter(({ type }) =>
    ['national_id', 'tax_id', 'vat_number', 'health_plan', 'ssn', 'driver_license'].includes(type),
  );
  expect(hits).toEqual([]);
});

test('a document’s own language makes its country’s numbers likelier', () => {
  const number = '36574261809';
  expect(detected(number, 'de').map(({ type }) => type)).toEqual(['tax_id']);
  expect(detected(number, 'fr')).toEqual([]);
});
