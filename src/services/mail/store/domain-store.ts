/** Domains in the database. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';
import { byThen, type Page } from './campaign-store.ts';

/** The first one signs. */
export interface DkimKey {
  selector: string;
  /** Base64 of the SubjectPublicKeyInfo, as the record shows it. */
  publicKey: string;
  /** Base64 of the sealed PKCS #8 PEM. */
  sealedPrivateKey: string;
}

export interface DomainRow {
  id: string;
  organizationId: string;
  name: string;
  token: string;
  dkimKeys: DkimKey[];
  verifiedAt: Date | null;
  createdAt: Date;
}

const COLUMNS = sql`id, organization_id AS "organizationId", name, token, dkim_keys AS "dkimKeys",
  verified_at AS "verifiedAt", created_at AS "createdAt" FROM mail.domains`;

/** False where the organization has it already. */
export async function insertDomain(tx: Db, row: DomainRow): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO mail.domains (id, organization_id, name, token, dkim_keys, verified_at, created_at)
    VALUES (${row.id}, ${row.organizationId}, ${row.name}, ${row.token},
      ${JSON.stringify(row.dkimKeys)}::jsonb, ${row.verifiedAt}, ${row.createdAt})
    ON CONFLICT DO NOTHING`.execute(tx);
  return numAffectedRows === 1n;
}

export async function listDomains(
  db: Db,
  organizationId: string,
  page: Page,
): Promise<{ rows: DomainRow[]; total: number }> {
  const where = sql`WHERE organization_id = ${organizationId} AND ${byThen('created_at', page)}`;
  const { rows } = await sql<DomainRow>`SELECT ${COLUMNS} ${where}
    ORDER BY created_at DESC, id DESC LIMIT ${page.limit} OFFSET ${page.offset}`.execute(db);
  const counted = await sql<{ total: number }>`SELECT count(*) AS total FROM mail.domains
    ${where}`.execute(db);
  return { rows, total: counted.rows[0]?.total ?? 0 };
}

export async function findDomain(
  db: Db,
  organizationId: string,
  by: { id: string } | { name: string },
): Promise<DomainRow | undefined> {
  const condition = 'id' in by ? sql`id = ${by.id}` : sql`name = ${by.name}`;
  const { rows } = await sql<DomainRow>`SELECT ${COLUMNS}
    WHERE organization_id = ${organizationId} AND ${condition}`.execute(db);
  return rows[0];
}

/** The one that new aliases lie on: the oldest that is verified, a stand-in last. */
export async function findDefaultDomain(
  db: Db,
  organizationId: string,
  standIn: string,
): Promise<DomainRow | undefined> {
  const { rows } = await sql<DomainRow>`SELECT ${COLUMNS}
    WHERE organization_id = ${organizationId} AND verified_at IS NOT NULL
    ORDER BY name = ${standIn}, created_at, id LIMIT 1`.execute(db);
  return rows[0];
}

/** The domain as its proven owner has it. */
export async function findVerifiedDomain(db: Db, name: string): Promise<DomainRow | undefined> {
  const { rows } = await sql<DomainRow>`SELECT ${COLUMNS}
    WHERE name = ${name} AND verified_at IS NOT NULL`.execute(db);
  return rows[0];
}

/** Until the transaction ends, nobody else proves a domain of this name. */
export async function lockName(tx: Db, name: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`mail.domains:${name}`}))`.execute(tx);
}

export async function setVerified(tx: Db, id: string, at: Date | null): Promise<void> {
  await sql`UPDATE mail.domains SET verified_at = ${at} WHERE id = ${id}`.execute(tx);
}

export async function deleteDomain(tx: Db, id: string): Promise<void> {
  await sql`DELETE FROM mail.domains WHERE id = ${id}`.execute(tx);
}

export async function countAliasesOn(
  db: Db,
  organizationId: string,
  name: string,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`SELECT count(*) FROM mail.aliases
    WHERE organization_id = ${organizationId} AND deleted_at IS NULL AND NOT is_role
      AND split_part(email, '@', 2) = ${name}`.execute(db);
  return rows[0]?.count ?? 0;
}
