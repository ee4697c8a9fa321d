/** The people of an organization. One of them at least is an owner, always. */
import type { Db } from '../db/schema.ts';
import { Fault, invalidField } from '../fault.ts';
import { newId } from '../ids.ts';
import { ROLES } from '../principal.ts';
import type { Accounts, AccountsDeps, User } from './accounts.ts';
import type { Attempts } from './attempts.ts';
import { accountEmail } from './email.ts';
import type { Passwords } from './passwords.ts';
import * as store from './store.ts';

interface MembersDeps extends AccountsDeps {
  attempts: Attempts;
  passwords: Passwords;
  touch(tx: Db, tag: string): Promise<void>;
}

export type Members = Pick<
  Accounts,
  | 'members'
  | 'member'
  | 'addMember'
  | 'changeRole'
  | 'removeMember'
  | 'changePassword'
  | 'resetPassword'
  | 'ownerEmail'
>;

export function createMembers(deps: MembersDeps): Members {
  const { clock, audit, attempts, passwords, touch } = deps;
  /** The member, once nobody else changes who belongs to the organization. */
  const lock = async (tx: Db, organizationId: string, userId: string): Promise<User> => {
    await store.lockMembers(tx, organizationId);
    return (await store.findUser(tx, organizationId, userId)) ?? notFound();
  };
  const setPassword = async (
    tx: Db,
    { user, organizationId }: store.Credentials,
    passwordHash: string,
    actor: string,
  ) => {
    await store.setPassword(tx, user.id, passwordHash);
    await touch(tx, user.id);
    const target = `user:${user.id}`;
    await audit.append(tx, { organizationId, actor, action: 'user.password_changed', target });
  };

  return {
    members: store.listUsers,
    member: async (db, organizationId, userId) =>
      (await store.findUser(db, organizationId, userId)) ?? notFound(),

    async ownerEmail(db, organizationId) {
      // The list begins with the oldest owner, and every organization has one.
      const [owner] = await store.listUsers(db, organizationId);
      return owner?.email ?? notFound();
    },

    async addMember(tx, organizationId, { email, password, role }, actor) {
      if (!ROLES.includes(role)) {
        throw invalidField('role', `The role field must be one of: ${ROLES.join(', ')}`);
      }
      const createdAt = clock.now();
      const user = { id: newId('usr_', createdAt), email: accountEmail(email), role, createdAt };
      const passwordHash = await passwords.hash(password);
      if (!(await store.insertUser(tx, organizationId, { user, passwordHash }))) {
        throw new Fault('conflict', 'This email address has an account already.');
      }
      const entry = { organizationId, actor, action: 'user.added', target: `user:${user.id}` };
      await audit.append(tx, { ...entry, details: { role } });
      return user;
    },

    async changeRole(tx, organizationId, userId, role, actor) {
      const user = await lock(tx, organizationId, userId);
      if (user.role === role) return user;
      await keepAnOwner(tx, organizationId, user);
      await store.setRole(tx, userId, role);
      await touch(tx, userId);
      const entry = {
        organizationId,
        actor,
        action: 'user.role_changed',
        target: `user:${userId}`,
      };
      await audit.append(tx, { ...entry, details: { from: user.role, to: role } });
      return { ...user, role };
    },

    async removeMember(tx, organizationId, userId, actor) {
      const user = await lock(tx, organizationId, userId);
      await keepAnOwner(tx, organizationId, user);
      await store.deleteUser(tx, userId);
      await touch(tx, userId);
      const target = `user:${userId}`;
      await audit.append(tx, { organizationId, actor, action: 'user.removed', target });
    },

    async changePassword(tx, userId, { current, next }) {
      await attempts.count({ account: userId });
      const found = (await store.credentialsById(tx, userId)) ?? notFound();
      if (!(await passwords.matches(current, found.passwordHash))) {
        throw invalidField('current_password', 'The current_password field is not your password');
      }
      const passwordHash = await passwords.hash(next, 'new_password');
      await setPassword(tx, found, passwordHash, `user:${userId}`);
    },

    async resetPassword(tx, email, password, actor) {
      const found = (await store.credentialsByEmail(tx, accountEmail(email))) ?? notFound();
      await setPassword(tx, found, await passwords.hash(password), actor);
    },
  };
}

/** Fault `conflict` where the user is the only owner. */
async function keepAnOwner(tx: Db, organizationId: string, user: User): Promise<void> {
  if (user.role !== 'owner') return;
  const owners = (await store.listUsers(tx, organizationId)).filter(({ role }) => role === 'owner');
  if (owners.length > 1) return;
  throw new Fault('conflict', 'An organization keeps at least one owner. Name another one first.');
}

function notFound(): never {
  throw new Fault('not_found', 'There is no such user.');
}
