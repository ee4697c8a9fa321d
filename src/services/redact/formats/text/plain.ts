/** Plain text and Markdown. */
import { SourceMap } from '../source-map.ts';
import { decodeEntities, ENTITY, namedEntity } from './entities.ts';
import { textFormat } from './source-document.ts';

export const plainText = textFormat({
  kind: 'txt',
  mediaType: 'text/plain',
  extension: 'txt',
  read(source) {
    const map = new SourceMap();
    map.plain(source, 0);
    return [{ map }];
  },
  reread: (source) => [source],
});

/** A backslash before punctuation, or a character reference: the same letters, written otherwise. */
const MARKDOWN_ESCAPE = new RegExp(`\\\\[!-/:-@[-\`{-~]|${ENTITY.source}`, 'g');

export const markdown = textFormat({
  kind: 'md',
  mediaType: 'text/markdown',
  extension: 'md',
  read(source) {
    const map = new SourceMap();
    let position = 0;
    for (const match of source.matchAll(MARKDOWN_ESCAPE)) {
      const written = match[0];
      const text = written.startsWith('\\') ? written.slice(1) : namedEntity(written);
      if (text === null) continue;
      map.plain(source.slice(position, match.index), position);
      position = match.index + written.length;
      map.whole(text, match.index, position);
    }
    map.plain(source.slice(position), position);
    return [{ map }];
  },
  reread: (source) => [source, decodeEntities(source.replace(/\\(?=[!-/:-@[-`{-~])/g, ''))],
});
