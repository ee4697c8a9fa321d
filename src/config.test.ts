import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, loadConfig, publicUrl } from './config.ts';

test('an empty environment is a working configuration', () => {
  const config = loadConfig({});
  expect(config.port).toBe(8080);
  expect(config.host).toBe('127.0.0.1');
  expect(config.databaseUrl).toBeUndefined();
  expect(config.webhookAllowPrivate).toBe(false);
  expect(publicUrl(config)).toBe('http://127.0.0.1:8080');
});

test('all mistakes are reported at once, each with its mend', () => {
  const mistakes = () =>
    loadConfig({
      PORT: '80a',
      CLOAKROOM_HOSTS: 'post=mail.example.com',
      CLOAKROOM_TRUSTED_PROXIES: '10.0.0.0/33',
      CLOAKROOM_WEBHOOK_ALLOW_PRIVATE: 'yes',
      CLOAKROOM_SMTP_URL: 'http://relay',
      CLOAKROOM_PROT: '1',
      CLOAKROOM_SMTP_TLS_CERT: '/etc/mail.pem',
    });
  expect(mistakes).toThrow(ConfigError);
  try {
    mistakes();
  } catch (error) {
    const { mistakes: found } = error as ConfigError;
    expect(found).toHaveLength(7);
    expect(found.join('\n')).toMatch(/PORT: write a whole number from 0 to 65535/);
    expect(found.join('\n')).toMatch(/CLOAKROOM_PROT: no such setting/);
    expect(found.join('\n')).toMatch(/CLOAKROOM_SMTP_TLS_KEY: set both or neither/);
    expect(found.join('\n')).toMatch(/smtp:\/\/ or smtps:\/\//);
  }
});

test('a secret can come from a file, but not from two places', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'password');
  writeFileSync(file, 'hunter22\n');
  expect(loadConfig({ CLOAKROOM_ADMIN_PASSWORD_FILE: file }).adminPassword).toBe('hunter22');
  const twice = { CLOAKROOM_ADMIN_PASSWORD_FILE: file, CLOAKROOM_ADMIN_PASSWORD: 'x' };
  expect(() => loadConfig(twice)).toThrow(/not both/);
  expect(() => loadConfig({ DATABASE_URL_FILE: '/nowhere/at/all' })).toThrow(/cannot be read/);
});

test('host names are bound to services', () => {
  const { hosts } = loadConfig({ CLOAKROOM_HOSTS: 'mail=Mail.example.com, track=t.example.com' });
  expect([...(hosts ?? [])]).toEqual([
    ['mail.example.com', 'mail'],
    ['t.example.com', 'track'],
  ]);
});
