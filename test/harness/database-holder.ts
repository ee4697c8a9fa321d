/** A process that opens the database of a data directory, adds a row to it and stays. */
import { openDatabase } from '../../src/kernel/db/index.ts';
import { createLog } from '../../src/kernel/telemetry/log.ts';

try {
  const database = await openDatabase({ dataDir: process.argv[2] ?? '', log: createLog('silent') });
  await database.pool.query('CREATE TABLE IF NOT EXISTS public.kept (n int)');
  await database.pool.query('INSERT INTO public.kept VALUES (1)');
  const { rows } = await database.pool.query<{ count: number }>('SELECT count(*) FROM public.kept');
  process.stdout.write(`holds ${rows[0]?.count}\n`);
} catch (error) {
  process.stdout.write(`${(error as Error).message}\n`);
  process.exit(1);
}
