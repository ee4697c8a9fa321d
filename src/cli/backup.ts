/** Everything that an installation is, in one archive and back. */
import { loadConfig } from '../config.ts';
import { systemClock } from '../kernel/clock.ts';
import { createLog } from '../kernel/telemetry/log.ts';
import { type Command, defineCommand, EXIT } from './command.ts';
import { withKernel } from './session.ts';

const backup = defineCommand({
  name: 'backup',
  summary: 'Write database, files, click journal and keys into one archive.',
  details:
    'Works beside a running server and shows the installation as it was at one moment. The archive holds the installation key: whoever has it can read everything. Check it with restore --verify.',
  arguments: [{ name: 'FILE', meaning: 'The archive to write (tar, gzip). Must not exist.' }],
  examples: ['backup /mnt/backup/cloakroom-2026-11-21.tar.gz'],
  async run({ positionals: [file = ''], out }) {
    const { backup: write } = await import('../kernel/backup/backup.ts');
    await withKernel(async ({ config, database, clock }) => {
      const { dataDir, filesDir } = config;
      const deps = { dataDir, filesDir, database, clock, progress: out.progress };
      const { rows, files, sizeBytes } = await write(file, deps);
      const said = `Wrote ${file}: ${rows} rows, ${files} files, ${sizeBytes} bytes.`;
      out.result(said, { path: file, rows, files, sizeBytes });
    });
    return EXIT.ok;
  },
});

const restore = defineCommand({
  name: 'restore',
  summary: 'Bring an installation back from an archive.',
  details:
    'Fills an empty data directory (and, with DATABASE_URL, an empty database); then start the server. With --verify it touches nothing: it restores into a scratch copy, reads every row, audit entry and file there, and throws it away.',
  arguments: [{ name: 'FILE', meaning: 'The archive that `backup` wrote.' }],
  options: { verify: { type: 'boolean', meaning: 'Only prove that the archive is good.' } },
  examples: [
    'restore --verify /mnt/backup/cloakroom-2026-11-21.tar.gz',
    'restore /mnt/backup/cloakroom-2026-11-21.tar.gz',
  ],
  async run({ positionals: [file = ''], values, out }) {
    const { restore: fill, verifyBackup } = await import('../kernel/backup/restore.ts');
    const { dataDir, filesDir, databaseUrl, installationKey } = loadConfig();
    const deps = {
      ...{ dataDir, filesDir, databaseUrl, installationKey },
      ...{ clock: systemClock, log: createLog('warn') },
      progress: out.progress,
    };
    if (values.verify) {
      const proof = await verifyBackup(file, deps);
      const { takenAt, rows, auditEntries, filesRead } = proof;
      out.result(
        `${file} is good: taken ${takenAt}, ${rows} rows, ${auditEntries} audit entries, ${filesRead} files read.`,
        { path: file, isGood: true, ...proof },
      );
      return EXIT.ok;
    }
    const restored = await fill(file, deps);
    const said = `Restored ${restored.rows} rows and ${restored.files} files into ${dataDir}.`;
    out.result(said, { path: file, dataDir, ...restored });
    return EXIT.ok;
  },
});

export const backupCommands: readonly Command[] = [backup, restore];
