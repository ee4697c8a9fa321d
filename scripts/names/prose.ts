/** Made-up sentences without names, with the capitals that business prose has. */
import type { Dice } from './examples.ts';
import { common, jobs, marks, ordinary, words } from './lists.ts';

const PATTERNS = [
  'The {adj} {noun} {verb}s the {noun}.',
  'The {noun} of the {noun} was {adj} in {month}.',
  'Please {verb} the {noun} before {weekday}.',
  'We {adv} {verb} every {noun} that is {adj}.',
  'In {year}, {noun}s were {adj} and {noun}s grew by {n} percent.',
  'It is {adj} to {verb} a {noun} without a {noun}.',
  'All {noun}s must be {adj}.',
  'If the {noun} is {adj}, the {Term} shall {verb} it.',
  'Our {Words} programme helps you {verb} your {noun}.',
  'This {noun} describes how {noun}s are {verb}ed and {verb}ed.',
  'The {Words} has been {adj} since {month}.',
  'Under the {Words}, {noun}s and {noun}s are {adj}.',
  '{Word} and {word} are not the same.',
  'As of {month}, the {ACR} is {adj}.',
  'Questions about the {noun} should be sent to {Dept}.',
  'The {Job} will {verb} the {noun} on {weekday}.',
  'There is no {noun} in the {noun}; there is a {noun} near the {noun}.',
  'They {verb} the {noun}, {verb} the {noun} and {verb} the {noun}.',
  '{Adv}, the {noun} did not {verb}.',
  'However {adj} the {noun}, nobody should {verb} it.',
  'Both the {Term} and the {Term} agreed to {verb} the {Term}.',
  'Costs fell from {amount} to {amount}, thanks to {adj} {noun}s.',
  'Can you {verb} it by {weekday}?',
  'See {Words} for details.',
  'Nothing in the {Words} {verb}s the {noun} of the {noun}.',
  'I {verb} my {noun} every {weekday}.',
  'A {noun} is {adj} when it {verb}s.',
  'Since {month} {year} the {Words} team uses {ACR}.',
  '{Word}s were {adj}.',
  '{Word}s {verb} {noun}s.',
  '{Word} {verb}ed by {n} percent.',
  '{Word} stayed below {n} percent.',
  '{Word}s and {noun}s {verb}ed, and {noun}s were {adj}.',
  '{Adj} {noun}s {verb} more {noun}s.',
  '{Adj} or not, the {noun} {verb}s.',
  '{Word} the {noun} and {verb} the {noun}.',
  '{Word} each {noun} before the {noun} {verb}s.',
  '{Word} reads the {noun} and {verb}s it.',
  'A {noun} called {Word} {verb}s the {noun}.',
  '{Word}, {noun} and {noun} are {adj}.',
  '{Word} of {noun}s is {adj}.',
  '{Word} for {noun}s has been {adj}.',
  '{Word} in the {noun} was {adj} again.',
  '{Adv} {verb}ed {noun}s are {adj}.',
  'In {Words}, the {noun} {verb}s.',
  'The {Word} and the {Word} {verb} the {noun}.',
  'At {Word}, {noun}s are {adj}.',
  'Both {Word} and {Word} {verb} the {noun}.',
  'The {Word} asked the {Word} to {verb} it.',
  '{Word} thanked the {noun} for the {noun}.',
  'Only {Word} can {verb} the {noun}.',
  '{Word} and {Word} will {verb} together with {Dept}.',
  'That is why {Word} {verb}s.',
  '{n} {noun}s {verb}ed; {Word} was {adj}.',
];

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

export class Prose {
  private readonly dice: Dice;
  private readonly nouns: string[];
  private readonly business = words('business');
  private readonly verbs: string[];
  private readonly adjectives: string[];
  private readonly adverbs = ordinary('adverb');
  private readonly jobs = jobs();
  private readonly marks = marks();

  constructor(dice: Dice) {
    this.dice = dice;
    const { nouns, verbs, others } = common();
    this.nouns = [...ordinary('noun'), ...nouns];
    this.verbs = [...ordinary('verb'), ...verbs];
    this.adjectives = [...ordinary('adjective'), ...others];
  }

  mark(list: string): string {
    return this.dice.pick(this.marks[list] ?? []);
  }

  sentence(): string {
    return this.dice.pick(PATTERNS).replace(/\{(\w+)\}/g, (_, slot: string) => this.word(slot));
  }

  private noun(): string {
    return this.dice.pick(this.dice.chance(0.4) ? this.business : this.nouns);
  }

  /** Two to four words with capitals, as in headings and terms. */
  private heading(): string {
    const { dice } = this;
    const parts = [capital(this.noun())];
    if (dice.chance(0.45)) parts.unshift(capital(dice.pick(this.adjectives)));
    if (dice.chance(0.55)) parts.push(capital(this.noun()));
    if (dice.chance(0.12))
      parts.push(dice.pick(['and', 'of', 'for', '&', 'in', 'to']), capital(this.noun()));
    if (dice.chance(0.08)) parts.unshift(capital(dice.pick(this.verbs)));
    return parts.join(' ');
  }

  /** A word for a slot of a template; the empty text for an unknown one. */
  word(slot: string): string {
    const { dice } = this;
    const makers: Record<string, () => string> = {
      noun: () => this.noun(),
      verb: () => dice.pick(this.verbs),
      adj: () => dice.pick(this.adjectives),
      adv: () => dice.pick(this.adverbs),
      Adj: () => capital(dice.pick(this.adjectives)),
      Adv: () => capital(dice.pick(this.adverbs)),
      word: () => this.noun(),
      Word: () =>
        capital(
          dice.pick([this.noun(), this.noun(), dice.pick(this.verbs), dice.pick(this.adjectives)]),
        ),
      Term: () => capital(this.noun()),
      Words: () => this.heading(),
      WORDS: () => this.heading().toUpperCase(),
      ACR: () => this.mark('acronyms'),
      acr: () => this.mark('acronyms').toLowerCase(),
      DOT: () => this.mark('dotted'),
      L: () => dice.pick('ABCDEFGHIJKLMNOPQRSTU'.split('')),
      Dept: () => this.mark('departments'),
      dept: () => this.mark('departments'),
      Job: () => dice.pick(this.jobs),
      job: () => (dice.chance(0.5) ? dice.pick(this.jobs) : dice.pick(this.jobs).toLowerCase()),
      Sentence: () => this.sentence(),
      sentence: () => {
        const made = this.sentence();
        return made.charAt(0).toLowerCase() + made.slice(1);
      },
      title: () => this.mark('titles'),
      relation: () => this.mark('relations'),
      drug: () => this.mark('drugs'),
      month: () => this.mark(dice.chance(0.2) ? 'foreign months' : 'months'),
      weekday: () => this.mark(dice.chance(0.2) ? 'foreign weekdays' : 'weekdays'),
    };
    return makers[slot]?.() ?? this.figure(slot);
  }

  private figure(slot: string): string {
    const { dice } = this;
    const digits = (count: number) => Array.from({ length: count }, () => dice.below(10)).join('');
    const makers: Record<string, () => string> = {
      n: () => String(1 + dice.below(40)),
      num: () => digits(4 + dice.below(6)),
      age: () => String(18 + dice.below(75)),
      year: () => String(1950 + dice.below(76)),
      amount: () =>
        dice.pick(['$', '€', '£', 'EUR ', 'USD ']) +
        (1 + dice.below(9999)).toLocaleString('en-US') +
        dice.pick(['', '.50', '.00', ' million']),
      ref: () =>
        `${dice.pick(['AB', 'R', 'INV', 'C', 'QX', 'LH'])}${dice.pick(['-', '', ' '])}${digits(5)}`,
      time: () =>
        `${1 + dice.below(12)}:${dice.pick(['00', '15', '30', '45'])}${dice.pick(['', ' am', ' pm', 'pm'])}`,
      phone: () =>
        dice.pick([
          `+${digits(2)} ${digits(3)} ${digits(6)}`,
          `(${digits(3)}) ${digits(3)}-${digits(4)}`,
          `${digits(3)}-${digits(4)}`,
        ]),
      date: () => this.date(),
    };
    return makers[slot]?.() ?? '';
  }

  private date(): string {
    const { dice } = this;
    const [day, month, year] = [1 + dice.below(28), 1 + dice.below(12), 1940 + dice.below(87)];
    const worded = this.mark('months');
    return dice.pick([
      `${month}/${day}/${year}`,
      `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`,
      `${day}.${month}.${year}`,
      `${worded} ${day}, ${year}`,
      `${day} ${worded} ${year}`,
    ]);
  }
}
