/** Rules in the database. Conditions are kept as they were checked when they came in. */
import { sql } from 'kysely';
import { parseCidr } from '../../../intel/index.ts';
import type { Db } from '../../../kernel/db/schema.ts';
import type { Condition, Rule, Verdict } from '../judge/settings.ts';

interface RuleRow {
  id: number;
  name: string;
  match: 'all' | 'any';
  conditions: { field: string; op: string; values: string[] }[];
  action: Verdict;
  priority: number;
  is_active: boolean;
  created_at: Date;
}

export type RuleValues = Omit<Rule, 'id' | 'createdAt'>;

/** In the order in which they are looked at. */
export async function listRules(db: Db, organizationId: string): Promise<Rule[]> {
  const { rows } = await sql<RuleRow>`SELECT * FROM gate.rules
    WHERE organization_id = ${organizationId} ORDER BY priority, id`.execute(db);
  return rows.map(toRule);
}

export async function lockRule(tx: Db, organizationId: string, id: number): Promise<Rule | null> {
  const { rows } = await sql<RuleRow>`SELECT * FROM gate.rules
    WHERE organization_id = ${organizationId} AND id = ${id} FOR UPDATE`.execute(tx);
  return rows[0] ? toRule(rows[0]) : null;
}

export async function insertRule(
  tx: Db,
  organizationId: string,
  values: RuleValues,
  createdAt: Date,
): Promise<Rule> {
  const { name, match, conditions, action, priority, isActive } = values;
  const { rows } = await sql<RuleRow>`
    INSERT INTO gate.rules
      (organization_id, name, match, conditions, action, priority, is_active, created_at)
    VALUES (${organizationId}, ${name}, ${match}, ${plain(conditions)}::jsonb, ${action},
      ${priority}, ${isActive}, ${createdAt})
    RETURNING *`.execute(tx);
  return toRule(rows[0] as RuleRow);
}

export async function updateRule(tx: Db, id: number, values: RuleValues): Promise<Rule> {
  const { name, match, conditions, action, priority, isActive } = values;
  const { rows } = await sql<RuleRow>`
    UPDATE gate.rules SET name = ${name}, match = ${match}, action = ${action},
      conditions = ${plain(conditions)}::jsonb, priority = ${priority}, is_active = ${isActive}
    WHERE id = ${id} RETURNING *`.execute(tx);
  return toRule(rows[0] as RuleRow);
}

export async function deleteRule(tx: Db, organizationId: string, id: number): Promise<boolean> {
  const { numAffectedRows } = await sql`DELETE FROM gate.rules
    WHERE organization_id = ${organizationId} AND id = ${id}`.execute(tx);
  return numAffectedRows === 1n;
}

function plain(conditions: readonly Condition[]): string {
  return JSON.stringify(conditions.map(({ field, op, values }) => ({ field, op, values })));
}

function toRule(row: RuleRow): Rule {
  const { id, name, match, action, priority } = row;
  const conditions = row.conditions.map((condition) =>
    condition.field === 'ip' ? { ...condition, blocks: blocksOf(condition.values) } : condition,
  ) as Condition[];
  return {
    ...{ id, name, match, action, priority, conditions },
    isActive: row.is_active,
    createdAt: row.created_at,
  };
}

function blocksOf(values: string[]) {
  return values.flatMap((text) => parseCidr(text) ?? []);
}
