/** Word: the document first, then what stands around it. */
import type { OfficeKind, OfficePart } from './package.ts';
import { readPart } from './part-text.ts';

const CHARACTERS_A_PAGE = 3000;

export const word: OfficeKind = {
  read(sources) {
    const parts: OfficePart[] = [];
    for (const [name, source] of sources) {
      if (name !== 'word/document.xml') continue;
      for (const part of readPart(name, source)) parts.push({ ...part, pageNumber: 1 });
    }
    return parts;
  },
  /** A file has no pages until it is laid out: the breaks of the last layout, or the text's length. */
  pageCount(sources, parts) {
    const source = sources.get('word/document.xml') ?? '';
    const breaks =
      source.match(/<w:lastRenderedPageBreak\b|<w:br [^>]{0,100}w:type="page"/g)?.length ?? 0;
    const length = parts[0]?.map.textLength ?? 0;
    return Math.max(breaks + 1, Math.ceil(length / CHARACTERS_A_PAGE));
  },
};
