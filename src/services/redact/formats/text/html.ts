/**
 * HTML: the text that a reader sees, values of attributes, and what stands in comments, scripts and
 * styles. Inline tags do not part a word, character references are the letters they stand for.
 * Metadata is emptied, and so is what `data:` addresses carry: nobody has looked into it.
 */
import { applyCuts, SourceMap, type Stretch } from '../source-map.ts';
import { decodeEntities, ENTITY, encodeEntities, namedEntity } from './entities.ts';
import { type MappedPart, textFormat } from './source-document.ts';

export const html = textFormat({
  kind: 'html',
  mediaType: 'text/html',
  extension: 'html',
  clean,
  read: readHtml,
  reread: (source) => {
    const bare = source.replace(/<[^<>]{0,10000}>/g, '');
    const percent = source.replace(/%[0-9a-f]{2}/gi, (hex) =>
      String.fromCharCode(Number.parseInt(hex.slice(1), 16)),
    );
    return [decodeEntities(bare), decodeEntities(source), decodeEntities(percent)];
  },
});

/** Tags within a line: what stands on both sides of them is one word. */
const INLINE = new Set(
  'a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark q s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);
const RAW_TEXT = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'noscript', 'template']);
const METADATA =
  /^(?:author|generator|description|keywords|creator|publisher|copyright|owner|reply-to|dc\..{1,30}|citation_.{1,30})$/i;
const REFERENCE = new RegExp(ENTITY, 'g');
/** Programs break lines anywhere and indent what follows: to a reader, all of it is one space. */
const REFERENCE_OR_BREAK = new RegExp(`${ENTITY.source}|\\n[ \\t]{1,1000}`, 'g');
const HREF_ESCAPE = new RegExp(`${ENTITY.source}|%[0-9a-fA-F]{2}`, 'g');
const DATA_ADDRESS = /data:[^"'\s)<>]{1,40},/gi;

interface Reading {
  source: string;
  visible: SourceMap;
  attributes: SourceMap;
  hidden: SourceMap;
}

function readHtml(source: string): MappedPart[] {
  const reading: Reading = {
    source,
    visible: new SourceMap(),
    attributes: new SourceMap(),
    hidden: new SourceMap(),
  };
  let position = 0;
  while (position < source.length) {
    const open = source.indexOf('<', position);
    readText(reading.visible, source, position, open < 0 ? source.length : open);
    if (open < 0) break;
    position = readMarkup(reading, open);
  }
  return [
    { map: reading.visible },
    { map: reading.attributes, part: 'attributes' },
    { map: reading.hidden, part: 'comments and scripts' },
  ];
}

/** Reads what begins with `<`; the position behind it. */
function readMarkup(reading: Reading, open: number): number {
  const { source, visible, hidden } = reading;
  if (source.startsWith('<!--', open)) {
    const close = source.indexOf('-->', open + 4);
    const end = close < 0 ? source.length : close;
    readHidden(hidden, source, open + 4, end);
    return Math.min(end + 3, source.length);
  }
  const tag = /^<(\/?)([A-Za-z][A-Za-z0-9:-]{0,60})/.exec(source.slice(open, open + 64));
  if (!tag) {
    if (!/^<[!?]/.test(source.slice(open, open + 2))) {
      visible.plain('<', open, encodeEntities);
      return open + 1;
    }
    const close = source.indexOf('>', open);
    const end = close < 0 ? source.length : close;
    readHidden(hidden, source, open + 2, end);
    return end + 1;
  }
  const name = (tag[2] ?? '').toLowerCase();
  const end = readAttributes(reading, open + tag[0].length);
  if (!INLINE.has(name)) visible.virtual('\n');
  return RAW_TEXT.has(name) && !tag[1] ? readRawText(reading, name, end) : end;
}

function readRawText({ source, visible, hidden }: Reading, name: string, start: number): number {
  const close = source.slice(start).search(new RegExp(`</${name}[\\s/>]`, 'i'));
  const end = close < 0 ? source.length : start + close;
  if (name === 'script' || name === 'style' || name === 'xmp')
    readHidden(hidden, source, start, end);
  else if (name === 'noscript' || name === 'template') return start;
  else readText(visible, source, start, end);
  return end;
}

function readText(map: SourceMap, source: string, start: number, end: number): void {
  readEscaped(map, source, start, end, REFERENCE_OR_BREAK, (sequence) =>
    sequence.startsWith('\n') ? ' ' : namedEntity(sequence),
  );
}

function readHidden(map: SourceMap, source: string, start: number, end: number): void {
  readEscaped(map, source, start, end, REFERENCE, namedEntity);
  map.virtual('\n');
}

function readEscaped(
  map: SourceMap,
  source: string,
  start: number,
  end: number,
  escapes: RegExp,
  decode: (sequence: string) => string | null,
): void {
  let position = start;
  for (const match of source.slice(start, end).matchAll(escapes)) {
    const text = decode(match[0]);
    if (text === null) continue;
    const at = start + match.index;
    map.plain(source.slice(position, at), position, encodeEntities);
    position = at + match[0].length;
    map.whole(text, at, position, encodeEntities);
  }
  map.plain(source.slice(position, end), position, encodeEntities);
}

const ATTRIBUTE =
  /([^\s"'<>/=]{1,200})(?:\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'<>`]{1,10000})))?|>|["'<`=/]|\s{1,1000}/gy;

/**
 * Reads the attributes of a tag; the position behind its `>`. Names without values are read, too:
 * where a quote or a `>` is missing they are what was once text.
 */
function readAttributes(reading: Reading, start: number): number {
  const { source, attributes } = reading;
  let position = start;
  let loose: Stretch | null = null;
  const readLoose = () => {
    if (loose) readHidden(attributes, source, loose.start, loose.end);
    loose = null;
  };
  for (const { name, end, value } of attributesOf(source, start)) {
    position = value?.end ?? end;
    if (value) {
      readLoose();
      readAttribute(reading, name, value.start, value.end);
    } else {
      loose = { start: (loose as Stretch | null)?.start ?? end - name.length, end };
    }
  }
  readLoose();
  const close = source.indexOf('>', position);
  return close < 0 ? source.length : close + 1;
}

interface Attribute {
  name: string;
  /** Behind the name. */
  end: number;
  value: Stretch | null;
}

function* attributesOf(source: string, start: number): Generator<Attribute> {
  ATTRIBUTE.lastIndex = start;
  for (let match = ATTRIBUTE.exec(source); match; match = ATTRIBUTE.exec(source)) {
    const position = ATTRIBUTE.lastIndex;
    const [whole, name = '', double, single, bare] = match;
    if (whole === '>') return;
    const value = double ?? single ?? bare;
    const end = position - (bare === undefined ? 1 : 0);
    if (name) {
      const nameEnd = match.index + name.length;
      const at = value === undefined ? null : { start: end - value.length, end };
      yield { name, end: nameEnd, value: at };
    }
    ATTRIBUTE.lastIndex = position;
  }
}

function readAttribute(
  { source, attributes }: Reading,
  name: string,
  start: number,
  end: number,
): void {
  const isAddress = /^(?:href|src|action|cite|formaction|poster|data-.{1,60})$/i.test(name);
  attributes.virtual(`${name}: `);
  if (isAddress) readEscaped(attributes, source, start, end, HREF_ESCAPE, decodeHref);
  else readText(attributes, source, start, end);
  attributes.virtual('\n');
}

function decodeHref(sequence: string): string | null {
  if (!sequence.startsWith('%')) return namedEntity(sequence);
  const code = Number.parseInt(sequence.slice(1), 16);
  return code >= 32 && code < 127 ? String.fromCharCode(code) : null;
}

/** Without what `data:` addresses carry, and without the content of metadata. */
function clean(source: string): string {
  const cuts = [...source.matchAll(DATA_ADDRESS)].map((match) => {
    const start = match.index + match[0].length;
    const length = source.slice(start).search(/["')<>\s]/);
    return { file: '', start, end: length < 0 ? source.length : start + length, insert: '' };
  });
  for (const match of source.matchAll(/<meta(?=[\s/])/gi)) {
    const attributes = [...attributesOf(source, match.index + 5)];
    const attributeOf = (wanted: RegExp) =>
      attributes.find(({ name, value }) => value && wanted.test(name))?.value;
    const name = attributeOf(/^(?:name|property)$/i);
    const content = attributeOf(/^content$/i);
    if (name && content && METADATA.test(source.slice(name.start, name.end))) {
      cuts.push({ file: '', ...content, insert: '' });
    }
  }
  return applyCuts(source, cuts);
}
