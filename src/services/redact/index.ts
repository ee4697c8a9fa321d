/**
 * Redact: finds sensitive data in documents and takes it out. The front door: `createRedact` for the
 * server, `examine` and `redactDocument` for whoever has bytes and wants an answer (the CLI).
 */
import { ConfigError } from '../../config.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Kernel, Service } from '../../kernel/index.ts';
import { RUN_JOB } from './batch/batch.ts';
import { runJob } from './batch/run.ts';
import { REDACT_EDGE } from './edge.ts';
import { redactRoutes } from './routes.ts';
import { dropExpired } from './store.ts';
import { createPool, type WorkPool } from './work/pool.ts';

export { ENTITIES, ENTITY_TYPES } from './detect/entities.ts';
export { configureModel, problemOfModel } from './detect/model/model.ts';
export { RULES } from './detect/rules/index.ts';
export { METHODS, type Options, STYLES } from './document.ts';
export { configureOcr } from './formats/image/ocr/reader.ts';
export { FRAMEWORK_IDS, FRAMEWORKS, SAFE_HARBOR } from './frameworks/frameworks.ts';
export { type Inspection, inspectDocument } from './inspect/inspect.ts';
export { mask } from './items.ts';
export { type Examination, examine, type Redacted, redactDocument } from './redact.ts';

/** How long a job that has ended is still listed. */
const JOB_LIFE_MS = 90 * 24 * 3_600_000;

export function createRedact(kernel: Kernel): Service {
  const { workers, documentMemoryMb: memoryMb, nerModel: modelDir, ...config } = kernel.config;
  const ocr = { languages: config.ocrLanguages, dataDir: config.ocrDataDir };
  const settings = { ocr, modelDir, memoryMb };
  // Who waits for an answer does not wait behind the hundred files of a job.
  const pools = { answers: createPool(workers, settings), jobs: createPool(workers, settings) };
  const deps = { kernel, pool: pools.answers };
  const jobDeps = { kernel, pool: pools.jobs };
  return {
    edge: { ...REDACT_EDGE, routes: (app) => redactRoutes(app, deps) },
    work: (jobs) => jobs.work(RUN_JOB, (data, context) => runJob(jobDeps, data, context)),
    schedule: [
      {
        name: 'redact-expire',
        cron: '*/15 * * * *',
        async handler() {
          const now = kernel.clock.now();
          await dropExpired(kernel.database.db, now, new Date(now.getTime() - JOB_LIFE_MS));
        },
      },
    ],
    async prove(roles) {
      if (roles.has('api')) await proveModel(pools.answers);
      else if (roles.has('worker')) await proveModel(pools.jobs);
    },
    async stop() {
      await Promise.all([pools.answers.close(), pools.jobs.close()]);
    },
  };
}

/** A server that silently found less than it was set up to find would be worse than none. */
async function proveModel(pool: WorkPool): Promise<void> {
  const problem = await pool.problemOfModel().catch((error) => {
    if (error instanceof Fault) return error.message;
    throw error;
  });
  if (problem !== null) throw new ConfigError([`CLOAKROOM_NER_MODEL: ${problem}`]);
}
