/** What all kinds of plain text share: a source, maps from it to texts, cuts back into it. */
import { Fault } from '../../../../kernel/fault.ts';
import type { Edit, Format, OpenDocument, Reread, TextPart } from '../../document.ts';
import { differences, extendedEdits, mergedEdits } from '../edits.ts';
import { applyCuts, type SourceMap } from '../source-map.ts';
import { type Decoded, decodeText, encodeText } from './encoding.ts';

/** What is billed as a page of plain text. */
const CHARACTERS_A_PAGE = 3000;

export interface MappedPart extends Omit<TextPart, 'text' | 'pageNumber'> {
  map: SourceMap;
  cellAt?(index: number): string | undefined;
}

export interface TextKind {
  kind: string;
  mediaType: string;
  extension: string;
  /** The source without what goes whatever is found (metadata); twice is as once. */
  clean?(source: string): string;
  read(source: string): MappedPart[];
  /** How texts are compared, where a stand-in may bring marks of its own. */
  comparable?(text: string): string;
  /** The texts of the output, by a route that shares no code with `read`. */
  reread(source: string): string[];
}

/** Makes a format of a kind of plain text. */
export function textFormat(kind: TextKind): Format {
  const same = kind.comparable ?? ((text) => text);
  return {
    kind: kind.kind,
    mediaType: kind.mediaType,
    extension: kind.extension,
    mark: '[REDACTED]',
    open: async (bytes) => openSource(bytes, kind),
    reread: async (bytes) => rereadSource(bytes, kind),
    judge: (before, edits, after) => differences(before.parts, edits, after.parts, same),
  };
}

function openSource(bytes: Uint8Array, { clean, read }: TextKind): OpenDocument {
  const decoded = decode(bytes);
  const source = clean?.(decoded.text) ?? decoded.text;
  const parts = read(source);
  return {
    parts: parts.map(({ map, contextAt, part }) => ({
      ...{ pageNumber: 1, text: map.text, contextAt },
      ...(part === undefined ? {} : { part }),
    })),
    pageCount: Math.max(1, Math.ceil(decoded.text.length / CHARACTERS_A_PAGE)),
    locate: (part, start) => {
      const cell = parts[part]?.cellAt?.(start);
      return cell === undefined ? {} : { cell };
    },
    spread: (edits) =>
      extendedEdits(
        parts.map(({ map }) => map),
        edits,
      ),
    async write(edits: readonly Edit[]) {
      const cuts = parts.flatMap(({ map }, index) =>
        mergedEdits(edits, index).flatMap(({ start, end, replacement }) =>
          map.cuts(start, end, replacement ?? ''),
        ),
      );
      return encodeText(applyCuts(source, cuts), decoded);
    },
    close() {},
  };
}

function decode(bytes: Uint8Array): Decoded {
  const decoded = decodeText(bytes);
  if (decoded) return decoded;
  throw new Fault('unreadable_file', 'The file is not readable as text.');
}

function rereadSource(bytes: Uint8Array, kind: TextKind): Reread {
  const text = bufferText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const { parts } = openSource(bytes, kind);
  const examined = ['text', 'bytes'];
  return { parts, texts: kind.reread(text), streams: [bytes], examined, notExamined: [] };
}

/** Node's own decoders, which the reader does not use. */
function bufferText(buffer: Buffer): string {
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return buffer.subarray(2).toString('utf16le');
  if (buffer[0] === 0xfe && buffer[1] === 0xff) {
    const even = Buffer.from(buffer.subarray(2, buffer.length - (buffer.length % 2)));
    return even.swap16().toString('utf16le');
  }
  const zeros = buffer.subarray(0, 512).filter((byte) => byte === 0).length;
  if (zeros > 0) {
    const even = Buffer.from(buffer.subarray(0, buffer.length - (buffer.length % 2)));
    return (buffer[0] === 0 ? even.swap16() : even).toString('utf16le');
  }
  const text = buffer.toString('utf8');
  return text.includes('\ufffd') ? buffer.toString('latin1') : text;
}
