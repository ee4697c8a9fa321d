/** Made-up names of people: known ones, spliced ones that no list has, and the ways to write them. */
import type { Dice } from './examples.ts';
import { type Culture, cultures } from './lists.ts';

const PARTICLES: Readonly<Record<string, readonly string[]>> = {
  de: ['von', 'von der', 'zu', 'van'],
  nl: ['van', 'van der', 'van den', 'de', 'ter', 'ten', 'van de'],
  fr: ['de', 'du', 'de la', 'le'],
  es: ['de', 'de la', 'del', 'de los'],
  it: ['di', 'de', 'della', 'del', 'lo'],
  pt: ['da', 'de', 'dos', 'do', 'das'],
  da: ['af', 'von'],
  en: ['de', 'van', 'bin', 'al', 'el', 'ibn', 'abu', 'ben', 'du', 'la', 'le', 'st.'],
};
const FORE = ["O'", 'Mc', 'Mac', "D'", 'De', 'Fitz', 'Al-', 'El-', "N'", 'Le', 'La', 'Van', 'St. '];

export class People {
  private readonly cultures: Culture[] = cultures();
  private readonly total: number;
  private readonly dice: Dice;

  constructor(dice: Dice) {
    this.dice = dice;
    this.total = this.cultures.reduce((sum, { share }) => sum + share, 0);
  }

  culture(): Culture {
    let roll = this.dice.roll() * this.total;
    for (const one of this.cultures) {
      roll -= one.share;
      if (roll < 0) return one;
    }
    return this.cultures[0] as Culture;
  }

  given(culture = this.culture()): string {
    const { dice } = this;
    const name = this.maybeSpliced(culture.given, 0.25);
    return dice.chance(0.04) ? `${name}-${dice.pick(culture.given)}` : name;
  }

  surname(culture = this.culture()): string {
    const { dice } = this;
    const name = this.maybeSpliced(culture.surnames, 0.4);
    if (dice.chance(0.05)) return `${name}-${dice.pick(culture.surnames)}`;
    if (dice.chance(0.04)) return dice.pick(FORE) + name;
    const particles = PARTICLES[culture.id.slice(0, 2)] ?? PARTICLES['en'] ?? [];
    const often = /^(?:nl|pt)/.test(culture.id) ? 0.3 : 0.04;
    if (dice.chance(often)) return `${dice.pick(particles)} ${name}`;
    const isDouble = /^(?:es|pt)/.test(culture.id) && dice.chance(0.35);
    return isDouble ? `${name} ${dice.pick(culture.surnames)}` : name;
  }

  /** The beginning of one name and the end of another: nobody's, but it sounds like one. */
  private maybeSpliced(names: readonly string[], often: number): string {
    const { dice } = this;
    const [a, b] = [dice.pick(names), dice.pick(names)];
    if (!dice.chance(often) || a.length < 4 || b.length < 4) return a;
    const head = /^.{1,4}?[aeiouyáéíóúäöü]/iu.exec(a)?.[0];
    const tail = /[bcdfghjklmnprstvwzšžčłń].{2,7}$/iu.exec(b.slice(1))?.[0];
    return head && tail ? head + tail.toLowerCase() : a;
  }

  private culturePair(): [Culture, Culture] {
    const own = this.culture();
    return [own, this.dice.chance(0.2) ? this.culture() : own];
  }

  /** A whole name, in one of the ways that people write theirs. */
  full(): string {
    const { dice } = this;
    const [first, second] = this.culturePair();
    const [given, surname] = [this.given(first), this.surname(second)];
    const initial = () => `${dice.pick(first.given).charAt(0).toUpperCase()}.`;
    const roll = dice.below(100);
    if (roll < 6) return `${given} ${dice.pick(first.given)} ${surname}`;
    if (roll < 13) return `${given} ${initial()} ${surname}`;
    if (roll < 17) return `${initial()} ${surname}`;
    if (roll < 20) return `${initial()} ${initial()} ${surname}`;
    if (roll < 21) return `${initial()}${initial()} ${surname}`;
    if (roll < 23) return `${given} ${initial().charAt(0)} ${surname}`;
    if (roll < 25) return `${given} ${surname} ${dice.pick(['Jr.', 'Jr', 'Sr.', 'II', 'III'])}`;
    if (roll < 27) return `${given} ${surname.toUpperCase()}`;
    if (roll < 28) return `${surname.toUpperCase()} ${given}`;
    if (/^(?:hu|vi|zh)/.test(first.id) && dice.chance(0.4)) return `${surname} ${given}`;
    return `${given} ${surname}`;
  }

  initialed(): string {
    return `${this.given().charAt(0).toUpperCase()}. ${this.surname()}`;
  }

  lastFirst(): string {
    const { dice } = this;
    const [first, second] = this.culturePair();
    const middle = dice.chance(0.25) ? ` ${dice.pick(first.given).charAt(0).toUpperCase()}.` : '';
    return `${this.surname(second)}, ${this.given(first)}${middle}`;
  }
}
