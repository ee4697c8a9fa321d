import { expect, test } from 'vitest';
import { classify, parseMessage } from './classify.ts';

const read = async (text: string) =>
  classify(await parseMessage(Buffer.from(text.replaceAll('\n', '\r\n'))));
const mail = (headers: string, body = 'Hello') =>
  `From: ann@b.example\nTo: x@y.example\n${headers}\n\n${body}`;

test.each([
  ['an RFC 3834 answer', 'Subject: away\nAuto-Submitted: auto-replied'],
  [
    'an answer of Exchange',
    'Subject: hi\nX-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated',
  ],
  ['a vacation notice that says so only in its subject', 'Subject: Out of office: back Monday'],
  ['a mailing list', 'Subject: news\nPrecedence: list'],
])('%s is automatic', async (_what, headers) => {
  expect((await read(mail(headers))).kind).toBe('auto_reply');
});

test.each([
  ["a person's answer", 'Subject: Re: Offer'],
  ['one that denies being automatic', 'Subject: Re: Offer\nAuto-Submitted: no'],
  ['one that talks of the office', 'Subject: Our office is out of paper'],
])('%s is mail', async (_what, headers) => {
  expect((await read(mail(headers))).kind).toBe('mail');
});

test.each([
  ['550 5.1.1 User unknown', 'hard'],
  ['552 5.2.2 Mailbox full', 'soft'],
  ['451 4.7.1 Greylisted', 'soft'],
  ['The mailbox does not exist.', 'hard'],
])('a body without a report that says "%s" is a %s bounce', async (words, bounce) => {
  const text = `From: Mailer-Daemon@b.example\nSubject: Mail delivery failed\n\nThe following address failed:\n${words}`;
  expect(await read(text)).toMatchObject({ kind: 'bounce', bounce });
});

test('a report of a delay changes nothing, one of success is no bounce', async () => {
  const report = (action: string, status: string) =>
    `From: mailer-daemon@b.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; b\n\nAction: ${action}\nStatus: ${status}\n--b--\n`;
  expect((await read(report('delayed', '4.4.1'))).kind).toBe('delay');
  expect((await read(report('relayed', '2.0.0'))).kind).toBe('auto_reply');
  expect(await read(report('failed', '5.1.1'))).toMatchObject({ kind: 'bounce', bounce: 'hard' });
});

test('a forged daemon that is not about a delivery is mail', async () => {
  expect((await read('From: postmaster@b.example\nSubject: Meeting\n\nHello')).kind).toBe('mail');
});
