/**
 * The SQL of backups. Rows travel in PostgreSQL's own text form of a whole row, which reads back to
 * the very same values whatever the types are.
 */
import { sql } from 'kysely';
import type { Db } from '../db/schema.ts';

export interface TableName {
  schema: string;
  table: string;
}

const BATCH = 200;
const relation = ({ schema, table }: TableName) => sql.id(schema, table);

/** A copy takes as long as it takes. */
export async function unhurried(tx: Db): Promise<void> {
  await sql`SET LOCAL statement_timeout = 0`.execute(tx);
}

/** Rows come in as they are: no trigger fires and no reference is checked until all are there. */
export async function suspendRules(tx: Db): Promise<void> {
  await sql`SET LOCAL session_replication_role = replica`.execute(tx);
  await unhurried(tx);
}

/** Every table of ours; of a partitioned one the whole. */
export async function listTables(db: Db): Promise<TableName[]> {
  const { rows } = await sql<TableName>`
    SELECT n.nspname AS schema, c.relname AS table
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public')
      AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY 1, 2`.execute(db);
  return rows;
}

/** Whether nobody has made a table in this database, we ourselves included. */
export async function isEmpty(db: Db): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema'
      AND n.nspname NOT LIKE 'pg\\_%' LIMIT 1`.execute(db);
  return rows.length === 0;
}

export async function listMigrations(db: Db): Promise<Record<string, string>> {
  const { rows } = await sql<{ name: string; checksum: string }>`
    SELECT name, checksum FROM public.cloakroom_migrations ORDER BY name`.execute(db);
  return Object.fromEntries(rows.map(({ name, checksum }) => [name, checksum]));
}

/** All rows of a table, some at a time. */
export async function* readRows(tx: Db, table: TableName): AsyncGenerator<string[]> {
  await sql`
    DECLARE backup_rows NO SCROLL CURSOR FOR
    SELECT row_of_table::text AS row FROM ${relation(table)} row_of_table`.execute(tx);
  for (;;) {
    const { rows } = await sql<{ row: string }>`
      FETCH ${sql.raw(String(BATCH))} FROM backup_rows`.execute(tx);
    if (rows.length === 0) break;
    yield rows.map(({ row }) => row);
  }
  await sql`CLOSE backup_rows`.execute(tx);
}

export async function emptyTables(tx: Db, tables: readonly TableName[]): Promise<void> {
  if (tables.length === 0) return;
  await sql`TRUNCATE ${sql.join(tables.map(relation))} CASCADE`.execute(tx);
}

export async function insertRows(tx: Db, table: TableName, rows: readonly string[]): Promise<void> {
  const { rows: columns } = await sql<{ name: string }>`
    SELECT attname AS name FROM pg_attribute
    WHERE attrelid = ${`${quoted(table.schema)}.${quoted(table.table)}`}::regclass
      AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    ORDER BY attnum`.execute(tx);
  const names = columns.map(({ name }) => sql.id(name));
  await sql`
    INSERT INTO ${relation(table)} (${sql.join(names)}) OVERRIDING SYSTEM VALUE
    SELECT ${sql.join(columns.map(({ name }) => sql`(given.row).${sql.id(name)}`))}
    FROM (SELECT text_of_row::${relation(table)} AS row
      FROM unnest(${rows as string[]}::text[]) text_of_row OFFSET 0) given`.execute(tx);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export async function countRows(db: Db, table: TableName): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM ${relation(table)}`.execute(db);
  return rows[0]?.count ?? 0;
}

export interface SequenceState extends TableName {
  lastValue: number;
  isCalled: boolean;
}

export async function readSequences(db: Db): Promise<SequenceState[]> {
  const { rows } = await sql<TableName>`
    SELECT schemaname AS schema, sequencename AS table FROM pg_sequences
    WHERE schemaname NOT LIKE 'pg\\_%' ORDER BY 1, 2`.execute(db);
  const states: SequenceState[] = [];
  for (const name of rows) {
    const { rows: state } = await sql<Omit<SequenceState, keyof TableName>>`
      SELECT last_value AS "lastValue", is_called AS "isCalled" FROM ${relation(name)}`.execute(db);
    if (state[0]) states.push({ ...name, ...state[0] });
  }
  return states;
}

export async function writeSequence(tx: Db, state: SequenceState): Promise<void> {
  const name = `${quoted(state.schema)}.${quoted(state.table)}`;
  await sql`SELECT setval(${name}::regclass, ${state.lastValue}, ${state.isCalled})`.execute(tx);
}

/** The files that somebody keeps at `now`: id, owner, digest. */
export async function keptFiles(
  db: Db,
  now: Date,
): Promise<{ id: string; organizationId: string; sha256: string }[]> {
  const { rows } = await sql<{ id: string; organizationId: string; sha256: string }>`
    SELECT id, organization_id AS "organizationId", sha256 FROM core.files
    WHERE organization_id IS NOT NULL AND (expires_at IS NULL OR expires_at > ${now})
    ORDER BY id`.execute(db);
  return rows;
}
