/** Streams in and out by the platform's zlib: ten times as fast as a library's own. */
import { deflateSync, inflateSync } from 'node:zlib';
import {
  decodePDFRawStream,
  PDFArray,
  type PDFContext,
  PDFDict,
  PDFName,
  PDFRawStream,
} from '@cantoo/pdf-lib';

/** More than any page has; a stream that grows further is a trap. */
export const MOST_BYTES = 256 * 1024 * 1024;

/** What a stream holds. Throws where its filters are unknown, it is broken, or grows without end. */
export function contentsOf(stream: PDFRawStream): Uint8Array {
  if (!isPlainFlate(stream)) return decodePDFRawStream(stream).decode();
  try {
    return inflateSync(stream.contents, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw error;
    // Damaged at its end, perhaps: the library reads as far as it goes.
    return decodePDFRawStream(stream).decode();
  }
}

export function isPlainFlate({ dict }: PDFRawStream): boolean {
  const [filter, parameters] = ['Filter', 'DecodeParms'].map((key) => dict.lookup(PDFName.of(key)));
  const first = filter instanceof PDFArray && filter.size() === 1 ? filter.lookup(0) : filter;
  const hasParameters = parameters instanceof PDFDict || parameters instanceof PDFArray;
  return first instanceof PDFName && first.decodeText() === 'FlateDecode' && !hasParameters;
}

/** A new stream, compressed. */
export function flateStream(context: PDFContext, contents: Uint8Array | string): PDFRawStream {
  const bytes = typeof contents === 'string' ? Buffer.from(contents, 'latin1') : contents;
  const deflated = deflateSync(bytes, { level: 6 });
  const dict = context.obj({ Filter: 'FlateDecode', Length: deflated.length });
  return PDFRawStream.of(dict, new Uint8Array(deflated));
}
