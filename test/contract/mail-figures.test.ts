/** The original's figures, from what really happens: sends, refusals, bounces, answers, complaints. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { type SmtpSink, startSmtpSink } from '../harness/smtp-sink.ts';
import { expectError, handIn, type MailClient, mailClient, settled } from './mail-client.ts';

const DAY_MS = 86_400_000;
let aheadMs = 0;
let server: TestServer;
let sink: SmtpSink;
let client: MailClient;

beforeAll(async () => {
  sink = await startSmtpSink();
  server = await startTestServer({
    env: { CLOAKROOM_SMTP_URL: sink.url, CLOAKROOM_MAIL_DOMAIN: 'm.example.com' },
    clock: { now: () => new Date(Date.now() + aheadMs) },
  });
  client = mailClient(server, await server.key('mail'));
});
afterAll(async () => {
  await server.stop();
  await sink.stop();
});

interface Sent {
  alias: { id: string; email: string };
  id: string;
  domain: string;
}

/** One campaign mail to so many, each of a domain of the alias's own. */
async function campaignTo(alias: Sent['alias'], count: number, n: number): Promise<Sent> {
  const domain = `d${n}.example`;
  const [to, ...cc] = Array.from({ length: count }, (_, i) => `f${i}@${domain}`);
  const { status, body } = await client.send(alias.id, { to, cc });
  expect(status).toBe(201);
  return { alias, id: String(body['id']), domain };
}
const copyOf = ({ id, domain }: Sent, n: number) =>
  sink.messages.find(({ messageId, to }) => messageId.includes(id) && to[0] === `f${n}@${domain}`);

async function answer({ alias, id, domain }: Sent, n: number, more = ''): Promise<void> {
  const raw = `From: f${n}@${domain}\nTo: ${alias.email}\nSubject: Re: Hello\nMessage-ID: <${randomUUID()}@x.example>\nIn-Reply-To: <${id}@m.example.com>\n${more}\nYes.`;
  expect(await handIn(server, alias.email, raw, `f${n}@${domain}`)).toBe('250');
}
async function report(sent: Sent, n: number, type: string, content: string): Promise<void> {
  const to = copyOf(sent, n)?.from ?? '';
  const raw = `From: mailer-daemon@x.example\nTo: ${to}\nSubject: report\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=x; boundary="b"\n\n--b\nContent-Type: message/${type}\n\n${content}\n--b--\n`;
  expect(await handIn(server, to, raw, '')).toBe('250');
}

test('18 healthy, 5 warning and 2 risky aliases come to the score 82, with the rates of what happened', async () => {
  const aliases: Sent['alias'][] = [];
  for (let i = 0; i < 25; i++) aliases.push(await client.newAlias());
  const [first] = aliases;
  expect((await client.send(first?.id ?? '')).status).toBe(201);
  // Old enough for campaign mail, and the first message for the period of a week.
  aheadMs += 20 * DAY_MS;
  sink.onRecipient = (to) => (/^f0@(d2[0-4])\./.test(to) ? [550, '5.1.1 no such user'] : null);
  // 0 of 20 bounced; 1 of 21, which is 4.8 %; 1 of 20, which is 5 %.
  const counts = aliases.map((_, i) => (i >= 18 && i < 23 ? 21 : 20));
  const sent = await Promise.all(aliases.map((alias, i) => campaignTo(alias, counts[i] ?? 0, i)));
  await settled(server);
  // Two of the five bounces of the warning ones come back later.
  const failed = 'Action: failed\nStatus: 5.1.1';
  for (const late of sent.slice(18, 20))
    await report(late, 3, 'delivery-status', `X: y\n\n${failed}`);
  const [one, two, three] = sent as [Sent, Sent, Sent];
  await answer(one, 1);
  await answer(one, 2);
  await answer(two, 1);
  await answer(three, 1);
  await answer(three, 2, 'Auto-Submitted: auto-replied\n');
  await report(sent[24] as Sent, 5, 'feedback-report', 'Feedback-Type: abuse');
  await settled(server);
  const summary = async (period: string) =>
    (await client.call('GET', `/analytics?period=${period}`)).body;
  const expected = {
    period: '7d',
    overview: { totalAliases: 25, activeAliases: 25 },
    health: { healthy: 18, warning: 5, risky: 2, score: 82 },
    // 18 × 20 + 5 × 21 + 2 × 20; four answers by people and one by a machine; five and two.
    emails: { totalSent: 505, totalReceived: 5, totalBounces: 7 },
    // 7 of 505; 3 messages answered of 498; 1 of 505.
    rates: { bounceRate: 1.39, replyRate: 0.6, complaintRate: 0.2 },
  };
  expect(await summary('7d')).toEqual(expected);
  expect((await client.call('GET', '/analytics')).body).toEqual(expected);
  expectError(await client.call('GET', '/analytics?period=1d'), 400, /period/);
  expect(await summary('14d')).toMatchObject({ period: '14d', emails: { totalSent: 505 } });
  expect(await summary('30d')).toMatchObject({ period: '30d', emails: { totalSent: 506 } });
  const stats = async (n: number) => {
    const { body } = await client.call('GET', `/aliases?id=${aliases[n]?.id}`);
    return (body['aliases'] as unknown as { healthStatus: string; stats: object }[])[0];
  };
  expect(await stats(0)).toMatchObject({
    ...{ healthStatus: 'healthy', stats: { emailsSent: 21, repliesReceived: 2, bounces: 0 } },
  });
  expect(await stats(18)).toMatchObject({
    ...{ healthStatus: 'warning', stats: { emailsSent: 21, repliesReceived: 0, bounces: 1 } },
  });
  expect(await stats(24)).toMatchObject({ healthStatus: 'risky', stats: { bounces: 1 } });
  await client.call('PATCH', `/aliases?id=${aliases[24]?.id}`, { isActive: false });
  await client.call('DELETE', `/aliases?id=${aliases[23]?.id}`);
  expect(await summary('7d')).toMatchObject({
    overview: { totalAliases: 24, activeAliases: 23 },
    health: { healthy: 18, warning: 5, risky: 1, score: 85 },
    emails: expected.emails,
  });
});
