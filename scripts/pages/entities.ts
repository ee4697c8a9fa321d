/** docs/entities.md, made from Redact's tables of types, rules and frameworks. */
import {
  ENTITIES,
  ENTITY_TYPES,
  FRAMEWORK_IDS,
  FRAMEWORKS,
  RULES,
} from '../../src/services/redact/index.ts';

export function entitiesPage(): string {
  const rows = ENTITY_TYPES.filter((type) => RULES.some((rule) => rule.type === type)).map(
    (type) => {
      const { category, label, meaning } = ENTITIES[type];
      const frameworks = FRAMEWORK_IDS.filter((id) => FRAMEWORKS[id].types.includes(type));
      return `| \`${type}\` | ${category} | \`[${label}_1]\` | ${meaning} | ${frameworks.join(', ') || 'when asked for'} |`;
    },
  );
  const rules = RULES.map(
    ({ type, title, source, confidence, context, withContext = 0.95 }) =>
      `| \`${type}\` | ${cell(title)} | ${confidence}${context ? ` (${withContext} beside a word that says so)` : ''} | ${cell(source)} |`,
  );
  const frameworks = FRAMEWORK_IDS.map((id) => {
    const { title, source, threshold } = FRAMEWORKS[id];
    return `| \`${id}\` | ${title} | ${threshold} | ${source} |`;
  });
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

## Rules
| type | rule | confidence | source |
|---|---|---|---|
${rules.join('\n')}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
