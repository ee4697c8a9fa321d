/**
 * What a command is. The table in index.ts lists them all; parsing, `--help` and docs/cli.md are made
 * from the same definitions, so none of them can disagree.
 */
import { parseArgs } from 'node:util';
import type { Output } from './output.ts';

export interface Option {
  type: 'string' | 'boolean';
  meaning: string;
  /** What stands for the value in the help, `NAME`, say. */
  value?: string;
  short?: string;
  multiple?: boolean;
}

export interface Argument {
  name: string;
  meaning: string;
  optional?: boolean;
}

type Options = Readonly<Record<string, Option>>;

type Values<O extends Options> = {
  [K in keyof O]?: O[K] extends { type: 'boolean' }
    ? boolean
    : O[K] extends { multiple: true }
      ? string[]
      : string;
};

export interface Call<O extends Options = Options> {
  positionals: string[];
  values: Values<O>;
  out: Output;
}

export interface Command {
  /** As it is typed, `key create`, say. */
  name: string;
  summary: string;
  /** What a reader needs to know beyond the summary, in whole sentences. */
  details?: string;
  arguments: readonly Argument[];
  options: Options;
  /** Command lines without `cloakroom`. */
  examples: readonly string[];
  /** The exit code; 0 unless said otherwise. */
  run(call: Call): Promise<number | undefined>;
}

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** The command line is wrong; the message says what was expected. */
export class UsageError extends Error {}

/** Ties the options of a command to what its `run` is given. */
export function defineCommand<const O extends Options>(
  command: Omit<Command, 'run' | 'options' | 'arguments'> & {
    options?: O;
    arguments?: readonly Argument[];
    run(call: Call<O>): Promise<number | undefined>;
  },
): Command {
  return { arguments: [], options: {}, ...command } as Command;
}

/** Options that every command has. */
export const COMMON_OPTIONS = {
  json: { type: 'boolean', meaning: 'Print the result as JSON.' },
  help: { type: 'boolean', short: 'h', meaning: 'Print this help.' },
} as const satisfies Options;

/** Reads what follows the command's name; throws UsageError. */
export function parseCall(
  command: Command,
  args: readonly string[],
): { positionals: string[]; values: Record<string, unknown> } {
  const options = { ...command.options, ...COMMON_OPTIONS };
  const { values, positionals } = parse(args, options);
  if (values['help']) return { positionals, values };
  const [most, least] = [
    command.arguments.length,
    command.arguments.filter(({ optional }) => !optional).length,
  ];
  const missing = command.arguments[positionals.length];
  if (missing && positionals.length < least) throw new UsageError(`${missing.name} is missing`);
  if (positionals.length > most) {
    throw new UsageError(`"${positionals[most]}" is one argument too many`);
  }
  return { positionals, values };
}

function parse(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's own text names the option; its advice about "--" helps nobody here.
    throw new UsageError((error as Error).message.replace(/\. To specify .*$/s, ''));
  }
}
