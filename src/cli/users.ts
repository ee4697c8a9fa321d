/** People and their organizations: make a user, set a password anew, change the plan, add
 * credits. */
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { METERS, type Meter } from '../kernel/ledger/ledger.ts';
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

const grantCredits = defineCommand({
  name: 'org grant-credits',
  summary: 'Add one-off credits, which are spent after the monthly ones and do not end.',
  arguments: [
    { name: 'METER', meaning: `One of ${METERS.join(', ')}.` },
    { name: 'AMOUNT', meaning: 'How many, a whole number from 1.' },
  ],
  options: {
    org: { type: 'string', value: 'ID', meaning: 'The organization; default: the first.' },
  },
  examples: ['org grant-credits redact.credits 5000'],
  async run({ positionals: [name = '', count = ''], values, out }) {
    const meter = meterOf(name);
    const amount = amountOf(count);
    await withKernel(async (kernel) => {
      const { database, ledger, audit } = kernel;
      const { id } = await organizationOf(kernel, values.org);
      await database.tx(async (tx) => {
        await ledger.grant(tx, id, meter, amount);
        await audit.append(tx, {
          ...{ organizationId: id, actor: ACTOR, action: 'organization.credits_granted' },
          ...{ target: `organization:${id}`, details: { meter, amount } },
        });
      });
      const { available } = await ledger.balance(database.db, id, meter);
      out.result(`Added ${amount} to ${meter}; ${available} are left to spend.`, {
        ...{ organizationId: id, meter, granted: amount, available },
      });
    });
    return EXIT.ok;
  },
});

export const userCommands: readonly Command[] = [create, resetPassword, setPlan, grantCredits];

function meterOf(name: string): Meter {
  const meter = METERS.find((one) => one === name);
  if (meter) return meter;
  throw new UsageError(`"${name}" is no meter; write one of ${METERS.join(', ')}`);
}

function amountOf(text: string): number {
  const amount = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
  if (amount > 0) return amount;
  throw new UsageError(`"${text}" is no whole number from 1 to 999,999,999`);
}

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
