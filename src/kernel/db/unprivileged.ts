/**
 * PostgreSQL refuses to run as root. A server started by root therefore runs it in a user namespace
 * of its own, where it is nobody special while its files stay root's: this works in folders that only
 * root may enter. Where the kernel forbids namespaces, a system user does it instead.
 */
import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export interface Unprivileged {
  /** The command line that runs a program without privileges, and ends it when this process dies. */
  command(program: string, args: string[]): [string, string[]];
  /** Gives the folder to whoever the program runs as. */
  own(dir: string): Promise<void>;
}

const SYSTEM_USER = 'cloakroom';

export async function unprivileged(dir: string): Promise<Unprivileged> {
  const tether = (await works('setpriv', ['--pdeathsig', 'INT', 'true']))
    ? ['setpriv', '--pdeathsig', 'INT']
    : [];
  const asIs = async () => {};
  if (process.getuid?.() !== 0) return { command: wrap(tether), own: asIs };
  const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000'];
  if (await works('unshare', [...namespace.slice(1), 'true'])) {
    return { command: wrap([...namespace, ...tether]), own: asIs };
  }
  return systemUser(dir);
}

async function systemUser(dir: string): Promise<Unprivileged> {
  if (!(await works('id', ['-u', SYSTEM_USER]))) {
    await exec('useradd', [
      '--system',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      SYSTEM_USER,
    ]);
  }
  await letThrough(dir);
  const drop = ['setpriv', `--reuid=${SYSTEM_USER}`, `--regid=${SYSTEM_USER}`, '--clear-groups'];
  return {
    command: wrap([...drop, '--pdeathsig', 'INT']),
    own: async (path) => {
      await exec('chown', ['-R', `${SYSTEM_USER}:${SYSTEM_USER}`, path]);
    },
  };
}

/** Our own data directory may be passed through; folders above it are not ours to open. */
async function letThrough(dir: string): Promise<void> {
  await chmod(dirname(dir), 0o711);
  const test = ['--reuid', SYSTEM_USER, '--clear-groups', 'test', '-x', dirname(dir)];
  if (await works('setpriv', test)) return;
  throw new Error(
    `Started by root, PostgreSQL runs as the system user "${SYSTEM_USER}", which cannot enter ${dirname(dir)}. ` +
      'Set CLOAKROOM_DATA_DIR to a folder that it can enter, such as /var/lib/cloakroom.',
  );
}

function wrap(prefix: string[]): Unprivileged['command'] {
  const [first, ...rest] = prefix;
  return (program, args) =>
    first === undefined ? [program, args] : [first, [...rest, program, ...args]];
}

async function works(command: string, args: string[]): Promise<boolean> {
  return exec(command, args).then(
    () => true,
    () => false,
  );
}
