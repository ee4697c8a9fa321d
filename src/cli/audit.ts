/** Proving the audit log. */
import { type Command, defineCommand, EXIT } from './command.ts';
import { table } from './output.ts';
import { withKernel } from './session.ts';

const verify = defineCommand({
  name: 'audit verify',
  summary: 'Check that no entry of the audit log was changed, removed or reordered.',
  details:
    "Walks each organization's chain of hashes. Exit code 1 where one is broken; the number is that of the first entry that does not hold.",
  options: {
    org: { type: 'string', value: 'ID', meaning: 'Only this organization; default: all.' },
  },
  examples: ['audit verify', 'audit verify --json'],
  async run({ values, out }) {
    return withKernel(async ({ audit, database: { db }, accounts }) => {
      const ids =
        values.org === undefined
          ? await audit.organizations(db)
          : [(await accounts.organization(db, values.org)).id];
      const chains = [];
      for (const organizationId of ids) {
        out.progress(`Checking ${organizationId} …`);
        chains.push({ organizationId, ...(await audit.verify(db, organizationId)) });
      }
      const rows = chains.map(({ organizationId, entries, brokenAt }) => [
        ...[organizationId, String(entries)],
        brokenAt === null ? 'whole' : `BROKEN at entry ${brokenAt}`,
      ]);
      const isWhole = chains.every(({ brokenAt }) => brokenAt === null);
      out.result(table(['ORGANIZATION', 'ENTRIES', 'CHAIN'], rows), { isWhole, chains });
      return isWhole ? EXIT.ok : EXIT.failed;
    });
  },
});

export const auditCommands: readonly Command[] = [verify];
