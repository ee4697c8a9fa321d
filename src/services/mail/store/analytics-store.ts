/** Counts for the summary. */
import { sql } from 'kysely';
import type { Db } from '../../../kernel/db/schema.ts';
import type { HealthStatus } from '../reputation/health.ts';

export interface Totals {
  aliases: number;
  activeAliases: number;
  health: Record<HealthStatus, number>;
  sent: number;
  received: number;
  bounced: number;
  complained: number;
  messagesAnswered: number;
}

export async function readTotals(db: Db, organizationId: string, since: Date): Promise<Totals> {
  const aliases = await sql<Record<string, number>>`SELECT count(*) AS aliases,
      count(*) FILTER (WHERE is_active) AS active,
      count(*) FILTER (WHERE health_status = 'healthy') AS healthy,
      count(*) FILTER (WHERE health_status = 'warning') AS warning,
      count(*) FILTER (WHERE health_status = 'risky') AS risky
    FROM mail.aliases
    WHERE organization_id = ${organizationId} AND deleted_at IS NULL AND NOT is_role`.execute(db);
  const out = await sql<Record<string, number>>`
    SELECT count(*) FILTER (WHERE r.status IN ('sent', 'bounced')) AS sent,
      count(*) FILTER (WHERE r.status = 'bounced') AS bounced,
      count(*) FILTER (WHERE r.complained_at IS NOT NULL) AS complained,
      count(DISTINCT m.id) FILTER (WHERE r.status = 'sent' AND m.answered_at IS NOT NULL) AS answered
    FROM mail.messages m JOIN mail.recipients r ON r.message_id = m.id
    WHERE m.organization_id = ${organizationId} AND m.kind IN ('send', 'answer')
      AND m.created_at >= ${since}`.execute(db);
  const into = await sql<{ received: number }>`SELECT count(*) AS received FROM mail.messages
    WHERE organization_id = ${organizationId} AND direction = 'INBOUND' AND created_at >= ${since}`.execute(
    db,
  );
  const a = aliases.rows[0] ?? {};
  const o = out.rows[0] ?? {};
  const count = (value: number | undefined) => value ?? 0;
  return {
    aliases: count(a['aliases']),
    activeAliases: count(a['active']),
    health: {
      healthy: count(a['healthy']),
      warning: count(a['warning']),
      risky: count(a['risky']),
    },
    sent: count(o['sent']),
    received: count(into.rows[0]?.received),
    bounced: count(o['bounced']),
    complained: count(o['complained']),
    messagesAnswered: count(o['answered']),
  };
}
