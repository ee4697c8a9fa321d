/** The SQL of plans, organizations and people. */
import { sql } from 'kysely';
import type { Db } from '../db/schema.ts';
import type { Role } from '../principal.ts';
import type { Organization, User } from './accounts.ts';
import type { Plan } from './plan.ts';

interface OrganizationRow {
  id: string;
  name: string;
  time_zone: string;
  created_at: Date;
  plan_id: string;
  plan_name: string;
  limits: Record<string, number>;
}

interface UserRow {
  id: string;
  email: string;
  role: Role;
  created_at: Date;
}

/** A user with what only authentication may see. */
export interface Credentials {
  user: User;
  organizationId: string;
  passwordHash: string;
  tokenVersion: number;
}

const ORGANIZATION = sql`o.id, o.name, o.time_zone, o.created_at,
  p.id AS plan_id, p.name AS plan_name, p.limits
  FROM core.organizations o JOIN core.plans p ON p.id = o.plan_id`;
const CREDENTIALS = sql`id, email, role, created_at, organization_id AS "organizationId",
  password_hash AS "passwordHash", token_version AS "tokenVersion" FROM core.users`;

function toOrganization(row: OrganizationRow): Organization {
  return {
    id: row.id,
    name: row.name,
    timeZone: row.time_zone,
    plan: { id: row.plan_id, name: row.plan_name, limits: row.limits },
    createdAt: row.created_at,
  };
}

function toUser({ id, email, role, created_at }: UserRow): User {
  return { id, email, role, createdAt: created_at };
}

/** Holds until the transaction ends: of many nodes that start at once, one makes the first owner. */
export async function lockBootstrap(tx: Db): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(7265170002)`.execute(tx);
}

export async function listPlans(db: Db): Promise<Plan[]> {
  const { rows } = await sql<Plan>`
    SELECT id, name, limits FROM core.plans ORDER BY position, id`.execute(db);
  return rows;
}

export async function firstOrganization(db: Db): Promise<Organization | null> {
  const { rows } = await sql<OrganizationRow>`
    SELECT ${ORGANIZATION} ORDER BY o.created_at, o.id LIMIT 1`.execute(db);
  return rows[0] ? toOrganization(rows[0]) : null;
}

export async function findOrganization(db: Db, id: string): Promise<Organization | null> {
  const { rows } = await sql<OrganizationRow>`SELECT ${ORGANIZATION} WHERE o.id = ${id}`.execute(
    db,
  );
  return rows[0] ? toOrganization(rows[0]) : null;
}

export async function insertOrganization(
  tx: Db,
  row: { id: string; name: string; planId: string; createdAt: Date },
): Promise<void> {
  const { id, name, planId, createdAt } = row;
  await sql`
    INSERT INTO core.organizations (id, name, plan_id, created_at)
    VALUES (${id}, ${name}, ${planId}, ${createdAt})`.execute(tx);
}

export async function updateOrganization(
  tx: Db,
  id: string,
  change: { name?: string; timeZone?: string; planId?: string },
): Promise<boolean> {
  const { rows } = await sql`
    UPDATE core.organizations SET name = COALESCE(${change.name ?? null}, name),
      time_zone = COALESCE(${change.timeZone ?? null}, time_zone),
      plan_id = COALESCE(${change.planId ?? null}, plan_id)
    WHERE id = ${id} RETURNING id`.execute(tx);
  return rows.length === 1;
}

/** Whoever changes who belongs to an organization goes one at a time; false for an unknown one. */
export async function lockMembers(tx: Db, organizationId: string): Promise<boolean> {
  const { rows } = await sql`
    SELECT 1 FROM core.organizations WHERE id = ${organizationId} FOR UPDATE`.execute(tx);
  return rows.length === 1;
}

/** False where the address is somebody's already. */
export async function insertUser(
  tx: Db,
  organizationId: string,
  { user, passwordHash }: { user: User; passwordHash: string },
): Promise<boolean> {
  const { id, email, role, createdAt } = user;
  const { rows } = await sql`
    INSERT INTO core.users (id, organization_id, email, password_hash, role, created_at)
    VALUES (${id}, ${organizationId}, ${email}, ${passwordHash}, ${role}, ${createdAt})
    ON CONFLICT (email) DO NOTHING RETURNING id`.execute(tx);
  return rows.length === 1;
}

/** Owners first, then in the order in which they came. */
export async function listUsers(db: Db, organizationId: string): Promise<User[]> {
  const { rows } = await sql<UserRow>`
    SELECT id, email, role, created_at FROM core.users
    WHERE organization_id = ${organizationId}
    ORDER BY role <> 'owner', created_at, id`.execute(db);
  return rows.map(toUser);
}

export async function findUser(db: Db, organizationId: string, id: string): Promise<User | null> {
  const { rows } = await sql<UserRow>`
    SELECT id, email, role, created_at FROM core.users
    WHERE organization_id = ${organizationId} AND id = ${id}`.execute(db);
  return rows[0] ? toUser(rows[0]) : null;
}

export async function credentialsByEmail(db: Db, email: string): Promise<Credentials | null> {
  const { rows } = await sql<UserRow & Omit<Credentials, 'user'>>`
    SELECT ${CREDENTIALS} WHERE email = ${email}`.execute(db);
  return rows[0] ? { ...rows[0], user: toUser(rows[0]) } : null;
}

export async function credentialsById(db: Db, id: string): Promise<Credentials | null> {
  const { rows } = await sql<UserRow & Omit<Credentials, 'user'>>`
    SELECT ${CREDENTIALS} WHERE id = ${id}`.execute(db);
  return rows[0] ? { ...rows[0], user: toUser(rows[0]) } : null;
}

export async function setRole(tx: Db, id: string, role: Role): Promise<void> {
  await sql`UPDATE core.users SET role = ${role} WHERE id = ${id}`.execute(tx);
}

/** Ends every session token that the user has. */
export async function setPassword(tx: Db, id: string, passwordHash: string): Promise<void> {
  await sql`
    UPDATE core.users SET password_hash = ${passwordHash}, token_version = token_version + 1
    WHERE id = ${id}`.execute(tx);
}

export async function deleteUser(tx: Db, id: string): Promise<void> {
  await sql`DELETE FROM core.users WHERE id = ${id}`.execute(tx);
}
