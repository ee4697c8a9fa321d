/** A command's own kernel, beside a running server or without one, and what it looks up first. */
import { type Config, loadConfig } from '../config.ts';
import { Fault } from '../kernel/fault.ts';
import type { Kernel } from '../kernel/index.ts';
import { createLog } from '../kernel/telemetry/log.ts';

/** Who the audit log says it was. */
export const ACTOR = 'cli';

/** Opens the kernel, hands it to `work`, and closes it whatever happens. */
export async function withKernel<T>(work: (kernel: Kernel) => Promise<T>): Promise<T> {
  const config = quiet(loadConfig());
  const { openKernel } = await import('../kernel/open.ts');
  const kernel = await openKernel(config, { attach: true, log: createLog(config.logLevel) });
  try {
    return await work(kernel);
  } finally {
    await kernel.close();
  }
}

/** A command speaks for itself: the log is for what goes wrong, unless somebody asks for more. */
function quiet(config: Config): Config {
  return config.logLevel === 'info' ? { ...config, logLevel: 'warn' } : config;
}

/** The organization that `--org` names, or the first. */
export async function organizationOf(
  { accounts, database }: Kernel,
  id: string | undefined,
): Promise<{ id: string; name: string }> {
  if (id !== undefined) return accounts.organization(database.db, id);
  try {
    return await accounts.firstOrganization(database.db);
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw new Fault(
      'not_found',
      'There is no organization yet. Start the server once: cloakroom serve',
      {
        cause,
      },
    );
  }
}
