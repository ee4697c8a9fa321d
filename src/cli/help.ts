/** Help texts, made from the commands' definitions. */
import { COMMON_OPTIONS, type Command, type Option } from './command.ts';

const EXIT_CODES = 'Exit codes: 0 done, 1 failed, 2 the command line is wrong.';

/** All commands, a line each. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => synopsis(command).length));
  const lines = commands.map(
    (command) => `  ${synopsis(command).padEnd(width)}  ${command.summary}`,
  );
  return [
    'Usage: cloakroom COMMAND [OPTIONS]',
    '',
    ...lines,
    '',
    'cloakroom COMMAND --help shows options and examples.',
    'Settings are environment variables; docs/configuration.md lists them.',
    EXIT_CODES,
  ].join('\n');
}

/** One command: usage, what it does, options, examples. */
export function helpOf(command: Command): string {
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS });
  const entries = [
    ...command.arguments.map(({ name, meaning }) => [name, meaning] as const),
    ...options.map(([name, option]) => [flag(name, option), option.meaning] as const),
  ];
  const width = Math.max(...entries.map(([name]) => name.length));
  return [
    `Usage: cloakroom ${synopsis(command)} [OPTIONS]`,
    '',
    ...wrap([command.summary, command.details].filter(Boolean).join(' '), 0),
    '',
    ...entries.flatMap(([name, meaning]) => {
      const [first, ...more] = wrap(meaning, width + 4);
      return [`  ${name.padEnd(width)}  ${first?.trimStart()}`, ...more];
    }),
    '',
    'Examples:',
    ...command.examples.map((example) => `  cloakroom ${example}`),
    '',
    EXIT_CODES,
  ].join('\n');
}

export function synopsis({ name, arguments: args }: Command): string {
  const names = args.map(({ name: argument, optional }) => (optional ? `[${argument}]` : argument));
  return [name, ...names].join(' ');
}

export function flag(name: string, { type, value, short, multiple }: Option): string {
  const long = `--${name}${type === 'string' ? ` ${value ?? 'VALUE'}` : ''}`;
  return `${short ? `-${short}, ` : ''}${long}${multiple ? ' …' : ''}`;
}

const WIDTH = 96;

function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && indent + line.length + 1 + word.length <= WIDTH) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines.map((line) => ' '.repeat(indent) + line);
}
