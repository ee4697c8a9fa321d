import { expect, test } from 'vitest';
import { createLog } from './log.ts';

function written(work: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  work(createLog('info', { write: (line: string) => void lines.push(line) }));
  return lines.join('');
}

test('secrets and persons are taken out, at the top and below', () => {
  const text = written((log) =>
    log.info(
      {
        email: 'ann@example.com',
        request: { password: 'hunter22', headers: { authorization: 'Bearer x1' } },
      },
      'hello',
    ),
  );
  expect(text).toContain('hello');
  expect(text).not.toMatch(/ann@|hunter22|Bearer/);
});

test('an error says what and where, but not the data that its message quotes', () => {
  const text = written((log) => {
    try {
      JSON.parse('ann@example.com');
    } catch (err) {
      log.error({ err }, 'internal');
    }
    const database = Object.assign(new Error('Key (email)=(bob@example.com) already exists'), {
      code: '23505',
      detail: 'bob@example.com',
    });
    log.error({ err: new Error('outer', { cause: database }) }, 'internal');
  });
  expect(text).toContain('SyntaxError');
  expect(text).toContain('23505');
  expect(text).toContain('log.test.ts');
  expect(text).not.toMatch(/ann@|bob@/);
});
