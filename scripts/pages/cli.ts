/** docs/cli.md, made from the table of commands. */
import { COMMON_OPTIONS, type Command } from '../../src/cli/command.ts';
import { flag, synopsis } from '../../src/cli/help.ts';
import { COMMANDS } from '../../src/cli/index.ts';

export function cliPage(): string {
  return `# The command line

From a checkout the commands are run by \`npx cloakroom …\`. All of them work beside a running server on
the same data directory, and read the same [settings](configuration.md).

Standard output carries the result and nothing else, so it can be piped or taken into a variable;
messages and progress go to standard error. With \`--json\` the result is JSON.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed, or what was checked is not in order |
| 2 | the command line is wrong |

This page is made from the table in \`src/cli/index.ts\` by \`npm run docs\`.

${COMMANDS.map(section).join('\n\n')}
`;
}

function section(command: Command): string {
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS });
  const rows = [
    ...command.arguments.map(({ name, meaning }) => `| \`${name}\` | ${meaning} |`),
    ...options.map(([name, option]) => `| \`${flag(name, option)}\` | ${option.meaning} |`),
  ];
  return [
    `## ${synopsis(command)}`,
    [command.summary, command.details].filter(Boolean).join(' '),
    ['| | |', '|---|---|', ...rows].join('\n'),
    `\`\`\`\n${command.examples.map((example) => `cloakroom ${example}`).join('\n')}\n\`\`\``,
  ].join('\n\n');
}
