/** Organizations and the plans that they are on. */
import type { Db } from '../db/schema.ts';
import { Fault, invalidField } from '../fault.ts';
import { newId } from '../ids.ts';
import type { Accounts, AccountsDeps } from './accounts.ts';
import type { Members } from './members.ts';
import * as store from './store.ts';

interface OrganizationsDeps extends AccountsDeps {
  members: Members;
  touch(tx: Db, tag: string): Promise<void>;
}

export type Organizations = Pick<
  Accounts,
  | 'plans'
  | 'firstOrganization'
  | 'organization'
  | 'createOrganization'
  | 'updateOrganization'
  | 'setPlan'
>;

const MAX_NAME_LENGTH = 100;

export function createOrganizations(deps: OrganizationsDeps): Organizations {
  const { clock, audit, members, touch } = deps;

  const organization = async (db: Db, id: string) =>
    (await store.findOrganization(db, id)) ?? notFound();
  const checkPlan = async (db: Db, planId: string) => {
    const plans = (await store.listPlans(db)).map(({ id }) => id);
    if (plans.includes(planId)) return;
    throw invalidField('plan', `The plan field must be one of: ${plans.join(', ')}`);
  };

  return {
    plans: store.listPlans,
    firstOrganization: async (db) => (await store.firstOrganization(db)) ?? notFound(),
    organization,

    async createOrganization(tx, { name, planId, owner }) {
      const createdAt = clock.now();
      const id = newId('org_', createdAt);
      checkName(name);
      await checkPlan(tx, planId);
      await store.insertOrganization(tx, { id, name: name.trim(), planId, createdAt });
      await members.addMember(tx, id, { ...owner, role: 'owner' }, 'system');
      return { id };
    },

    async updateOrganization(tx, id, change, actor) {
      if (change.name !== undefined) checkName(change.name);
      if (change.timeZone !== undefined) checkTimeZone(change.timeZone);
      if (!(await store.updateOrganization(tx, id, { ...change, name: change.name?.trim() }))) {
        return notFound();
      }
      await touch(tx, id);
      const entry = { organizationId: id, actor, action: 'organization.updated' };
      const details = { fields: Object.keys(change) };
      await audit.append(tx, { ...entry, target: `organization:${id}`, details });
      return organization(tx, id);
    },

    async setPlan(tx, id, planId, actor) {
      await checkPlan(tx, planId);
      if (!(await store.updateOrganization(tx, id, { planId }))) return notFound();
      await touch(tx, id);
      const entry = { organizationId: id, actor, action: 'organization.plan_changed' };
      const details = { plan: planId };
      await audit.append(tx, { ...entry, target: `organization:${id}`, details });
    },
  };
}

function checkName(name: string): void {
  const text = name.trim();
  if (text !== '' && text.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(text)) return;
  throw invalidField('name', `The name field must be text of 1 to ${MAX_NAME_LENGTH} characters`);
}

function checkTimeZone(timeZone: string): void {
  // Offsets such as +02:00 are no zones: they know no summer.
  if (/^[A-Za-z]/.test(timeZone) && isZone(timeZone)) return;
  throw invalidField(
    'time_zone',
    'The time_zone field must be an IANA time zone such as Europe/Berlin',
  );
}

function isZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function notFound(): never {
  throw new Fault('not_found', 'There is no such organization.');
}
