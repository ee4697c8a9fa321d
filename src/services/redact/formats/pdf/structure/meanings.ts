/** What the codes of a font mean: its ToUnicode, a CMap (ISO 32000-1, 9.10.3). */

const PAIR = /<([0-9a-fA-F]{2,8})>\s{0,9}<([0-9a-fA-F\s]{2,1024})>/g;
const RANGE =
  /<([0-9a-fA-F]{2,8})>\s{0,9}<([0-9a-fA-F]{2,8})>\s{0,9}(?:<([0-9a-fA-F\s]{2,1024})>|\[([^\]]{0,65536})\])/g;
/** CMap sections hold a hundred entries at most (Adobe Technical Note 5014). */
const SECTION = 100;

/** All codes that a CMap gives a meaning, some perhaps more than once. */
export function* codesIn(source: string): Generator<number> {
  for (const section of sections(source, 'bfchar')) {
    for (const [, code = ''] of section.matchAll(PAIR)) yield Number.parseInt(code, 16);
  }
  for (const section of sections(source, 'bfrange')) {
    for (const [, low = '', high = ''] of section.matchAll(RANGE)) {
      const [from, to] = rangeOf(low, high);
      for (let code = from; code <= to; code++) yield code;
    }
  }
}

function rangeOf(low: string, high: string): [from: number, to: number] {
  const from = Number.parseInt(low, 16);
  return [from, Math.min(Number.parseInt(high, 16), from + 0xffff)];
}

/** A CMap that says of these codes what they mean, and of no others. */
export function withoutCodes(source: string, codes: ReadonlySet<number>): string {
  const meanings = new Map<string, string>();
  for (const section of sections(source, 'bfchar')) {
    for (const [, code = '', text = ''] of section.matchAll(PAIR)) {
      if (codes.has(Number.parseInt(code, 16))) meanings.set(code, text);
    }
  }
  for (const section of sections(source, 'bfrange')) {
    for (const [, low = '', high = '', text, list] of section.matchAll(RANGE)) {
      const [from, to] = rangeOf(low, high);
      const texts = list?.match(/<[0-9a-fA-F\s]{2,1024}>/g);
      for (let code = from; code <= to; code++) {
        if (!codes.has(code)) continue;
        const key = code.toString(16).padStart(low.length, '0');
        const meaning = texts ? texts[code - from]?.slice(1, -1) : text && added(text, code - from);
        if (meaning) meanings.set(key, meaning);
      }
    }
  }
  const [space = '<0000> <ffff>'] = sections(source, 'codespacerange');
  return cmapOf(space.trim(), [...meanings].sort());
}

function cmapOf(space: string, meanings: readonly [string, string][]): string {
  const parts: string[] = [];
  for (let i = 0; i < meanings.length; i += SECTION) {
    const part = meanings.slice(i, i + SECTION).map(([code, text]) => `<${code}> <${text}>`);
    parts.push(`${part.length} beginbfchar\n${part.join('\n')}\nendbfchar`);
  }
  const count = space.split('\n').filter((line) => line.includes('<')).length;
  return [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
    '/CMapName /Adobe-Identity-UCS def /CMapType 2 def',
    `${count} begincodespacerange\n${space}\nendcodespacerange`,
    ...parts,
    'endcmap end end',
  ].join('\n');
}

/** The last unit of a text, moved on (ISO 32000-1, 9.10.3). */
function added(text: string, by: number): string {
  const hex = text.replace(/\s/g, '');
  const last = (Number.parseInt(hex.slice(-4), 16) + by) & 0xffff;
  return hex.slice(0, -4) + last.toString(16).padStart(Math.min(4, hex.length), '0');
}

function sections(source: string, kind: string): string[] {
  return source
    .split(`begin${kind}`)
    .slice(1)
    .map((rest) => rest.split(`end${kind}`, 1)[0] ?? '');
}
