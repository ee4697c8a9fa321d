/** Addresses of many countries with what belongs to them, and what merely looks like one. */
import { expect, test } from 'vitest';
import type { TextPart } from '../../../document.ts';
import { resolve } from '../../resolver.ts';
import { scan } from '../../scan/scan.ts';
import { ADDRESSES, POSTAL_CODES } from './addresses.ts';

/** Without the tagger, which knows places by their names. */
const RULES = [...ADDRESSES, ...POSTAL_CODES];
const foundIn = (part: TextPart) =>
  resolve(scan(part, RULES).filter(({ confidence }) => confidence >= 0.5)).map(({ start, end }) =>
    part.text.slice(start, end),
  );
const found = (text: string) => foundIn({ pageNumber: 1, text });

test.each([
  '12 North Elm Street, Apt 4, Springfield, IL 62704',
  '1600 Pennsylvania Ave NW, Washington, DC 20500',
  '350 Fifth Avenue, Suite 3300, New York, NY 10118',
  '221B Baker Street, London NW1 6XE',
  '10 Downing Street, London, SW1A 2AA',
  '24 Sussex Drive, Ottawa, ON K1M 1M4',
  '1 Macquarie Street, Sydney NSW 2000',
  'Musterstraße 12a, 10115 Berlin',
  'Lange Gasse 7/3, A-1080 Wien',
  'Keizersgracht 123, 1015 CJ Amsterdam',
  '12 rue de la Paix, 75002 Paris',
  '8 bis avenue Foch, 69006 Lyon',
  'Via Roma 12, 00184 Roma',
  'Calle de Alcalá 45, 28014 Madrid',
  'Rua Augusta 274, 1100-053 Lisboa',
  'ul. Marszałkowska 12, 00-590 Warszawa',
  'Drottninggatan 33, 111 51 Stockholm',
  'Nørregade 10, 1165 København',
  'Karl Johans gate 22, 0026 Oslo',
  'Mannerheimintie 12, 00100 Helsinki',
  'Kossuth Lajos utca 5, 1053 Budapest',
  'Laugavegur 26, 101 Reykjavík',
  'Narva maantee 7, 10117 Tallinn',
  'P.O. Box 1234, Springfield, IL 62704',
  'Postfach 10 11, 50667 Köln',
  'PSC 1234, Box 5678\nAPO AE 09123',
  'Springfield, IL 62704',
])('the whole of %j', (address) => {
  const value = address.replace('10 11', '1011');
  expect(found(`Please write to us: ${value}.`)).toEqual([value]);
});

test('an address in lines is one, however the lines are quoted', () => {
  const lines = ['31 Harbour Terrace', 'Flat 4', 'Bristol BS1 5TY', 'United Kingdom'];
  expect(found(`Jane Doe\n${lines.join('\n')}\nDear Jane`)).toEqual([lines.join('\n')]);
  expect(found(`> ${lines.join('\n> ')}\n> Dear Jane`)).toEqual([lines.join('\n> ')]);
});

test.each([
  ['He lives at 27 Sonnenhang, Zürich.', '27 Sonnenhang, Zürich'],
  ['My address is 4 Privet Meadow.', '4 Privet Meadow'],
  ['wohnhaft in Lindenhof 3, 8001 Zürich', 'Lindenhof 3, 8001 Zürich'],
  ['Address: Flat 2, The Old Mill, Mill End 4', 'Flat 2, The Old Mill, Mill End 4'],
  ['Meet me at the corner of Pine Street and Third Avenue.', 'Pine Street and Third Avenue'],
  ['His zip code is 35649.', '35649'],
  ['PLZ 10115', '10115'],
  ['postcode EC1A 1BB', 'EC1A 1BB'],
  ['in K1A 0B1, Canada', 'K1A 0B1'],
  ['D-10115 Berlin', 'D-10115 Berlin'],
])('in %j: %s', (text, expected) => {
  expect(found(text)).toEqual([expected]);
});

test.each([
  'In 2024 Wall Street saw record gains; Main Street did not.',
  'Spring 2024 and Monitoring 12, Engineering 101, iPad 5, Heidelberg 2024',
  'The test suite 12 failed in unit 5; see Section 4, Table 12, Figure 3.',
  'Meet us at 10 Monday morning, or return to 5 Euro by 12 March 2024.',
  'We moved to Version 2 via Zoom 24 hours ago, 5 Key Points in hand.',
  'Am Montag 5 Termine, im Januar 2024, in der Regel 10 Tage, 10000 Euro',
  'Revenue rose from 12345 to 20000 Units in Germany 2024.',
  'IP address: 10.0.0.1, e-mail address: support desk, MAC address of 3 machines',
  'Route 66 and Boulevard 2000, avenue 5',
  'A1 1AA and Q9 9QQ and SW1A 2A',
])('nothing in %j', (text) => {
  expect(found(text)).toEqual([]);
});

test('below headings of a table addresses and codes need no other sign', () => {
  const text = 'street,zip,count\u001eAm Hang 3,8001,1234\u001e';
  const headings = ['street street:', 'zip zip:', 'count count:'];
  const contextAt = (at: number) =>
    at < 17 ? '' : (headings[text.slice(17, at).split(',').length - 1] ?? '');
  expect(foundIn({ pageNumber: 1, text, contextAt })).toEqual(['Am Hang 3', '8001']);
});
