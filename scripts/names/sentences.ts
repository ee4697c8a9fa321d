/** Fills the templates in templates/ and varies how the result is written. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Dice, type Example, type Name } from './examples.ts';
import { People } from './people.ts';
import { type Piece, Places } from './places.ts';
import { Prose } from './prose.ts';

const FOLDER = resolve(import.meta.dirname, 'templates');

export interface Template {
  text: string;
  file: string;
}

export function templates(): Template[] {
  return readdirSync(FOLDER)
    .toSorted()
    .flatMap((file) =>
      readFileSync(resolve(FOLDER, file), 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => ({ text: line.replaceAll('\\n', '\n').replaceAll('\\t', '\t'), file })),
    );
}

/** How many sentences a template of each file gets, beside the others. */
const SHARES: Readonly<Record<string, number>> = {
  'business.txt': 6,
  'contexts.txt': 3,
  'languages.txt': 0.5,
  'office.txt': 0.3,
};

export class Sentences {
  private readonly dice: Dice;
  private readonly people: People;
  private readonly places: Places;
  private readonly prose: Prose;

  constructor(seed: number) {
    this.dice = new Dice(seed);
    this.people = new People(this.dice);
    this.places = new Places(this.dice, this.people);
    this.prose = new Prose(this.dice);
  }

  /** About `each` sentences of each template. */
  *all(from: readonly Template[], each: number): Generator<Example> {
    for (const template of from) {
      const count = Math.max(1, Math.round(each * (SHARES[template.file] ?? 1)));
      for (let i = 0; i < count; i++) yield this.one(template.text);
    }
  }

  private one(template: string): Example {
    const { dice } = this;
    const pieces: Piece[] = [];
    let at = 0;
    for (const slot of template.matchAll(/\{(\w+)\}/g)) {
      pieces.push({ text: template.slice(at, slot.index) }, ...this.fill(slot[1] ?? ''));
      at = slot.index + slot[0].length;
    }
    pieces.push({ text: template.slice(at) });
    // What is left of a text after redaction must not look like names.
    if (dice.chance(0.05))
      blacken(pieces, dice.pick(['█████', '[PERSON_1]', '', '   ', '[REDACTED]']));
    const example = assemble(pieces);
    const roll = dice.below(100);
    if (roll < 12) recase(example, (text) => text.toLowerCase());
    else if (roll < 17) recase(example, (text) => text.toUpperCase());
    else if (roll < 22) recaseNames(example, (text) => text.toUpperCase());
    if (dice.chance(0.1)) wrap(example, 40 + dice.below(50));
    if (dice.chance(0.35)) example.unlisted = true;
    if (dice.chance(0.3)) example.unheard = 1 + dice.below(1 << 30);
    return example;
  }

  private fill(slot: string): Piece[] {
    const { people, places, dice } = this;
    const name = (text: string): Piece[] => [{ text, kind: 'name' }];
    const makers: Record<string, () => Piece[]> = {
      person: () => name(dice.chance(0.05) ? people.given() : people.full()),
      given: () => name(people.given()),
      surname: () => name(people.surname()),
      initialed: () => name(people.initialed()),
      lastfirst: () => name(people.lastFirst()),
      caps: () => name(people.full().toUpperCase()),
      capsfull: () => name(people.full().toUpperCase()),
      capslast: () => name(people.surname().toUpperCase()),
      capsslash: () => name(`${people.surname()}/${people.given()}`.toUpperCase()),
      initial: () => [{ text: dice.pick('ABCDEFGHJKLMNPRSTVW'.split('')) }],
      city: () => [{ text: places.city(), kind: 'location' }],
      country: () => [{ text: places.country(), kind: 'location' }],
      state: () => [{ text: places.state(), kind: 'location' }],
      street: () => [{ text: places.street(), kind: 'address' }],
      org: () => [{ text: places.organization(), kind: 'organization' }],
      address: () => places.address(),
      house: () => [{ text: places.house() }],
      zip: () => [{ text: places.zip() }],
      email: () => [{ text: this.email() }],
      handle: () => [
        { text: `${people.given()}${dice.below(99)}`.toLowerCase().replace(/\W/g, '_') },
      ],
    };
    return makers[slot]?.() ?? [{ text: this.prose.word(slot) }];
  }

  private email(): string {
    const { people, dice } = this;
    const local = `${people.given()}${dice.pick(['.', '_', ''])}${people.surname()}`;
    return `${local.toLowerCase().replace(/[^\w.]/g, '') || 'x'}@${dice.pick(['example.org', 'mail.example.com', 'firm.example'])}`;
  }
}

function blacken(pieces: Piece[], mark: string): void {
  for (const piece of pieces) {
    if (piece.kind) piece.text = mark;
    delete piece.kind;
  }
}

/** An initial behind a surname belongs to the name: `Miller, J.` is one. */
function assemble(pieces: readonly Piece[]): Example {
  let text = '';
  const names: Name[] = [];
  for (const piece of pieces) {
    const start = text.length;
    text += piece.text;
    if (piece.kind) names.push({ kind: piece.kind, start, end: text.length });
  }
  for (const name of names) {
    const rest = /^, [A-Z]\.(?=[,; (]|$)/.exec(text.slice(name.end))?.[0];
    if (name.kind === 'name' && rest) name.end += rest.length;
  }
  return { text, names };
}

/** Writes it all another way, if that leaves every place where it was. */
function recase(example: Example, change: (text: string) => string): void {
  const changed = change(example.text);
  if (changed.length === example.text.length) example.text = changed;
}

function recaseNames(example: Example, change: (text: string) => string): void {
  for (const { start, end } of example.names) {
    const changed = change(example.text.slice(start, end));
    if (changed.length !== end - start) continue;
    example.text = example.text.slice(0, start) + changed + example.text.slice(end);
  }
}

/** Breaks lines like paper: at the last space before the margin. */
function wrap(example: Example, width: number): void {
  const units = example.text.split('');
  let [lineStart, lastSpace] = [0, -1];
  for (const [i, unit] of units.entries()) {
    if (unit === '\n') [lineStart, lastSpace] = [i + 1, -1];
    else if (unit === ' ') lastSpace = i;
    if (i - lineStart < width || lastSpace < 0) continue;
    units[lastSpace] = '\n';
    [lineStart, lastSpace] = [lastSpace + 1, -1];
  }
  example.text = units.join('');
}
