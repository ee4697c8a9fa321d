/** Made-up places, streets, addresses and organisations. */
import type { Kind } from '../../src/services/redact/detect/names/model/labels.ts';
import type { Dice } from './examples.ts';
import { common, countries, foreignCountries, marks, ordinary, states, words } from './lists.ts';
import type { People } from './people.ts';

/** A piece of a text; with a kind, a name. */
export interface Piece {
  text: string;
  kind?: Kind;
}

const plain = (text: string): Piece => ({ text });
const VOWELS = 'aeiouaeioay'.split('');
const STARTS =
  'b,br,c,ch,cl,d,dr,f,fl,g,gl,gr,h,j,k,kn,l,m,n,p,pl,qu,r,s,sk,sn,sp,st,t,tr,v,w,x,z,,'.split(',');
const ENDS =
  'x,n,r,s,l,ra,co,io,ly,fy,via,ware,soft,tech,net,bit,hub,lab,box,base,zon,tek,gen,pay,sys,nova'.split(
    ',',
  );

const CAPITALS = 'AABCCDEEFGHIIKLMNOPRSSTTUVWX'.split('');
/** Before the name of a place, and behind it. */
const OFFICES = [
  ...['University of', 'Bank of', 'City of', 'Museum of', 'Ministry of', 'Republic Bank of'],
  ...['Friends of', 'Institute of', 'Government of', 'Diocese of', 'Port of', 'Parliament of'],
];
const SEATS = [
  ...['General Hospital', 'University', 'City Council', 'High School', 'Police Department', 'FC'],
  ...['Airport Authority', 'Chamber of Commerce', 'Times', 'Post', 'Herald', 'Tigers', 'Wolves'],
  ...['Symphony Orchestra', 'Stock Exchange', 'State University', 'Police', 'Falcons', 'United'],
];

export class Places {
  private readonly dice: Dice;
  private readonly people: People;
  private readonly marks = marks();
  private readonly cities = words('cities');
  private readonly regions = words('regions');
  private readonly companies = words('companies');
  private readonly business = words('business');
  private readonly nouns = [...common().nouns, ...ordinary('noun')];
  private readonly adjectives = [...common().others, ...ordinary('adjective')];
  private readonly countries = countries();
  private readonly foreignCountries = foreignCountries();
  private readonly states = states();

  constructor(dice: Dice, people: People) {
    this.dice = dice;
    this.people = people;
  }

  private mark(list: string): string {
    return this.dice.pick(this.marks[list] ?? []);
  }

  city(): string {
    const { dice } = this;
    if (dice.chance(0.35)) return dice.pick(this.cities);
    const { cities, surnames, id } = this.people.culture();
    if (cities.length > 0 && !dice.chance(0.15)) return dice.pick(cities);
    if (dice.chance(0.3)) return this.invented(cities.length > 0 ? cities : this.cities);
    const own = dice.pick(surnames);
    const ends = id.startsWith('de')
      ? ['dorf', 'stadt', 'burg', 'heim', 'hausen', 'bach', 'feld']
      : [
          'ville',
          'ton',
          'burg',
          'field',
          ' Falls',
          ' Springs',
          ' Beach',
          'berg',
          'stad',
          'by',
          'sund',
          'borough',
        ];
    const fore = dice.chance(0.2)
      ? dice.pick([
          'New ',
          'Port ',
          'North ',
          'Saint-',
          'St. ',
          'San ',
          'Lake ',
          'Mount ',
          'Bad ',
          'West ',
          'Upper ',
        ])
      : '';
    return fore + own + (fore ? '' : dice.pick(ends));
  }

  private invented(names: readonly string[]): string {
    const [a, b] = [this.dice.pick(names), this.dice.pick(names)];
    const head = /^.{2,5}?[aeiouyáéíóúäöü]/iu.exec(a)?.[0] ?? a;
    return head + (/[bcdfghjklmnprstvwz].{2,6}$/iu.exec(b.slice(1))?.[0] ?? 'a').toLowerCase();
  }

  country(): string {
    const { dice } = this;
    if (dice.chance(0.2)) return dice.pick(this.regions);
    return dice.pick(dice.chance(0.15) ? this.foreignCountries : this.countries);
  }

  state(): string {
    return this.dice.pick(this.dice.chance(0.2) ? this.regions : this.states);
  }

  street(): string {
    const { dice, people } = this;
    const culture = people.culture();
    if (culture.streets.length > 0 && dice.chance(0.45)) return dice.pick(culture.streets);
    const who = dice.chance(0.3)
      ? `${dice.pick(culture.given)} ${people.surname(culture)}`
      : people.surname(culture);
    const name = dice.chance(0.4)
      ? this.city()
      : dice.chance(0.25)
        ? this.invented(this.cities)
        : who;
    const roll = dice.below(100);
    if (roll < 40) return `${name} ${this.mark('streets behind the name')}`;
    if (roll < 62) return name.replace(/[ -]/g, '') + this.mark('streets grown to the name');
    if (roll < 84) return `${this.mark('streets before the name')} ${name}`;
    if (roll < 94) return `${name} ${this.mark('streets behind the name with a space, elsewhere')}`;
    return name;
  }

  house(): string {
    const { dice } = this;
    const number = String(1 + dice.below(dice.chance(0.2) ? 9999 : 240));
    return dice.chance(0.1) ? number + dice.pick(['a', 'b', 'A', '/2', '-4']) : number;
  }

  zip(): string {
    const { dice } = this;
    const digits = (count: number) => Array.from({ length: count }, () => dice.below(10)).join('');
    const letter = () => dice.pick('ABCDEFGHJKLMNPRSTUWXY'.split(''));
    const forms = [
      () => digits(5),
      () => digits(4),
      () => `${letter()}${letter()}${digits(1)} ${digits(1)}${letter()}${letter()}`,
    ];
    forms.push(
      () => `${digits(3)} ${digits(2)}`,
      () => `${letter()}${digits(1)}${letter()} ${digits(1)}${letter()}${digits(1)}`,
      () => `${digits(2)}-${digits(3)}`,
      () => digits(5),
    );
    return dice.pick(forms)();
  }

  /** A postal address, in one of the orders in use, on one line or several. */
  address(): Piece[] {
    const { dice } = this;
    const glue = dice.pick([', ', ', ', '\n', '\n', ' ', ',\n', '\n ']);
    const street: Piece = { text: this.street(), kind: 'address' };
    const city: Piece = { text: this.city(), kind: 'location' };
    const [house, zip] = [this.house(), this.zip()];
    const pieces: Piece[] = dice.chance(0.5)
      ? [plain(`${house} `), street]
      : [street, plain(` ${house}`)];
    if (dice.chance(0.08)) pieces.push(plain(` ${this.house()}`));
    if (dice.chance(0.2)) pieces.push(plain(`${glue}${this.mark('units')}${this.house()}`));
    if (dice.chance(0.1)) return pieces;
    pieces.push(plain(glue));
    const order = dice.below(5);
    if (order === 0) pieces.push(plain(`${zip} `), city);
    else if (order === 1) pieces.push(city, plain(`${dice.pick([' ', ', ', glue])}${zip}`));
    else if (order === 2)
      pieces.push(
        city,
        plain(', '),
        { text: this.stateCode(), kind: 'location' },
        plain(` ${zip}`),
      );
    else if (order === 3) pieces.push(city);
    else pieces.push(city, plain(', '), { text: this.state(), kind: 'location' }, plain(` ${zip}`));
    if (dice.chance(0.4)) pieces.push(plain(glue), { text: this.country(), kind: 'location' });
    return pieces;
  }

  private stateCode(): string {
    return this.dice.pick(
      'AL AK AZ CA CO CT DE FL GA HI ID IL IA KS KY LA MD MA MI MN MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY ON QC BC NSW VIC'.split(
        ' ',
      ),
    );
  }

  private brand(): string {
    const { dice } = this;
    if (dice.chance(0.12)) return this.noun();
    if (dice.chance(0.5)) return this.compound();
    let word = '';
    for (let i = 0; i < 1 + dice.below(2); i++) word += dice.pick(STARTS) + dice.pick(VOWELS);
    word += dice.pick(STARTS.slice(0, 12)).slice(0, 1) + dice.pick(ENDS);
    word = word.charAt(0).toUpperCase() + word.slice(1);
    if (dice.chance(0.1)) word = word.toUpperCase();
    if (dice.chance(0.12)) word += dice.pick(['.com', '.io', '.net', '.org', '24', ' 360']);
    if (dice.chance(0.12)) word = `${this.noun()}${word}`;
    return word;
  }

  /** Two words grown together, or one with an end that companies like. */
  private compound(): string {
    const { dice } = this;
    const [first, second] = [this.noun(), dice.chance(0.6) ? this.noun() : dice.pick(ENDS)];
    if (dice.chance(0.1)) return `${first} ${this.noun()}`;
    if (dice.chance(0.06)) return `${1 + dice.below(99)}${second}`;
    const camel = dice.chance(0.25) && second.length > 3;
    const cut = dice.chance(0.25) ? first.slice(0, 4) : first;
    const digits = dice.chance(0.05) ? String(1 + dice.below(99)) : '';
    return cut + (camel ? second : second.toLowerCase()) + digits;
  }

  private noun(): string {
    const noun = this.dice.pick(this.dice.chance(0.5) ? this.business : this.nouns);
    return noun.charAt(0).toUpperCase() + noun.slice(1);
  }

  organization(): string {
    const { dice } = this;
    const roll = dice.below(100);
    if (roll < 24) return dice.pick(this.companies);
    if (roll < 46) return this.afterPeople();
    if (roll < 60) return this.brand();
    if (roll < 66)
      return `${this.brand()} ${this.mark(dice.chance(0.5) ? 'company forms' : 'lines of business')}`;
    if (roll < 70)
      return `${this.brand()} ${this.mark('lines of business')} ${this.mark('company forms')}`;
    if (roll < 84) return this.ofWords();
    if (roll < 88) return this.acronym();
    return this.ofPlace();
  }

  /** Called by the names of those who founded it. */
  private afterPeople(): string {
    const { dice, people } = this;
    const surname = people.surname();
    const [line, form] = [this.mark('lines of business'), this.mark('company forms')];
    const roll = dice.below(22);
    if (roll < 6) return `${surname} ${form}`;
    if (roll < 9) return `${surname} ${line}`;
    if (roll < 12) return `${surname}, ${people.surname()} and ${people.surname()}`;
    if (roll < 17) return `${surname}${dice.pick(['-', '-', ' & ', ' and '])}${people.surname()}`;
    if (roll < 18) return `${people.initialed()} ${dice.pick(['& Co', '& Company', form, line])}`;
    if (roll < 19) return `${surname}'s`;
    return `${surname} ${line} ${form}`;
  }

  /** Ordinary words with capitals: Open Harbour, Friends of Learning, Global Freight Index. */
  private ofWords(): string {
    const { dice } = this;
    const [one, two] = [this.noun(), this.noun()];
    const [line, form] = [this.mark('lines of business'), this.mark('company forms')];
    const roll = dice.below(20);
    if (roll < 4) return `${one} ${line} ${form}`;
    if (roll < 7) return `${one}${dice.pick(['', ' ', ' & '])}${two} ${dice.pick([form, line])}`;
    if (roll < 11) return `${dice.chance(0.5) ? this.adjective() : one} ${two}`;
    if (roll < 15) return `${this.adjective()} ${one} ${dice.chance(0.5) ? two : line}`;
    if (roll < 17) return `${one} ${dice.pick(['of', 'for', 'and', 'And', 'Without'])} ${two}`;
    if (roll < 18) return `The ${one} ${two}`;
    return `${dice.pick(['Center for', 'Institute of', 'Department of', 'Society for', 'Office of', 'Association of', 'National', 'International', 'Federal', 'Royal', 'American', 'European'])} ${one} ${two}`;
  }

  private adjective(): string {
    const word = this.dice.pick(this.adjectives);
    return word.charAt(0).toUpperCase() + word.slice(1);
  }

  private acronym(): string {
    const { dice } = this;
    const letters = Array.from({ length: 2 + dice.below(4) }, () => dice.pick(CAPITALS)).join('');
    const roll = dice.below(10);
    if (roll < 4) return letters;
    if (roll < 6) return `${letters} ${this.mark('lines of business')}`;
    if (roll < 8) return `${letters} ${this.mark('company forms')}`;
    return `${letters} ${this.noun()} ${this.mark('lines of business')}`;
  }

  private ofPlace(): string {
    const { dice } = this;
    const city = this.city();
    const roll = dice.below(12);
    if (roll < 4) return `${city} ${this.mark('lines of business')}`;
    if (roll < 7) return `${dice.pick(OFFICES)} ${dice.chance(0.7) ? city : this.country()}`;
    if (roll < 10) return `${city} ${dice.pick(SEATS)}`;
    return `${dice.chance(0.5) ? this.country() : city} ${this.noun()} ${this.mark('lines of business')}`;
  }
}
