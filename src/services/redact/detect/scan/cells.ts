/** Cells of tables: what stands below a heading that names it needs no other sign. */
import type { TextPart } from '../../document.ts';
import type { Match, Rule } from '../rule.ts';

const LONGEST_CELL = 400;
/** What is longer is no heading. */
export const LONGEST_HEADING = 200;
const EDGE = /[\u001e\u001f,;\t|\n]/g;

export function* cellsIn(
  part: TextPart,
  rules: readonly Rule[],
  language?: string,
): Generator<{ rule: Rule; match: Match }> {
  const byHeading = new Map<string, Rule[]>();
  let start = 0;
  while (start < part.text.length) {
    const heading = part.contextAt?.(start) ?? '';
    let meant = byHeading.get(heading);
    if (!meant) {
      const isHeading = heading !== '' && heading.length <= LONGEST_HEADING;
      meant = isHeading ? rules.filter(({ cell }) => cell?.heading.test(heading)) : [];
      byHeading.set(heading, meant);
    }
    const end = meant.length > 0 ? cellEnd(part, start, heading) : nextEdge(part.text, start);
    for (const rule of meant) {
      const match = cellMatch(rule, part.text, { start, end }, language);
      if (match) yield { rule, match };
    }
    start = end + 1;
  }
}

function nextEdge(text: string, from: number): number {
  EDGE.lastIndex = from;
  return EDGE.exec(text)?.index ?? text.length;
}

/** What of a match lies in the cell that it begins in: a value never joins two of them. */
export function withinCell(part: TextPart, match: Match): Match {
  if (!part.contextAt || nextEdge(part.text, match.start) >= match.end) return match;
  const end = cellEnd(part, match.start, part.contextAt(match.start));
  return { ...match, end: Math.min(match.end, end) };
}

/** A comma may be within a cell: it ends where another heading speaks, or a record does. */
function cellEnd({ text, contextAt }: TextPart, start: number, heading: string): number {
  let end = nextEdge(text, start);
  while (end < text.length && end - start < LONGEST_CELL && /[,;|]/.test(text[end] ?? '')) {
    if (contextAt?.(end + 1) !== heading) break;
    end = nextEdge(text, end + 1);
  }
  return end;
}

function cellMatch(
  rule: Rule,
  text: string,
  { start, end }: Match,
  language: string | undefined,
): Match | null {
  const content = text.slice(start, end);
  const value = content.trim();
  if (value === '' || value.length > LONGEST_CELL || !rule.cell?.pattern.test(value)) return null;
  if (rule.check?.(value, language) === false) return null;
  const from = start + content.indexOf(value);
  return { start: from, end: from + value.length, confidence: CELL };
}

const CELL = 0.85;
