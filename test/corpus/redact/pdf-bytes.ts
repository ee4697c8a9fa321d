/** All that can be read in a PDF without understanding it. */
import { inflateSync } from 'node:zlib';

export function everything(file: Buffer): string {
  const texts = [file.toString('latin1')];
  for (let at = file.indexOf('stream'); at >= 0; at = file.indexOf('stream', at + 6)) {
    const start = at + (file[at + 6] === 13 ? 8 : 7);
    try {
      texts.push(inflateSync(file.subarray(start), { finishFlush: 2 }).toString('latin1'));
    } catch {
      // Not compressed.
    }
  }
  const all = texts.join('\n');
  const hex = [...all.matchAll(/<([0-9a-fA-F\s]{2,})>/g)].map(([, digits = '']) =>
    Buffer.from(digits.replace(/\s/g, ''), 'hex').toString('latin1'),
  );
  const octal = all.replace(/\\(\d{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  const literal = [...octal.matchAll(/\(([^()]*)\)/g)].map(([, text]) => text);
  const wide = [all, ...hex].join('\n').replaceAll('\0', '');
  return [all, hex.join(''), hex.join(' '), literal.join(''), octal, wide].join('\n');
}
