/** Signatures against the specification. */
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { newSecret, signedHeaders } from './signature.ts';

const message = { id: 'evt_1', timestampS: 1_767_434_550, body: '{"event":"job.completed"}' };

test('the signature is that of the Standard Webhooks specification', () => {
  const secret = newSecret();
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key)
    .update('evt_1.1767434550.{"event":"job.completed"}')
    .digest('base64');
  expect(signedHeaders(message, [secret])).toEqual({
    'webhook-id': 'evt_1',
    'webhook-timestamp': '1767434550',
    'webhook-signature': `v1,${expected}`,
  });
});

test('the example of the specification verifies', () => {
  // https://github.com/standard-webhooks/standard-webhooks, the reference libraries' test vector.
  const headers = signedHeaders(
    { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampS: 1_614_265_330, body: '{"test": 2432232314}' },
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  );
  expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('with two secrets there are two signatures, parted by a space', () => {
  const [first, second] = [newSecret(), newSecret()];
  const both = signedHeaders(message, [first, second])['webhook-signature'];
  const each = [first, second].map(
    (secret) => signedHeaders(message, [secret])['webhook-signature'],
  );
  expect(both).toBe(each.join(' '));
});
