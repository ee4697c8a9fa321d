/** People and their organizations: make a user, set a password anew, change the plan. */
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { ROLES, type Role } from '../kernel/principal.ts';
import { type Command, defineCommand, EXIT, UsageError } from './command.ts';
import { ACTOR, organizationOf, withKernel } from './session.ts';

const EMAIL_ARGUMENT = { name: 'EMAIL', meaning: "The user's mail address." };
const PASSWORD_OPTION = {
  type: 'boolean',
  meaning:
    'Read the password from standard input. Otherwise a random one is made and printed, this once.',
} as const;

const create = defineCommand({
  name: 'user create',
  summary: 'Add a user to an organization.',
  arguments: [EMAIL_ARGUMENT],
  options: {
    role: {
      type: 'string',
      value: 'ROLE',
      meaning: `One of ${ROLES.join(', ')}; default: member.`,
    },
    'password-stdin': PASSWORD_OPTION,
    org: { type: 'string', value: 'ID', meaning: 'The organization; default: the first.' },
  },
  examples: [
    'user create ada@example.com',
    'user create ada@example.com --role admin --password-stdin < password.txt',
  ],
  async run({ positionals: [email = ''], values, out }) {
    const role = roleOf(values.role ?? 'member');
    const { password, isMade } = await passwordOf(values['password-stdin']);
    await withKernel(async (kernel) => {
      const { id } = await organizationOf(kernel, values.org);
      const user = { email, password, role };
      await kernel.database.tx((tx) => kernel.accounts.addMember(tx, id, user, ACTOR));
      if (!isMade) out.say(`Added ${email} as ${role}.`);
      const shown = isMade ? { password } : {};
      out.result(isMade ? password : '', { email, role, organizationId: id, ...shown });
    });
    return EXIT.ok;
  },
});

const resetPassword = defineCommand({
  name: 'user reset-password',
  summary: 'Give a user a new password and end all of their sessions.',
  arguments: [EMAIL_ARGUMENT],
  options: { 'password-stdin': PASSWORD_OPTION },
  examples: ['user reset-password ada@example.com'],
  async run({ positionals: [email = ''], values, out }) {
    const { password, isMade } = await passwordOf(values['password-stdin']);
    await withKernel(async (kernel) => {
      await kernel.database.tx((tx) => kernel.accounts.resetPassword(tx, email, password, ACTOR));
      if (!isMade) out.say(`The password of ${email} is changed.`);
      out.result(isMade ? password : '', { email, ...(isMade ? { password } : {}) });
    });
    return EXIT.ok;
  },
});

const setPlan = defineCommand({
  name: 'org set-plan',
  summary: "Change an organization's plan, at once and on every node.",
  arguments: [
    { name: 'PLAN', meaning: 'starter, professional, enterprise, unlimited, or your own.' },
  ],
  options: {
    org: { type: 'string', value: 'ID', meaning: 'The organization; default: the first.' },
  },
  examples: ['org set-plan professional'],
  async run({ positionals: [plan = ''], values, out }) {
    await withKernel(async (kernel) => {
      const { id, name } = await organizationOf(kernel, values.org);
      await kernel.database.tx((tx) => kernel.accounts.setPlan(tx, id, plan, ACTOR));
      out.result(`${name} is on the plan ${plan}.`, { organizationId: id, plan });
    });
    return EXIT.ok;
  },
});

export const userCommands: readonly Command[] = [create, resetPassword, setPlan];

function roleOf(name: string): Role {
  if ((ROLES as readonly string[]).includes(name)) return name as Role;
  throw new UsageError(`"${name}" is no role; write one of ${ROLES.join(', ')}`);
}

/** The given password, or one of 20 characters with 120 random bits. Never from the command line,
 * which every user of the machine can see. */
async function passwordOf(
  fromStdin: boolean | undefined,
): Promise<{ password: string; isMade: boolean }> {
  if (!fromStdin) return { password: randomBytes(15).toString('base64url'), isMade: true };
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (password === '') throw new UsageError('there is no password on standard input');
  return { password, isMade: false };
}
