/** A visitor judged without a server: the signals of Gate, without flows, rules and history. */
import { isIP } from 'node:net';
import { loadConfig } from '../config.ts';
import { systemClock } from '../kernel/clock.ts';
import { createLog } from '../kernel/telemetry/log.ts';
import { type Command, defineCommand, EXIT, UsageError } from './command.ts';
import { table } from './output.ts';

const check = defineCommand({
  name: 'check',
  summary: 'Judge a visitor by address and client, and show every signal with its weight.',
  details:
    'Knows no flows, rules or earlier visits: it shows what Gate makes of the visitor as such. Name servers are asked where only they can tell whether a crawler is genuine. The exit code is 0 whatever the verdict.',
  arguments: [{ name: 'IP', meaning: 'The IPv4 or IPv6 address.' }],
  options: {
    ua: { type: 'string', value: 'TEXT', meaning: 'The User-Agent; an empty one was sent empty.' },
    url: { type: 'string', value: 'URL', meaning: 'The address that was visited.' },
    header: {
      type: 'string',
      value: 'NAME:VALUE',
      multiple: true,
      meaning: 'A header that was sent. What is not given is unknown, not missing.',
    },
    offline: { type: 'boolean', meaning: 'Ask no name server.' },
    'allow-known-bots': { type: 'boolean', meaning: 'Let genuine crawlers pass.' },
    'allow-datacenter': { type: 'boolean', meaning: 'Hold hosting networks against nobody.' },
  },
  examples: [
    'check 203.0.113.7',
    "check 66.249.66.1 --ua 'Mozilla/5.0 (compatible; Googlebot/2.1)' --offline --json",
  ],
  async run({ positionals: [ip = ''], values, out }) {
    if (isIP(ip) === 0) throw new UsageError(`"${ip}" is no IP address`);
    const headers = Object.fromEntries((values.header ?? []).map(headerOf));
    const { dataDir } = loadConfig();
    const [{ openIntel }, { observe, judge }] = await Promise.all([
      import('../intel/index.ts'),
      import('../services/gate/index.ts'),
    ]);
    const intel = await openIntel({ dataDir, log: createLog('warn'), clock: systemClock });
    const source = values.offline
      ? { classify: intel.classify, verify: async (visitor: Visitor) => intel.classify(visitor) }
      : intel;
    const visitor = {
      ...{ ip, headers, url: values.url ?? null, fingerprint: null, behavior: null },
      userAgent: values.ua ?? headers['user-agent'] ?? null,
    };
    const seen = await observe(source, visitor, async () => NO_HISTORY);
    const decision = judge({
      ...{ seen, flow: null, rules: [], counters: null, hour: () => new Date().getUTCHours() },
      overrides: {
        allowKnownBots: values['allow-known-bots'],
        allowDatacenter: values['allow-datacenter'],
      },
    });
    const { signals: _, userAgent: __, ...facts } = seen;
    const { verdict, score, reasons, signals, thresholds } = decision;
    const shown = { verdict, score, reasons, thresholds, facts, signals };
    out.result(render(shown), shown);
    return EXIT.ok;
  },
});

export const checkCommands: readonly Command[] = [check];

interface Visitor {
  ip: string | null;
  userAgent?: string | null;
}

const NO_HISTORY = { address: 0, neighbourhood: 0, fingerprint: 0 };

function headerOf(text: string): [name: string, value: string] {
  const colon = text.indexOf(':');
  if (colon < 1) throw new UsageError(`"${text}" is no header; write NAME:VALUE`);
  return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
}

interface Shown {
  verdict: string;
  score: number;
  reasons: readonly string[];
  facts: { country: string | null; asn: number | null; org: string | null; network: string };
  signals: readonly { code: string; fired: boolean; value: unknown; weight: number }[];
}

function render({ verdict, score, reasons, facts, signals }: Shown): string {
  const { country, asn, org, network } = facts;
  const place = [country ?? 'unknown country', network, asn && `AS${asn}`, org];
  const fired = signals.filter((signal) => signal.fired);
  const rows = fired.map(({ code, weight, value }) => [
    ...[code, String(weight), value === null ? '' : String(value)],
  ]);
  return [
    `${verdict} (score ${score}): ${reasons.join(', ')}`,
    place.filter(Boolean).join(', '),
    ...(rows.length > 0 ? ['', table(['SIGNAL', 'WEIGHT', 'SEEN'], rows)] : []),
  ].join('\n');
}
