/**
 * Names for aliases that nobody chose: two words and four characters, readable over the telephone,
 * some 2^34 of them, so that one known alias does not lead to the next.
 */
import { randomInt } from 'node:crypto';

const FIRST =
  'amber autumn brisk bright calm cedar clear cobalt coral crisp early ember fern gentle golden granite hazel indigo ivory jade juniper keen linen lively lunar maple mellow misty noble olive opal pearl plain polar quiet rapid russet sage silver solar spruce steady sunny swift teal tidal velvet violet warm willow windy winter'.split(
    ' ',
  );
const SECOND =
  'anchor arbor basin beacon bridge brook canyon cliff cove creek delta dune field fjord forest garden glade grove harbor haven hill island lagoon lake lantern ledge marsh meadow mesa mill orchard pasture path peak pier pine plain pond prairie quarry reef ridge river shore spring stream summit terrace trail valley vista'.split(
    ' ',
  );
/** Without those that look like another. */
const CHARACTERS = '23456789abcdefghjkmnpqrstuvwxyz';

export function makeAliasName(): string {
  const tail = Array.from({ length: 4 }, () => pick([...CHARACTERS])).join('');
  return `${pick(FIRST)}.${pick(SECOND)}.${tail}`;
}

function pick(list: readonly string[]): string {
  return list[randomInt(list.length)] ?? '';
}
