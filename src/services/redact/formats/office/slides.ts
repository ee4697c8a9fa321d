/** PowerPoint: slides in order, each with its notes and comments, then the rest. */
import type { OfficeKind, OfficePart } from './package.ts';
import { readPart } from './part-text.ts';

const SLIDE = /^ppt\/slides\/slide(\d{1,5})\.xml$/;
const NOTES = /^ppt\/notesSlides\/notesSlide(\d{1,5})\.xml$/;

export const slides: OfficeKind = {
  read(sources) {
    const parts: OfficePart[] = [];
    for (const [name, source] of sources) {
      const number = (SLIDE.exec(name) ?? NOTES.exec(name))?.[1];
      if (number === undefined) continue;
      for (const part of readPart(name, source))
        parts.push({ ...part, pageNumber: Number(number) });
    }
    return parts.toSorted((a, b) => a.pageNumber - b.pageNumber);
  },
  pageCount: (sources) => [...sources.keys()].filter((name) => SLIDE.test(name)).length,
};
