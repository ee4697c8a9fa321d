/** What the database says about itself. */
import { sql } from 'kysely';
import type { Db } from '../../kernel/db/schema.ts';

/** Its version and its clock. */
export async function identify(db: Db): Promise<{ version: string; now: Date }> {
  const { rows } = await sql<{ version: string; now: Date }>`
    SELECT current_setting('server_version') AS version, clock_timestamp() AS now`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('the database gave no answer');
  return row;
}
