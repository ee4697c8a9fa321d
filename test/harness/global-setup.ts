/**
 * One embedded PostgreSQL for a whole run of tests, with a migrated template that every test file's
 * own database is copied from. It is gone when the run ends.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/kernel/db/index.ts';
import { createLog } from '../../src/kernel/telemetry/log.ts';
import { TEMPLATE, urlOf } from './template.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the run's PostgreSQL, on its maintenance database. */
    databaseServer: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cloakroom-run-'));
  const log = createLog('error');
  const server = await openDatabase({ dataDir, log });
  await server.pool.query(`CREATE DATABASE ${TEMPLATE}`);
  const template = await openDatabase({
    dataDir: join(dataDir, 'template'),
    databaseUrl: urlOf(server.url, TEMPLATE),
    log,
  });
  await template.migrate();
  await template.close();
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`ALTER DATABASE ${TEMPLATE} IS_TEMPLATE true`);
  await client.end();
  project.provide('databaseServer', server.url);
  return async () => {
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  };
}
