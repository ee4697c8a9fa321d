/**
 * Servers under the same requests, one after the other, several times over: what else the machine does
 * falls on all alike, and what counts is the ratio to the first of them.
 */
import autocannon from 'autocannon';

const CONNECTIONS = [32, 256];
const ROUNDS = 3;
const ROUND_S = 2;

export interface Contestant {
  name: string;
  url: string;
  /** Taken in turn by each connection. */
  requests: autocannon.Request[];
  /** What every answer must be. */
  answers: '2xx' | '3xx';
}

interface Turn {
  /** Answers a second. */
  rate: number;
  p50Ms: number;
  p99Ms: number;
}

/** Prints each contestant's rate, its ratio to the first one's, and its latencies. */
export async function takeTurns(contestants: readonly Contestant[]): Promise<void> {
  for (const one of contestants) await turn(one, 32, 1);
  for (const connections of CONNECTIONS) {
    const turns = contestants.map((): Turn[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, one] of contestants.entries()) {
        turns[index]?.push(await turn(one, connections, ROUND_S));
      }
    }
    process.stdout.write(`\n${connections} connections\n`);
    const middle = turns.map(
      (taken) => taken.toSorted((a, b) => a.rate - b.rate)[Math.floor(ROUNDS / 2)] as Turn,
    );
    for (const [index, { rate, p50Ms, p99Ms }] of middle.entries()) {
      const ratio = (rate / (middle[0] as Turn).rate).toFixed(2);
      const name = (contestants[index] as Contestant).name.padEnd(16);
      const perSecond = String(Math.round(rate)).padStart(7);
      process.stdout.write(
        `  ${name} ${perSecond}/s  ratio ${ratio}  p50 ${p50Ms} ms  p99 ${p99Ms} ms\n`,
      );
    }
  }
}

async function turn(one: Contestant, connections: number, durationS: number): Promise<Turn> {
  const { name, url, requests, answers } = one;
  const result = await autocannon({ url, connections, duration: durationS, requests });
  const others = (['1xx', '2xx', '3xx', '4xx', '5xx'] as const)
    .filter((kind) => kind !== answers)
    .reduce((sum, kind) => sum + result[kind], 0);
  if (others > 0 || result.errors > 0) {
    throw new Error(`${name} answered ${others} others, ${result.errors} errors`);
  }
  const { p50, p99 } = result.latency;
  return { rate: result[answers] / result.duration, p50Ms: p50, p99Ms: p99 };
}

/** Resolves once somebody answers there, with whatever. */
export async function answering(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await fetch(url, { redirect: 'manual' }).catch(() => null);
    if (answer) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${url} does not answer`);
}
