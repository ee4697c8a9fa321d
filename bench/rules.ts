/**
 * Redact's rules without the tagger: characters a second a core for prose, for a table of numbers and
 * for addresses and dates in a row, of the processor's time. `node bench/rules.ts`; aim: a million.
 */
import { RULES } from '../src/services/redact/detect/rules/index.ts';
import { scan } from '../src/services/redact/detect/scan/scan.ts';

const LENGTH = 500_000;
const ROUNDS = 4;
const AIM = 1;

/** The same numbers in every run: a linear congruential generator (Knuth, MMIX). */
let state = 7n;
function next(below: number): number {
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  return Number((state >> 33n) % BigInt(below));
}

const WORDS =
  'The quarterly report of the committee was read and approved by all members present, and Sales in the North rose by a third against last year while costs stayed where they were.'.split(
    ' ',
  );
const STREETS = ['Elm Street', 'Oak Avenue', 'Harbour Road', 'Mill Lane'];

const filled = (line: () => string) => {
  const lines: string[] = [];
  for (let length = 0; length < LENGTH; ) {
    const one = line();
    lines.push(one);
    length += one.length + 1;
  }
  return lines.join('\n');
};

const samples: Record<string, string> = {
  prose: filled(() => Array.from({ length: 14 }, () => WORDS[next(WORDS.length)]).join(' ')),
  'table of numbers': filled(() =>
    [
      ...[next(1e6), `Item ${next(1000)}`, `20${10 + next(14)}-0${1 + next(9)}-1${next(9)}`],
      ...[`${next(1e5)}.${10 + next(90)}`, next(1e9), next(1e12)],
    ].join(','),
  ),
  'personal data': filled(
    () =>
      `${1 + next(900)} ${STREETS[next(4)]}, Springfield, IL 6${1000 + next(9000)}; tel. 415-555-0${100 + next(99)}, mail a${next(999)}@example.org, born ${1 + next(28)} March 19${40 + next(50)}`,
  ),
};

for (const [name, text] of Object.entries(samples)) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.cpuUsage();
    scan({ pageNumber: 1, text }, RULES);
    best = Math.min(best, process.cpuUsage(start).user);
  }
  const millions = text.length / best;
  process.stdout.write(
    `${name.padEnd(18)} ${millions.toFixed(2)} million characters/s with ${RULES.length} rules (aim ${AIM})\n`,
  );
}
