/** What a check of the doctor's answers. */
import type { Config } from '../../config.ts';

export interface Finding {
  name: string;
  /** `warn` works for now, `fail` does not. */
  status: 'ok' | 'warn' | 'fail';
  /** What was seen. */
  found: string;
  /** What to do about it; empty where there is nothing to do. */
  advice: string;
}

/** A check never throws: what goes wrong is its finding. */
export type Check = (config: Config) => Promise<Finding[]>;

export function ok(name: string, found: string): Finding {
  return { name, status: 'ok', found, advice: '' };
}
