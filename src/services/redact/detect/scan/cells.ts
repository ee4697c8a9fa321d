/** Cells of tables: what stands below a heading that names it needs no other sign. */
import type { TextPart } from '../../document.ts';
import type { Match, Rule } from '../rule.ts';
import { checked } from './places.ts';

const CELL_START = /(?:^|[\u001e\u001f,;\t|\n])["' ]{0,2}(?=[\p{L}\p{N}+(@<*#])/gu;

export function* cellsIn(
  part: TextPart,
  rules: readonly Rule[],
  language?: string,
): Generator<{ rule: Rule; match: Match }> {
  const byHeading = new Map<string, Rule[]>();
  for (const before of part.text.matchAll(CELL_START)) {
    const start = before.index + before[0].length;
    const heading = part.contextAt?.(start) ?? '';
    let meant = byHeading.get(heading);
    if (!meant) {
      meant = heading === '' ? [] : rules.filter(({ cell }) => cell?.heading.test(heading));
      byHeading.set(heading, meant);
    }
    for (const rule of meant) {
      if (!rule.cell) continue;
      rule.cell.pattern.lastIndex = start;
      const match = rule.cell.pattern.exec(part.text);
      const found = match && checked(rule, match, language);
      if (found) yield { rule, match: found };
    }
  }
}
