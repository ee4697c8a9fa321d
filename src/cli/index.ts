/** The command line: finds the command, runs it, and turns what goes wrong into words and a code. */
import { auditCommands } from './audit.ts';
import { backupCommands } from './backup.ts';
import { checkCommands } from './check.ts';
import { type Command, EXIT, parseCall, UsageError } from './command.ts';
import { doctorCommands } from './doctor/index.ts';
import { documentCommands } from './documents.ts';
import { helpOf, overview } from './help.ts';
import { inspectCommands } from './inspect.ts';
import { keyCommands } from './keys.ts';
import { createOutput, type Output } from './output.ts';
import { serveCommands } from './serve.ts';
import { userCommands } from './users.ts';

export const COMMANDS: readonly Command[] = [
  ...serveCommands,
  ...doctorCommands,
  ...keyCommands,
  ...userCommands,
  ...auditCommands,
  ...backupCommands,
  ...documentCommands,
  ...inspectCommands,
  ...checkCommands,
];

/** Runs one command line (without `node` and the script); answers the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  const plain = createOutput(false);
  if (first === undefined || ['help', '--help', '-h'].includes(first)) {
    plain.result(overview(COMMANDS), null);
    return first === undefined ? EXIT.usage : EXIT.ok;
  }
  if (first === '--version' || first === 'version') {
    const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
    plain.result(manifest.version, null);
    return EXIT.ok;
  }
  const found = find(argv);
  if (!found) {
    plain.say(unknown(argv));
    return EXIT.usage;
  }
  return runCommand(found.command, found.rest);
}

async function runCommand(command: Command, rest: readonly string[]): Promise<number> {
  const out = createOutput(rest.includes('--json'));
  try {
    const { positionals, values } = parseCall(command, rest);
    if (values['help']) {
      createOutput(false).result(helpOf(command), null);
      return EXIT.ok;
    }
    return (await command.run({ positionals, values: values as never, out })) ?? EXIT.ok;
  } catch (error) {
    return report(error, command, out);
  }
}

/** The command whose words the line begins with; the longest wins. */
function find(argv: readonly string[]): { command: Command; rest: readonly string[] } | null {
  const matches = COMMANDS.flatMap((command) => {
    const words = command.name.split(' ');
    const fits = words.every((word, index) => argv[index] === word);
    return fits ? [{ command, rest: argv.slice(words.length) }] : [];
  });
  return matches.toSorted((a, b) => a.rest.length - b.rest.length)[0] ?? null;
}

function unknown(argv: readonly string[]): string {
  const [first] = argv;
  const group = COMMANDS.filter(({ name }) => name.split(' ')[0] === first);
  if (group.length === 0) return `There is no command "${first}". cloakroom --help lists them all.`;
  const names = group.map(({ name }) => `  cloakroom ${name}`);
  return [`"${first}" needs one more word:`, ...names].join('\n');
}

function report(error: unknown, command: Command, out: Output): number {
  if (error instanceof UsageError) {
    out.say(`${error.message}.\nSee: cloakroom ${command.name} --help`);
    return EXIT.usage;
  }
  const { message, stack, code } = error as NodeJS.ErrnoException;
  // A connection that failed on every address of a name has a code and no message.
  const sentence = message || `cloakroom ${command.name} failed: ${code}`;
  out.say(isOurMistake(error) ? `cloakroom ${command.name} failed: ${stack}` : sentence);
  return EXIT.failed;
}

/** What was thrown on purpose explains itself in a sentence; a mistake of ours needs its place. */
function isOurMistake(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof ReferenceError ||
    error instanceof RangeError ||
    !(error instanceof Error)
  );
}
