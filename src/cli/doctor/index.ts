/** `cloakroom doctor`: looks at everything that the server stands on and says what to do. */
import { type Config, ConfigError, loadConfig } from '../../config.ts';
import { type Command, defineCommand, EXIT } from '../command.ts';
import type { Output } from '../output.ts';
import { type Check, type Finding, ok } from './finding.ts';
import { checkDataDir, checkDisk, checkKeys, checkNode, checkPorts } from './machine.ts';
import { checkModel } from './model.ts';
import { checkDatabase, checkDns, checkRedis, checkRelay } from './network.ts';

const CHECKS: [name: string, check: Check][] = [
  ['data directory', checkDataDir],
  ['disk', checkDisk],
  ['keys', checkKeys],
  ['database', checkDatabase],
  ['ports', checkPorts],
  ['name servers', checkDns],
  ['Redis', checkRedis],
  ['mail relay', checkRelay],
  ['model of names', checkModel],
];

const doctor = defineCommand({
  name: 'doctor',
  summary: 'Check disk, database, ports, DNS, clock and keys, and say what to do.',
  details:
    'Changes nothing, and works beside a running server. Exit code 1 where something must be mended.',
  examples: ['doctor', 'doctor --json'],
  async run({ out }) {
    const findings = [checkNode(), ...(await examine(out))];
    const isHealthy = findings.every(({ status }) => status !== 'fail');
    out.result(render(findings), { isHealthy, findings });
    return isHealthy ? EXIT.ok : EXIT.failed;
  },
});

async function examine(out: Output): Promise<Finding[]> {
  let config: Config;
  try {
    config = loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.mistakes.map((mistake) => ({
      ...{ name: 'settings', status: 'fail', found: mistake },
      advice: 'Mend the environment variable; docs/configuration.md describes each.',
    }));
  }
  const findings: Finding[] = [ok('settings', 'all can be read')];
  for (const [name, check] of CHECKS) {
    out.progress(`Checking ${name} …`);
    findings.push(...(await check(config).catch((error: Error) => [broken(name, error)])));
  }
  return findings;
}

function broken(name: string, error: Error): Finding {
  const found = `the check itself failed: ${error.message}`;
  return { name, status: 'fail', found, advice: 'Please report this.' };
}

const MARK = { ok: 'ok   ', warn: 'warn ', fail: 'FAIL ' } as const;

function render(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, status, found, advice }) => [
    `${MARK[status]} ${name.padEnd(width)}  ${found}`,
    ...(advice ? [`${' '.repeat(width + 8)}→ ${advice}`] : []),
  ]);
  const failed = findings.filter(({ status }) => status === 'fail').length;
  const end = failed === 0 ? 'Nothing stands in the way.' : `${failed} of these must be mended.`;
  return [...lines, '', end].join('\n');
}

export const doctorCommands: readonly Command[] = [doctor];
