/** docs/configuration.md, made from the table of settings. */
import { SETTINGS } from '../../src/config.ts';

export function configurationPage(): string {
  const rows = Object.values(SETTINGS).map((setting) => {
    const fallback = 'default' in setting ? `\`${setting.default}\`` : '';
    const secret = 'secret' in setting && setting.secret ? ' Secret.' : '';
    return `| \`${setting.name}\` | ${setting.kind.form} | ${fallback} | ${setting.meaning}${secret} |`;
  });
  return `# Configuration

Every setting is an environment variable. All have a default that works on one machine; a wrong or
misspelt one stops the server at once, and all mistakes are reported together. Any of them can be
read from a file instead: \`NAME_FILE=/run/secrets/name\`.

This page is made from the table in \`src/config.ts\` by \`npm run docs\`.

| setting | form | default | meaning |
|---|---|---|---|
${rows.join('\n')}
`;
}
