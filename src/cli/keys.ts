/** API keys: make, list, revoke. */
import { systemClock } from '../kernel/clock.ts';
import { SCOPES } from '../kernel/keys/keys.ts';
import { SERVICES, type ServiceName } from '../kernel/principal.ts';
import { type Command, defineCommand, EXIT, UsageError } from './command.ts';
import { table } from './output.ts';
import { ACTOR, organizationOf, withKernel } from './session.ts';

const SERVICE_ARGUMENT = { name: 'SERVICE', meaning: `One of ${SERVICES.join(', ')}.` };
const ORG_OPTION = {
  type: 'string',
  value: 'ID',
  meaning: 'The organization; default: the first.',
} as const;

const create = defineCommand({
  name: 'key create',
  summary: 'Make an API key and print it.',
  details:
    'The bare key is all that standard output gets, so that it can be taken into a variable. It is shown this once. For track it is KEY:SECRET.',
  arguments: [SERVICE_ARGUMENT],
  options: {
    label: { type: 'string', value: 'NAME', meaning: 'What the key is for. Needed.' },
    scope: {
      type: 'string',
      value: 'SCOPE',
      multiple: true,
      meaning: "What it may do, once for each scope. Default: all of the service's.",
    },
    expires: {
      type: 'string',
      value: 'WHEN',
      meaning:
        'When it stops to hold: a date (2027-01-31), a time (ISO 8601) or a span (90d, 12h).',
    },
    org: ORG_OPTION,
  },
  examples: [
    'key create mail --label newsletter',
    'key create gate --label shop --scope check --expires 90d',
    'key create track --label reports --scope stats:read --scope clicks:read',
  ],
  async run({ positionals: [name = ''], values, out }) {
    const service = serviceOf(name);
    const { label, org } = values;
    if (!label?.trim()) throw new UsageError('--label NAME is missing');
    const scopes = values.scope?.map((scope) => scopeOf(scope, service));
    const expiresAt =
      values.expires === undefined ? undefined : momentOf(values.expires, systemClock.now());
    await withKernel(async (kernel) => {
      const organization = await organizationOf(kernel, org);
      const key = { organizationId: organization.id, service, label, scopes, expiresAt };
      const { row, secret } = await kernel.database.tx((tx) => kernel.keys.create(tx, key, ACTOR));
      out.result(secret, { key: secret, ...shown(row) });
    });
    return EXIT.ok;
  },
});

const list = defineCommand({
  name: 'key list',
  summary: 'List the API keys.',
  details: 'Keys themselves are not kept readable: only their last four characters are shown.',
  options: {
    service: { type: 'string', value: 'SERVICE', meaning: 'Only the keys of this service.' },
    org: ORG_OPTION,
  },
  examples: ['key list', 'key list --service gate --json'],
  async run({ values, out }) {
    const service = values.service === undefined ? undefined : serviceOf(values.service);
    await withKernel(async (kernel) => {
      const organization = await organizationOf(kernel, values.org);
      const rows = (await kernel.keys.list(kernel.database.db, organization.id, service)).map(
        shown,
      );
      const head = ['ID', 'SERVICE', 'LABEL', 'ENDS IN', 'STATE', 'EXPIRES', 'LAST USED'];
      const lines = rows.map((row) => [
        ...[row.id, row.service, row.label, row.lastFour, row.isActive ? 'active' : 'revoked'],
        ...[row.expiresAt?.toISOString() ?? 'never', row.lastUsedAt?.toISOString() ?? 'never'],
      ]);
      out.result(table(head, lines), { keys: rows });
    });
    return EXIT.ok;
  },
});

const revoke = defineCommand({
  name: 'key revoke',
  summary: 'Revoke an API key, at once and on every node.',
  arguments: [{ name: 'ID', meaning: 'The id that `key list` shows, not the key.' }],
  options: { org: ORG_OPTION },
  examples: ['key revoke key_0mhx4w5cq1k2j3h4g5f6d7'],
  async run({ positionals: [id = ''], values, out }) {
    await withKernel(async (kernel) => {
      const organization = await organizationOf(kernel, values.org);
      await kernel.database.tx((tx) => kernel.keys.revoke(tx, organization.id, id, ACTOR));
      out.result(`Revoked ${id}.`, { id, revoked: true });
    });
    return EXIT.ok;
  },
});

export const keyCommands: readonly Command[] = [create, list, revoke];

type Row = Awaited<
  ReturnType<Parameters<Parameters<typeof withKernel>[0]>[0]['keys']['list']>
>[number];

function shown({ organizationId: _, number: __, ...row }: Row) {
  return row;
}

function serviceOf(name: string): ServiceName {
  if ((SERVICES as readonly string[]).includes(name)) return name as ServiceName;
  throw new UsageError(`"${name}" is no service; write one of ${SERVICES.join(', ')}`);
}

function scopeOf(scope: string, service: ServiceName): string {
  if (SCOPES[service].includes(scope)) return scope;
  throw new UsageError(
    `"${scope}" is no scope of ${service}; write some of ${SCOPES[service].join(', ')}`,
  );
}

const SPAN_MS = { h: 3_600_000, d: 86_400_000 } as const;

/** A moment to come: a date or time, or a span of hours or days from now. */
function momentOf(text: string, now: Date): Date {
  const span = /^(\d{1,5})([hd])$/.exec(text);
  const isMoment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(
    text,
  );
  const moment = span
    ? new Date(now.getTime() + Number(span[1]) * SPAN_MS[span[2] as 'h' | 'd'])
    : new Date(isMoment ? text : Number.NaN);
  if (Number.isNaN(moment.getTime())) {
    throw new UsageError(`"${text}" is no moment; write 2027-01-31, 2027-01-31T12:00Z, 90d or 12h`);
  }
  if (moment <= now) throw new UsageError(`${text} lies in the past`);
  return moment;
}
