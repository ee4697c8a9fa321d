/** Running the server, and bringing its database up to date. */
import { loadConfig } from '../config.ts';
import { PROCESS_ROLES, type ProcessRole } from '../kernel/index.ts';
import { type Command, defineCommand, EXIT, UsageError } from './command.ts';
import { withKernel } from './session.ts';

const serve = defineCommand({
  name: 'serve',
  summary: 'Run the server.',
  details:
    'Runs until SIGTERM or SIGINT, then finishes what it has begun and ends. With --roles the parts run apart, each in a process of its own over one DATABASE_URL.',
  options: {
    roles: {
      type: 'string',
      value: 'LIST',
      meaning: `What this process does, comma separated: ${PROCESS_ROLES.join(', ')}. Default: all.`,
    },
    port: { type: 'string', value: 'PORT', meaning: 'Port of the HTTP server; default PORT.' },
  },
  examples: ['serve', 'serve --port 9000', 'serve --roles edge', 'serve --roles smtp,worker'],
  async run({ values, out }) {
    const roles = values.roles === undefined ? undefined : rolesOf(values.roles);
    const given = loadConfig();
    const config = values.port === undefined ? given : { ...given, port: portOf(values.port) };
    const ended = signalled();
    const { start } = await import('../app.ts');
    const running = await start(config, { roles });
    if (process.stderr.isTTY) out.say(`Cloakroom is ready: ${running.url}/docs`);
    await ended;
    await running.stop();
    return EXIT.ok;
  },
});

/** Resolves at the first signal to end. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError('--port must be a whole number from 0 to 65535');
}

function rolesOf(list: string): ProcessRole[] {
  const roles = list.split(',').map((role) => role.trim());
  const wrong = roles.find((role) => !(PROCESS_ROLES as readonly string[]).includes(role));
  if (wrong === undefined) return roles as ProcessRole[];
  throw new UsageError(`"${wrong}" is no role; write some of ${PROCESS_ROLES.join(', ')}`);
}

const migrate = defineCommand({
  name: 'migrate',
  summary: 'Bring the database up to date with this version.',
  details:
    'The server does this by itself when it starts; run it before when many nodes start at once. Refuses a database that is newer than the program.',
  examples: ['migrate'],
  async run({ out }) {
    await withKernel(async () => out.result('The database is up to date.', { upToDate: true }));
    return EXIT.ok;
  },
});

export const serveCommands: readonly Command[] = [serve, migrate];
