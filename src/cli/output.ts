/**
 * Where a command writes. Standard output carries the result and nothing else, so that it can be
 * piped; everything meant for a reader goes to standard error.
 */
import type { Writable } from 'node:stream';

export interface Output {
  json: boolean;
  /** The result: `text` for people and pipes, or `data` as JSON with `--json`. */
  result(text: string, data: unknown): void;
  /** For the person at the terminal. */
  say(text: string): void;
  /** One line that is written over and over, on a terminal only. */
  progress(text: string): void;
}

export function createOutput(
  json: boolean,
  stdout: Writable = process.stdout,
  stderr: Writable & { isTTY?: boolean } = process.stderr,
): Output {
  let isLineOpen = false;
  const closeLine = () => {
    if (isLineOpen) stderr.write('\r\x1b[K');
    isLineOpen = false;
  };
  return {
    json,
    result(text, data) {
      closeLine();
      const shown = json ? JSON.stringify(data, null, 2) : text;
      if (shown !== '') stdout.write(`${shown}\n`);
    },
    say(text) {
      closeLine();
      stderr.write(`${text}\n`);
    },
    progress(text) {
      if (!stderr.isTTY) return;
      stderr.write(`\r\x1b[K${text}`);
      isLineOpen = true;
    },
  };
}

/** Rows in columns as wide as they need; the last column is not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}
