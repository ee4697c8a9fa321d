/**
 * A real server on a real port over a database of its own, with an organization, its owner and keys:
 * what contract tests talk to by `fetch`, as a client would.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, type StartOptions, start } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import type { Kernel } from '../../src/kernel/index.ts';
import { ROLES, type Role, type ServiceName } from '../../src/kernel/principal.ts';
import { testDatabase } from './database.ts';

export const OWNER = { email: 'owner@example.com', password: 'correct horse battery staple' };

export interface TestOrganization {
  id: string;
  /** The owner's session token. */
  token: string;
  email: string;
  password: string;
}

export interface TestServer {
  url: string;
  kernel: Kernel;
  dataDir: string;
  /** Of the SMTP server that takes mail. */
  smtpPort: number;
  /** The first organization, with its owner signed in. */
  org: TestOrganization;
  /** A bare key of the first (or the given) organization. */
  key(
    service: ServiceName,
    options?: { scopes?: string[]; organizationId?: string },
  ): Promise<string>;
  /** Another organization, to try its ids and to be refused with ours. */
  otherOrg(plan?: string): Promise<TestOrganization>;
  /** A session token of a new user with the role in the first organization. */
  member(role: Role): Promise<string>;
  stop(): Promise<void>;
}

export interface TestServerOptions extends StartOptions {
  /** Settings by name, as the environment would give them. */
  env?: Record<string, string>;
  plan?: string;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { env = {}, plan, ...startOptions } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'cloakroom-test-'));
  const database = await testDatabase();
  const config = loadConfig({
    PORT: '0',
    CLOAKROOM_SMTP_PORT: '0',
    CLOAKROOM_LOG_LEVEL: 'error',
    CLOAKROOM_DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    CLOAKROOM_ADMIN_EMAIL: OWNER.email,
    CLOAKROOM_ADMIN_PASSWORD: OWNER.password,
    ...env,
  });
  const running: Running = await start(config, startOptions);
  const { kernel } = running;
  const { db } = kernel.database;
  const first = await kernel.accounts.firstOrganization(db);
  if (plan) await kernel.database.tx((tx) => kernel.accounts.setPlan(tx, first.id, plan, 'test'));

  const signIn = async (id: string, email: string, password: string) => ({
    id,
    email,
    password,
    token: (await kernel.accounts.login(email, password, '127.0.0.1')).token,
  });
  const org = await signIn(first.id, OWNER.email, OWNER.password);
  let serial = 0;

  return {
    url: running.url,
    kernel,
    dataDir,
    smtpPort: running.smtpPort ?? 0,
    org,
    async key(service, { scopes, organizationId = org.id } = {}) {
      const label = `test ${++serial}`;
      const made = await kernel.database.tx((tx) =>
        kernel.keys.create(tx, { organizationId, service, label, scopes }, 'test'),
      );
      return made.secret;
    },
    async otherOrg(otherPlan = 'unlimited') {
      const email = `other${++serial}@example.com`;
      const { id } = await kernel.database.tx((tx) =>
        kernel.accounts.createOrganization(tx, {
          name: `Other ${serial}`,
          planId: otherPlan,
          owner: { email, password: OWNER.password },
        }),
      );
      return signIn(id, email, OWNER.password);
    },
    async member(role) {
      if (!ROLES.includes(role)) throw new Error(`no such role: ${role}`);
      const email = `${role}${++serial}@example.com`;
      await kernel.database.tx((tx) =>
        kernel.accounts.addMember(tx, org.id, { email, password: OWNER.password, role }, 'test'),
      );
      return (await signIn(org.id, email, OWNER.password)).token;
    },
    async stop() {
      await running.stop();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
