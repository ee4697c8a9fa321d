/**
 * XML as a row of events with their places in the source, so that it can be edited where it stands.
 * Not a validating parser: office files are taken as they are. A document type is refused, and with
 * it every trick with entities.
 */
import { Fault } from '../../../../kernel/fault.ts';

export interface Attribute {
  name: string;
  /** Of the value, without its quotes. */
  start: number;
  end: number;
}

export type XmlEvent =
  | {
      kind: 'open';
      name: string;
      start: number;
      end: number;
      attributes: Attribute[];
      isEmpty: boolean;
    }
  | { kind: 'close'; name: string; start: number; end: number }
  | { kind: 'text' | 'cdata' | 'comment' | 'instruction'; start: number; end: number };

export function* xmlEvents(source: string): Generator<XmlEvent> {
  let position = 0;
  while (position < source.length) {
    const open = source.indexOf('<', position);
    if (open < 0 || open > position) {
      yield { kind: 'text', start: position, end: open < 0 ? source.length : open };
    }
    if (open < 0) return;
    const event = markupAt(source, open);
    yield event.event;
    position = event.next;
  }
}

function markupAt(source: string, open: number): { event: XmlEvent; next: number } {
  const until = (closer: string, from: number): number => {
    const at = source.indexOf(closer, from);
    if (at < 0) throw broken();
    return at;
  };
  if (source.startsWith('<!--', open)) {
    const end = until('-->', open + 4);
    return { event: { kind: 'comment', start: open + 4, end }, next: end + 3 };
  }
  if (source.startsWith('<![CDATA[', open)) {
    const end = until(']]>', open + 9);
    return { event: { kind: 'cdata', start: open + 9, end }, next: end + 3 };
  }
  if (source.startsWith('<?', open)) {
    const end = until('?>', open + 2);
    return { event: { kind: 'instruction', start: open + 2, end }, next: end + 2 };
  }
  if (source.startsWith('<!', open)) throw broken();
  if (source[open + 1] === '/') {
    const end = until('>', open);
    const name = source.slice(open + 2, end).trim();
    return { event: { kind: 'close', name, start: open, end: end + 1 }, next: end + 1 };
  }
  return tagAt(source, open);
}

const NAME = /[^\s<>/="']{1,200}/y;
const SPACE = /\s{0,10000}/y;

function tagAt(source: string, open: number): { event: XmlEvent; next: number } {
  const read = (pattern: RegExp, at: number): string => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0] ?? '';
  };
  const name = read(NAME, open + 1);
  if (name === '') throw broken();
  const attributes: Attribute[] = [];
  let at = open + 1 + name.length;
  for (;;) {
    at += read(SPACE, at).length;
    if (source[at] === '>' || source.startsWith('/>', at)) break;
    const key = read(NAME, at);
    if (key === '') throw broken();
    at += key.length;
    at += read(SPACE, at).length;
    if (source[at] !== '=') throw broken();
    at += 1 + read(SPACE, at + 1).length;
    const quote = source[at];
    const end = quote === '"' || quote === "'" ? source.indexOf(quote, at + 1) : -1;
    if (end < 0) throw broken();
    attributes.push({ name: key, start: at + 1, end });
    at = end + 1;
  }
  const isEmpty = source[at] === '/';
  const end = at + (isEmpty ? 2 : 1);
  return { event: { kind: 'open', name, start: open, end, attributes, isEmpty }, next: end };
}

function broken(): Fault {
  return new Fault('unreadable_file', 'A part of the file is not well-formed XML.');
}

/** Without its prefix: whoever writes a file may choose that. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
