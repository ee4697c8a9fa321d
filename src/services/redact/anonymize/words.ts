/** Names of people, places and companies that nobody has, addresses and days. */
import type { Draw } from './draw.ts';
import { inCaseOf } from './forms.ts';

const FIRST =
  'Alex Robin Sam Jamie Casey Morgan Taylor Jordan Riley Avery Quinn Rowan Skyler Emery Finley Harper Kendall Lennox Marlow Noel Parker Reese Sage Tatum Blair Cameron Dakota Eden Frankie Gray'.split(
    ' ',
  );
const LAST =
  'Example Sample Specimen Placeholder Nomen Standin Mustermann Musterfrau Modelo Esempio Exempel Voorbeeld Przykładowy Vzorová Fictus Nemo Anonymos Incognito Surrogate Proxy Template Dummett Fulano Mengano Zutano Beispiel Exemplaire Modèle Muster Ejemplo'.split(
    ' ',
  );
const PLACES =
  'Exampleton Sampleville Specimen-on-Sea Musterstadt Musterhausen Modelton Nowheresville Placeholder Fictiondale Testbury Mockton Dummyford Standinham Templeton Proxyville Erewhon Ruritania Demotown Placebury'.split(
    ' ',
  );
const STREETS =
  'Example Sample Specimen Fiction Model Template Proxy Muster Placeholder Demo'.split(' ');
const TRADES = 'Works Trading Services Holdings Industries Partners Group Systems'.split(' ');

/** As many words as the name had; initials between. */
export function fullName(value: string, draw: Draw): string {
  const words = value.trim().split(/\s{1,9}/);
  const [first, last] = [draw.pick(FIRST), draw.pick(LAST)];
  if (words.length === 1) return inCaseOf(value, draw.below(2) === 0 ? first : last);
  const initials = words.slice(2, 5).map(() => ` ${String.fromCharCode(65 + draw.below(26))}.`);
  return inCaseOf(value, `${first}${initials.join('')} ${last}`);
}

export function place(draw: Draw): string {
  return draw.below(2) === 0
    ? draw.pick(PLACES)
    : `${draw.pick(['New', 'Old', 'Upper', 'Lower', 'East', 'West'])} ${draw.pick(PLACES)}`;
}

export function company(draw: Draw): string {
  return `${draw.pick(LAST)} ${draw.pick(TRADES)} ${draw.pick(['Ltd', 'Inc', 'GmbH', 'LLC'])}`;
}

/** Within one line, or in as many as two where the address had several. */
export function address(value: string, draw: Draw): string {
  const street = `${1 + draw.below(9999)} ${draw.pick(STREETS)} Street`;
  const separator = value.includes('\n') ? '\n' : ', ';
  const hasTown = /[,\n]/.test(value);
  return hasTown ? `${street}${separator}${draw.pick(PLACES)}, 000${draw.digits(2)}` : street;
}

const MONTHS =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

/** A day in the same form: figures, or the name of an English month. */
export function date(value: string, draw: Draw): string | null {
  const hasMonth = MONTHS.some((month) => new RegExp(`\\b${month.slice(0, 3)}`, 'i').test(value));
  if (/\p{L}{3}/u.test(value) && !hasMonth) return null;
  const month = draw.pick(MONTHS);
  return value
    .replace(/\p{L}{3,9}\.?/u, (old) => inCaseOf(old, old.length <= 4 ? month.slice(0, 3) : month))
    .replace(/\d{8}|\d{4}|\d{1,2}/g, (figures) => {
      if (figures.length === 8)
        return `${1930 + draw.below(90)}0${1 + draw.below(9)}1${draw.below(9)}`;
      if (figures.length === 4) return String(1930 + draw.below(90));
      // Up to twelve it is a day and a month alike, and an hour.
      return String(1 + draw.below(12)).padStart(figures.length, '0');
    });
}
