/**
 * Marked content may carry other words for what is painted (ActualText, Alt, E): a reader then
 * believes them. They go; the number that ties the content to its tag stays.
 */
import { type Operation, readOperations, type Token } from './lexer.ts';

/** A content stream whose marked content says nothing beside what it paints. */
export function withoutReplacementTexts(bytes: Uint8Array): Buffer {
  const pieces: Uint8Array[] = [];
  let position = 0;
  for (const operation of readOperations(bytes)) {
    if (!saysMore(operation)) continue;
    pieces.push(bytes.subarray(position, operation.start), Buffer.from(silent(operation)));
    position = operation.end;
  }
  return Buffer.concat([...pieces, bytes.subarray(position)]);
}

/** True where the properties written here hold a text of any kind. */
function saysMore({ operator, operands: [, properties] }: Operation): boolean {
  return (operator === 'BDC' || operator === 'DP') && properties?.kind === 'dict'
    ? holdsText(properties)
    : false;
}

function holdsText(token: Token): boolean {
  if (token.kind === 'string') return true;
  return (token.kind === 'dict' || token.kind === 'array') && token.items.some(holdsText);
}

function silent({ operator, operands: [tag, properties] }: Operation): string {
  const name = tag?.kind === 'name' ? writtenName(tag.value) : '/Span';
  const items = properties?.kind === 'dict' ? properties.items : [];
  const key = items.findIndex((item) => item.kind === 'name' && item.value === 'MCID');
  const number = key >= 0 ? items[key + 1] : undefined;
  if (number?.kind !== 'number') return `${name} ${operator === 'BDC' ? 'BMC' : 'MP'}`;
  return `${name} << /MCID ${number.value} >> ${operator}`;
}

/** As it stands in a file (ISO 32000-1, 7.3.5). */
export function writtenName(name: string): string {
  const hex = (character: string) => `#${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return `/${name.replace(/[^!-~]|[#()<>[\]{}/%]/g, hex)}`;
}
