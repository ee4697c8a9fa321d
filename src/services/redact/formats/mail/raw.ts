/**
 * A mail by another route than the reader's: no tree, no library. Every stretch between boundaries is
 * decoded in each way that its head names, encoded words are opened wherever they stand.
 */
const BOUNDARY = /^--.{1,200}$/m;
/** RFC 2047: `=?charset?B?…?=`. */
const WORD = /=\?[\w-]{1,40}(?:\*[\w-]{1,20})?\?([bq])\?([^?\s]{0,4000})\?=/gi;

export function rawMail(bytes: Uint8Array): { texts: string[]; streams: Uint8Array[] } {
  const source = Buffer.from(bytes).toString('latin1').replace(/\r\n/g, '\n');
  const streams: Uint8Array[] = [];
  for (const stretch of source.split(BOUNDARY)) {
    const end = stretch.indexOf('\n\n', 1);
    const [head, body] = end < 0 ? [stretch, ''] : [stretch.slice(0, end), stretch.slice(end + 2)];
    const unfolded = head.replace(/\n[ \t]/g, ' ');
    streams.push(Buffer.from(openWords(unfolded), 'latin1'));
    streams.push(decodeBody(body, unfolded));
  }
  return { texts: streams.map((stream) => Buffer.from(stream).toString('utf8')), streams };
}

function decodeBody(body: string, head: string): Buffer {
  if (/content-transfer-encoding:\s*base64/i.test(head)) return Buffer.from(body, 'base64');
  if (/content-transfer-encoding:\s*quoted-printable/i.test(head)) {
    return Buffer.from(quoted(body.replace(/=[ \t]*\n/g, '')), 'latin1');
  }
  return Buffer.from(body, 'latin1');
}

function quoted(text: string): string {
  return text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function openWords(text: string): string {
  return text
    .replace(/\?=\s{1,20}=\?/g, '?==?')
    .replace(WORD, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString('latin1')
        : quoted(word.replaceAll('_', ' ')),
    );
}

/** Bytes in an encoded word: with its frame it must stay within 75 characters. */
const WORD_BYTES = 42;

/** A header as it is written: folded at its spaces, in encoded words where it is not ASCII. */
export function headerLine(name: string, value: string): string {
  const line = `${name}: ${encoded(value.replace(/[\r\n\t]{1,100}/g, ' '))}`;
  return `${line.replace(/(.{40,72}) (?=\S)/g, '$1\r\n ')}\r\n`;
}

function encoded(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  const words: string[] = [];
  let word = '';
  for (const character of value) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  words.push(word);
  return words.map((one) => `=?UTF-8?B?${Buffer.from(one).toString('base64')}?=`).join(' ');
}
