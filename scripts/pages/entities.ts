/** docs/entities.md, made from Redact's tables of types, rules and frameworks. */
import {
  ENTITIES,
  ENTITY_TYPES,
  FRAMEWORK_IDS,
  FRAMEWORKS,
  RULES,
  SAFE_HARBOR,
} from '../../src/services/redact/index.ts';

export function entitiesPage(): string {
  const rows = ENTITY_TYPES.filter((type) => type !== 'term').map((type) => {
    const { category, label, meaning } = ENTITIES[type];
    const frameworks = FRAMEWORK_IDS.filter((id) => FRAMEWORKS[id].types.includes(type));
    return `| \`${type}\` | ${category} | \`[${label}_1]\` | ${meaning} | ${frameworks.join(', ') || 'when asked for'} |`;
  });
  const rules = RULES.map(
    ({ type, title, source, confidence, context, withContext = 0.95 }) =>
      `| \`${type}\` | ${cell(title)} | ${confidence}${context ? ` (${withContext} beside a word that says so)` : ''} | ${cell(source)} |`,
  );
  const frameworks = FRAMEWORK_IDS.map((id) => {
    const { title, source, threshold } = FRAMEWORKS[id];
    return `| \`${id}\` | ${title} | ${threshold} | ${source} |`;
  });
  const groups = Object.entries(SAFE_HARBOR).map(
    ([letter, { title, types }]) =>
      `| ${letter} | ${title} | ${types.map((type) => `\`${type}\``).join(', ') || 'none: pictures are read for their text only'} |`,
  );
  const countries = countriesWithChecks();
  return `# What Redact finds

This page is made from the tables in \`src/services/redact\` by \`npm run docs\`.

## Types
| type | category | stand-in | what it is | frameworks |
|---|---|---|---|---|
${rows.join('\n')}

\`term\` stands for the caller's own words and patterns (\`terms\`).

## Frameworks
A finding counts from the framework's threshold on; \`minConfidence\` moves it.

| framework | looks for | threshold | after |
|---|---|---|---|
${frameworks.join('\n')}

## The 18 groups of HIPAA's Safe Harbor
45 CFR 164.514(b)(2)(i), by its letters; framework \`hipaa\`.

| | group | types |
|---|---|---|
${groups.join('\n')}

## Numbers, labels, languages
National numbers of ${countries.length} countries (${countries.join(', ')}) are told from any digits by
their check digits, by the dates in them, and by what may stand between their groups. One check digit
lets every tenth number pass, so such a number also needs a word beside it, in the country's languages
or in English; one that excludes more counts alone.

Values without a check of their own are known by the label before them (\`Patient ID: 4711-22\`,
\`passport_no=C01X00T47\`) or by the heading of their column.

\`language\` (ISO 639-1) raises the confidence of its country's numbers by three tenths, so that those
worth 0.4 alone count without a word, and names the countries whose telephone numbers are tried
first. Dates are taken in every order whatever the language: 03/04/2024 is removed either way.

## Rules
| type | rule | confidence | source |
|---|---|---|---|
${rules.join('\n')}
`;
}

/** ISO 3166 codes at the head of titles; VAT numbers of Greece and Northern Ireland have their own. */
function countriesWithChecks(): string[] {
  const titles = RULES.filter(({ type, number, check }) => {
    return number && check && type !== 'license_plate';
  }).map(({ title }) => title);
  const codes = titles.flatMap(
    (title) => /^([A-Z]{2}(?:, [A-Z]{2})*): /.exec(title)?.[1]?.split(', ') ?? [],
  );
  const countries = codes.map((code) => ({ EL: 'GR', XI: 'GB' })[code] ?? code);
  return [...new Set(countries)].toSorted();
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
