/**
 * JSON and JSON lines: the text is the source with the escapes in its strings undone. A number that
 * goes becomes a string, so that the output parses as before.
 */
import { SourceMap } from '../source-map.ts';
import { textFormat } from './source-document.ts';

const TOKEN = /"|-?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,4})?/g;
const ESCAPE = /\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/g;
const SIMPLE: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

export const json = textFormat({
  kind: 'json',
  mediaType: 'application/json',
  extension: 'json',
  read(source) {
    const map = new SourceMap();
    let position = 0;
    TOKEN.lastIndex = 0;
    for (let token = TOKEN.exec(source); token; token = TOKEN.exec(source)) {
      map.plain(source.slice(position, token.index), position);
      if (token[0] === '"') {
        position = endOfString(source, token.index + 1);
        readString(source, token.index, position, map);
      } else {
        position = token.index + token[0].length;
        map.whole(token[0], token.index, position, (text) => JSON.stringify(text));
      }
      TOKEN.lastIndex = position;
    }
    map.plain(source.slice(position), position);
    return [{ map }];
  },
  // A number that went came back as a string.
  comparable: (text) => text.replaceAll('"', ''),
  reread: (source) => [valuesOf(source).join('\n')],
});

/** Behind the closing quote, or at the end where there is none. */
function endOfString(source: string, start: number): number {
  for (let i = start; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (source[i] === '"') return i + 1;
  }
  return source.length;
}

function readString(source: string, start: number, end: number, map: SourceMap): void {
  const encode = (text: string) => JSON.stringify(text).slice(1, -1);
  const inner = source.slice(start, end);
  let position = 0;
  for (const match of inner.matchAll(ESCAPE)) {
    map.plain(inner.slice(position, match.index), start + position, encode);
    position = match.index + match[0].length;
    map.whole(unescaped(match[0]), start + match.index, start + position, encode);
  }
  map.plain(inner.slice(position), start + position, encode);
}

function unescaped(sequence: string): string {
  const letter = sequence[1] ?? '';
  if (letter === 'u') return String.fromCharCode(Number.parseInt(sequence.slice(2), 16));
  return SIMPLE[letter] ?? letter;
}

/** By the platform's parser: the whole, else line by line, else the bare source. */
function valuesOf(source: string): string[] {
  try {
    return flatten(JSON.parse(source));
  } catch {
    return source.split('\n').flatMap((line) => {
      try {
        return flatten(JSON.parse(line));
      } catch {
        return [
          line.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex) =>
            String.fromCharCode(Number.parseInt(hex, 16)),
          ),
        ];
      }
    });
  }
}

function flatten(root: unknown): string[] {
  const texts: string[] = [];
  const queue: unknown[] = [root];
  while (queue.length > 0) {
    const value = queue.pop();
    if (value === null || typeof value === 'boolean') continue;
    if (typeof value === 'object') queue.push(...Object.entries(value as object).flat());
    else texts.push(String(value));
  }
  return texts;
}
