/**
 * The words that postal addresses are made of, by language, as alternatives of a pattern. From the
 * postal operators' addressing guides as the Universal Postal Union collects them (S42).
 */

/** A word with a capital, or of a script without capitals; a full stop only after short ones. */
export const CAPITAL_WORD =
  "(?:\\p{Lu}\\p{L}{0,3}\\.(?=[ ]?[\\p{L}\\d])|(?:\\p{Lu}|\\p{Lo})[\\p{L}'’/-]{0,24})";

/** Behind the name, as a word of its own: `Elm Street`, `Kossuth utca`, `Narva maantee`. */
export const BEHIND = [
  // English
  'street|st|avenue|ave|av|road|rd|boulevard|blvd|drive|dr|lane|ln|court|ct|place|pl|square|sq',
  'terrace|ter|parkway|pkwy|highway|hwy|circle|cir|trail|trl|way|close|crescent|cres|gardens|grove',
  'mews|row|walk|alley|plaza|loop|route|quay|esplanade|turnpike|tpke|expressway|freeway|path|hill',
  'parade|pde|rise|view|green|heights|mall|wharf|bypass|causeway|ridge|run|pike|crossing|bend|cove',
  // Hungarian, Estonian, Latvian, Lithuanian, Slovene and Croatian, Romanian, Greek, Turkish
  'utca|u\\.|út|útja|tér|tere|körút|krt\\.|köz|sor|tänav|tn|maantee|mnt|puiestee|pst|iela|gatve',
  'prospekts|gatvė|g\\.|prospektas|pr\\.|ulica|cesta|trg|street|οδός|λεωφόρος|sokak|sok\\.|caddesi|cad\\.',
  'náměstí|nám\\.|třída|nábřeží|námestie',
].join('|');

/** Before the name: `rue de la Paix`, `Via Roma`, `ul. Polna`. */
export const BEFORE = [
  // French
  'rue|avenue|boulevard|bd|bld|blvd|place|chemin|allée|allées|impasse|quai|cours|route|square|passage',
  'ruelle|sentier|faubourg|esplanade|montée|villa|cité|résidence|lotissement|lieu-dit|rond-point',
  // Italian
  'via|viale|piazza|piazzale|corso|largo|vicolo|strada|lungomare|lungotevere|contrada|borgo|salita|p\\.za|v\\.le|c\\.so',
  // Spanish, Catalan, Galician
  'calle|c/|cl\\.|avenida|avda\\.?|avd\\.?|av\\.|paseo|pº|plaza|pza\\.?|carretera|ctra\\.?|camino|camiño|ronda|travesía|glorieta',
  'carrer|passeig|plaça|avinguda|rúa|praza|urbanización|urb\\.|callejón|jirón|carrera|cra\\.?|diagonal|transversal',
  // Portuguese
  'rua|r\\.|travessa|praça|alameda|estrada|largo|beco|rodovia|avenida|calçada|ladeira',
  // Polish, Czech, Slovak, South Slavic, Romanian, Greek
  'ul\\.|ulica|al\\.|aleja|aleje|pl\\.|plac|os\\.|osiedle|rynek|nám\\.|náměstí|nábřeží|třída|tř\\.|trg|strada|str\\.|bulevardul|bd\\.|calea|șoseaua|aleea|οδός|λεωφόρος|λ\\.',
  // German, Dutch
  'straße der|straße des|platz der|laan van',
].join('|');

/** Part of a building. */
export const UNITS =
  'apt|apartment|suite|ste|unit|floor|fl|room|rm|flat|appt|appartement|bât|bâtiment|étage|wohnung|whg|stock|og|piso|puerta|interno|int|scala|apto|andar|bloco|bus|lejl|lgh|lok|byt|em|ajtó|as';

/** Ways of saying that an address comes. */
export const CUES = [
  'address(?:es)?(?: is| are| was| to| at| would be)?|located (?:at|on|in)|(?:live|lives|lived|living|resides?|residing|resident|reside|stays?|staying|based|headquartered|registered) (?:at|on|in)',
  '(?:deliver(?:ed|y)?|sen[dt]|ship(?:ped)?|mail(?:ed)?|moved?|moving|relocated|return(?:ed)?|forward(?:ed)?|post(?:ed)?|arrived|come|came|drive|taxi|ride|cab|go|going|get) (?:it |them |this |back |here )?(?:to|at)|(?:meet(?:ing)?|see you|pick (?:me|us|him|her) up|stop by|be|is|are|was|office|home|house|apartment|property|premises|letter|package|parcel|party|event) (?:me |us |you |here |there |is |are |was )?(?:at|in|to)',
  'wohnhaft(?: in)?|wohnt (?:in|an der|am)|anschrift|adresse|domicilié(?:e|s)?(?: à| au)?|demeurant(?: à| au)?|habite(?: au| à)?|domicilio|dirección|residente en|vive en|domiciliad[oa] en|indirizzo|residente in|abita in|adres|woonachtig te|gevestigd aan de|endereço|morada|residente em|adress|osoite|adresa|adresse|bosatt|zamieszkał[ya]|bytem|cím|lakcím',
].join('|');

/** Parts of countries, former and official names that CLDR does not have (ISO 3166-1). */
const OTHER_NAMES = [
  'usa|u.s.a.|u.s.|uk|u.k.|great britain|england|scotland|wales|northern ireland|republic of ireland',
  "holland|the netherlands|czech republic|slovak republic|macedonia|burma|swaziland|ivory coast|cape verde|east timor|viet nam|people's republic of china|republic of korea|korea|russian federation|democratic republic of the congo|republic of the congo|congo|syrian arab republic|united republic of tanzania|islamic republic of iran|brunei darussalam|palestine|holy see|the gambia|the bahamas|saint vincent and the grenadines|saint kitts and nevis|turkey|hong kong|macau|reunion",
]
  .join('|')
  .split('|');

/** Names of countries in several languages, from CLDR, in small letters. */
const COUNTRIES = countries(['en', 'de', 'fr', 'es', 'it', 'nl', 'pt']);
const FIRST_WORDS = new Set([...COUNTRIES].map((name) => name.split(' ')[0]));
const MOST_WORDS = 6;

function countries(languages: readonly string[]): Set<string> {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  const names = new Set(OTHER_NAMES);
  for (const language of languages) {
    const display = new Intl.DisplayNames([language], { type: 'region', fallback: 'none' });
    for (const code of codes) {
      const name = display
        .of(code)
        ?.toLowerCase()
        .replace(/ \(.{1,40}\)$/, '');
      if (!name) continue;
      names.add(name);
      if (language === 'en') names.add(name.replace('&', 'and').replace('st.', 'saint'));
    }
  }
  return names;
}

const WORD = /[\p{L}][\p{L}.'’&-]{0,24}/uy;

/** Where a country's name that begins here ends, or -1. */
export function countryEnd(text: string, from: number): number {
  let [end, at] = [-1, from];
  for (let count = 0; count < MOST_WORDS; count++) {
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[0] ?? (text[at] === '&' ? '&' : '');
    if (word === '') break;
    at += word.length;
    const name = text.slice(from, at).toLowerCase();
    if (count === 0 && !FIRST_WORDS.has(name) && !FIRST_WORDS.has(name.replace(/\.$/, ''))) break;
    if (COUNTRIES.has(name)) end = at;
    else if (name.endsWith('.') && COUNTRIES.has(name.slice(0, -1))) end = at - 1;
    if (text[at] !== ' ') break;
    at++;
  }
  return end;
}
