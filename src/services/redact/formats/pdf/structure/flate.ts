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

export function isPlainFlate(stream: PDFRawStream): boolean {
  const parameters = stream.dict.lookup(PDFName.of('DecodeParms'));
  const hasParameters = parameters instanceof PDFDict || parameters instanceof PDFArray;
  return soleFilter(stream) === 'FlateDecode' && !hasParameters;
}

/** The filter of a stream that has one only. */
export function soleFilter({ dict }: PDFRawStream): string | undefined {
  const filter = dict.lookup(PDFName.of('Filter'));
  const first = filter instanceof PDFArray && filter.size() === 1 ? filter.lookup(0) : filter;
  return first instanceof PDFName ? first.decodeText() : undefined;
}

/** A new stream, compressed. */
export function flateStream(context: PDFContext, contents: Uint8Array | string): PDFRawStream {
  const bytes = typeof contents === 'string' ? Buffer.from(contents, 'latin1') : contents;
  const deflated = deflateSync(bytes, { level: 6 });
  const dict = context.obj({ Filter: 'FlateDecode', Length: deflated.length });
  return PDFRawStream.of(dict, new Uint8Array(deflated));
}
