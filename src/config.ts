/**
 * The only reader of the environment. One table says every setting's name, type, default and
 * meaning; `docs/configuration.md` is made from it. All mistakes are reported at once, each with
 * what to write instead. Any setting can come from a file named by `NAME_FILE` (for secrets).
 */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { SERVICES, type ServiceName } from './kernel/principal.ts';

interface Kind<T> {
  /** How the value is written, for the documentation. */
  form: string;
  /** Throws an Error whose message says what was expected. */
  parse(text: string): T;
}

interface Setting<T> {
  name: string;
  kind: Kind<T>;
  /** As it would be written; undefined where there is none. */
  default?: string;
  meaning: string;
  secret?: boolean;
}

const text: Kind<string> = { form: 'text', parse: (value) => value };
const path: Kind<string> = { form: 'path', parse: (value) => resolve(value) };
const boolean: Kind<boolean> = {
  form: 'true or false',
  parse(value) {
    if (value === 'true' || value === 'false') return value === 'true';
    throw new Error('write true or false');
  },
};

function integer(min: number, max: number): Kind<number> {
  return {
    form: `whole number, ${min} to ${max}`,
    parse(value) {
      const number = Number(value);
      if (/^\d+$/.test(value) && number >= min && number <= max) return number;
      throw new Error(`write a whole number from ${min} to ${max}`);
    },
  };
}

function oneOf<T extends string>(...values: T[]): Kind<T> {
  return {
    form: values.join(', '),
    parse(value) {
      if ((values as string[]).includes(value)) return value as T;
      throw new Error(`write one of ${values.join(', ')}`);
    },
  };
}

function url(...protocols: string[]): Kind<string> {
  return {
    form: `address (${protocols.map((p) => `${p}//…`).join(' or ')})`,
    parse(value) {
      if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) {
        return value.replace(/\/+$/, '');
      }
      throw new Error(`write an address that begins with ${protocols.join('// or ')}//`);
    },
  };
}

const domain: Kind<string> = {
  form: 'domain name',
  parse(value) {
    const name = value.toLowerCase();
    if (/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}$/.test(name)) {
      return name;
    }
    throw new Error('write a domain name such as mail.example.com');
  },
};

const hosts: Kind<ReadonlyMap<string, ServiceName>> = {
  form: 'service=host, comma separated',
  parse(value) {
    const map = new Map<string, ServiceName>();
    for (const pair of value.split(',')) {
      const [service = '', host = ''] = pair.split('=').map((part) => part.trim());
      if (!(SERVICES as readonly string[]).includes(service) || !host) {
        throw new Error('write pairs such as mail=mail.example.com,track=t.example.com');
      }
      map.set(domain.parse(host), service as ServiceName);
    }
    return map;
  },
};

const addresses: Kind<readonly string[]> = {
  form: 'IP addresses or CIDR blocks, comma separated',
  parse(value) {
    const list = value.split(',').map((part) => part.trim());
    for (const entry of list) {
      const [address = '', bits] = entry.split('/');
      const widest = isIP(address) === 6 ? 128 : 32;
      if (!isIP(address) || (bits !== undefined && !(/^\d+$/.test(bits) && Number(bits) <= widest)))
        throw new Error(`"${entry}" is neither an IP address nor a CIDR block`);
    }
    return list;
  },
};

const nameServers: Kind<readonly string[]> = {
  form: 'IP[:port], comma separated',
  parse: (value) =>
    value.split(',').map((part) => {
      const server = part.trim();
      const bare = isIP(server) ? server : server.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
      if (!isIP(bare)) throw new Error('write name servers such as 127.0.0.1:5353');
      return server;
    }),
};

const languages: Kind<readonly string[]> = {
  form: 'names joined by +',
  parse(value) {
    if (/^[a-z]{3}(?:_[a-z]{3,8})?(?:\+[a-z]{3}(?:_[a-z]{3,8})?){0,9}$/i.test(value)) {
      return value.split('+');
    }
    throw new Error('write languages as Tesseract calls them, such as eng+deu');
  },
};

function setting<T>(s: Setting<T> & { default: string }): Setting<T> & { default: string };
function setting<T>(s: Setting<T>): Setting<T> & { default?: undefined };
function setting<T>(s: Setting<T>): Setting<T> {
  return s;
}

export const SETTINGS = {
  port: setting({
    name: 'PORT',
    kind: integer(0, 65_535),
    default: '8080',
    meaning: 'Port of the HTTP server; 0 takes a free one.',
  }),
  host: setting({
    name: 'HOST',
    kind: text,
    default: '127.0.0.1',
    meaning: 'Address that the HTTP and SMTP servers listen on. 0.0.0.0 is every network.',
  }),
  dataDir: setting({
    name: 'CLOAKROOM_DATA_DIR',
    kind: path,
    default: './data',
    meaning: 'Everything that the installation keeps: database, journal, files, keys.',
  }),
  databaseUrl: setting({
    name: 'DATABASE_URL',
    kind: url('postgres:', 'postgresql:'),
    meaning:
      'A PostgreSQL of your own (14 or newer). Unset: the embedded one in the data directory.',
    secret: true,
  }),
  filesDir: setting({
    name: 'CLOAKROOM_FILES_DIR',
    kind: path,
    meaning:
      'Where documents lie, encrypted: a folder that all nodes share, where there are several. Unset: files in the data directory.',
  }),
  redisUrl: setting({
    name: 'REDIS_URL',
    kind: url('redis:', 'rediss:'),
    meaning:
      'Redis or Valkey that counts rate limits for many nodes. Unset: counted in the process.',
    secret: true,
  }),
  adminEmail: setting({
    name: 'CLOAKROOM_ADMIN_EMAIL',
    kind: text,
    meaning: 'Address of the first owner, made at the first start. Unset: owner@localhost.',
  }),
  adminPassword: setting({
    name: 'CLOAKROOM_ADMIN_PASSWORD',
    kind: text,
    meaning: 'Password of the first owner. Unset: a random one, printed once.',
    secret: true,
  }),
  installationKey: setting({
    name: 'CLOAKROOM_INSTALLATION_KEY',
    kind: text,
    meaning:
      'The 32-byte key (64 hex digits or base64) under which everything private is encrypted. Unset: keys/installation.key in the data directory, made at the first start. Without it, nothing can be read again: back it up.',
    secret: true,
  }),
  publicUrl: setting({
    name: 'CLOAKROOM_PUBLIC_URL',
    kind: url('http:', 'https:'),
    meaning:
      'Address at which the world reaches this server, for tracking and unsubscribe links. Unset: http://HOST:PORT.',
  }),
  hosts: setting({
    name: 'CLOAKROOM_HOSTS',
    kind: hosts,
    meaning: 'Host names that answer for one service at the root: mail=mail.example.com,…',
  }),
  trustedProxies: setting({
    name: 'CLOAKROOM_TRUSTED_PROXIES',
    kind: addresses,
    meaning: 'Proxies whose X-Forwarded-For is believed. Unset: none.',
  }),
  logLevel: setting({
    name: 'CLOAKROOM_LOG_LEVEL',
    kind: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    meaning: 'How much is logged.',
  }),
  webhookAllowPrivate: setting({
    name: 'CLOAKROOM_WEBHOOK_ALLOW_PRIVATE',
    kind: boolean,
    default: 'false',
    meaning: 'Whether webhooks may go to private and loopback addresses.',
  }),
  mailDomain: setting({
    name: 'CLOAKROOM_MAIL_DOMAIN',
    kind: domain,
    meaning:
      'A domain that counts as verified, for the aliases of the first organization. Unset: cloakroom.localhost, whose mail goes to the development mailbox.',
  }),
  bounceDomain: setting({
    name: 'CLOAKROOM_BOUNCE_DOMAIN',
    kind: domain,
    meaning: 'Domain of the envelope senders to which bounces come back. Unset: the mail domain.',
  }),
  smtpUrl: setting({
    name: 'CLOAKROOM_SMTP_URL',
    kind: url('smtp:', 'smtps:'),
    meaning: 'Relay for outgoing mail (smtp://user:password@host:port). Unset: straight to the MX.',
    secret: true,
  }),
  smtpPort: setting({
    name: 'CLOAKROOM_SMTP_PORT',
    kind: integer(0, 65_535),
    default: '2525',
    meaning: 'Port of the SMTP server that takes mail for aliases; 0 takes a free one.',
  }),
  smtpTlsCert: setting({
    name: 'CLOAKROOM_SMTP_TLS_CERT',
    kind: path,
    meaning:
      'PEM file of the certificate chain for STARTTLS on the SMTP server. Unset: a self-made one.',
  }),
  smtpTlsKey: setting({
    name: 'CLOAKROOM_SMTP_TLS_KEY',
    kind: path,
    meaning: 'PEM file of the private key of that certificate.',
  }),
  dnsServers: setting({
    name: 'CLOAKROOM_DNS_SERVERS',
    kind: nameServers,
    meaning: 'Name servers that domains are verified against. Unset: those of the system.',
  }),
  workers: setting({
    name: 'CLOAKROOM_WORKERS',
    kind: integer(1, 64),
    default: '2',
    meaning:
      'Documents worked on at once, each in a process of its own: so many while callers wait, and so many of jobs.',
  }),
  documentMemoryMb: setting({
    name: 'CLOAKROOM_DOCUMENT_MEMORY_MB',
    kind: integer(512, 65_536),
    default: '3072',
    meaning: 'Memory that one document may take while it is worked on; one that needs more fails.',
  }),
  ocrLanguages: setting({
    name: 'CLOAKROOM_OCR_LANGUAGES',
    kind: languages,
    default: 'eng',
    meaning:
      'Languages of text in pictures, as Tesseract calls them: eng+deu. English is shipped; others come with an installed tesseract, or from CLOAKROOM_OCR_DATA_DIR.',
  }),
  ocrDataDir: setting({
    name: 'CLOAKROOM_OCR_DATA_DIR',
    kind: path,
    meaning:
      'Folder with LANGUAGE.traineddata for every language of CLOAKROOM_OCR_LANGUAGES. Unset: what is shipped or installed.',
  }),
  nerModel: setting({
    name: 'CLOAKROOM_NER_MODEL',
    kind: path,
    meaning:
      'Folder of an ONNX token-classification model as Hugging Face lays them out (model.onnx, tokenizer.json, tokenizer_config.json, config.json): it finds names beside the tagger that is shipped. Needs npm install onnxruntime-web @huggingface/tokenizers. Unset: none.',
  }),
} satisfies Record<string, Setting<unknown>>;

type Settings = typeof SETTINGS;
type Value<S> = S extends { kind: Kind<infer T> } ? T : never;

export type Config = {
  readonly [K in keyof Settings]: Settings[K] extends { default: string }
    ? Value<Settings[K]>
    : Value<Settings[K]> | undefined;
};

/** Settings that cannot be used, all of them, each with the mend. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[];
  constructor(mistakes: readonly string[]) {
    super(`The configuration has ${mistakes.length} mistake(s):\n  ${mistakes.join('\n  ')}`);
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}

/** Reads every setting; throws one ConfigError that names every mistake. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const { config, mistakes } = readSettings(env, Object.keys(SETTINGS) as (keyof Config)[]);
  const { smtpTlsCert, smtpTlsKey } = config;
  if ((smtpTlsCert === undefined) !== (smtpTlsKey === undefined)) {
    mistakes.push('CLOAKROOM_SMTP_TLS_CERT, CLOAKROOM_SMTP_TLS_KEY: set both or neither');
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config as Config;
}

const DOCUMENT_SETTINGS = ['ocrLanguages', 'ocrDataDir', 'nerModel'] as const;
export type DocumentConfig = Pick<Config, (typeof DOCUMENT_SETTINGS)[number]>;

/** What documents are read with; what else a server is set up with may be missing or wrong. */
export function loadDocumentConfig(env: NodeJS.ProcessEnv = process.env): DocumentConfig {
  const { config, mistakes } = readSettings(env, DOCUMENT_SETTINGS);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config as DocumentConfig;
}

function readSettings(env: NodeJS.ProcessEnv, keys: readonly (keyof Config)[]) {
  const mistakes = unknownSettings(env);
  const config: Partial<Record<keyof Config, unknown>> = {};
  for (const key of keys) {
    const { name, kind, default: fallback } = SETTINGS[key] as Setting<unknown>;
    try {
      const given = readSetting(env, name) ?? fallback;
      config[key] = given === undefined ? undefined : kind.parse(given);
    } catch (error) {
      mistakes.push(`${name}: ${(error as Error).message}`);
    }
  }
  return { config, mistakes };
}

/** The value of a setting, or of the file that `NAME_FILE` points to; empty counts as unset. */
function readSetting(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  if (file && env[name]) throw new Error(`set ${name} or ${name}_FILE, not both`);
  if (!file) return env[name] || undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    throw new Error(`${name}_FILE cannot be read: ${(error as Error).message}`);
  }
}

/** A misspelt setting would silently be a default: names with our prefix must be known. */
function unknownSettings(env: NodeJS.ProcessEnv): string[] {
  const known = new Set(Object.values(SETTINGS).flatMap(({ name }) => [name, `${name}_FILE`]));
  return Object.keys(env)
    .filter((name) => name.startsWith('CLOAKROOM_') && !known.has(name))
    .map((name) => `${name}: no such setting; docs/configuration.md lists them all`);
}

/** Where the world reaches the server. */
export function publicUrl(config: Config, port: number = config.port): string {
  return (
    config.publicUrl ?? `http://${config.host === '0.0.0.0' ? 'localhost' : config.host}:${port}`
  );
}
