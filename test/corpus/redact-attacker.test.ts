/** The attacker itself: it has nothing against a good redaction, and something against each bad one. */
import { beforeAll, expect, test } from 'vitest';
import { attack, type Redactor } from './redact/attack/attack.ts';
import { LONG } from './redact/attack/secret.ts';
import { type PdfSource, pdfFile } from './redact/pdf-file.ts';
import { outlinesOf } from './redact/pdf-outlines.ts';

const PAPER = '/MediaBox [0 660 420 792]';
const REST = 'BT /F1 12 Tf 72 680 Td (Other words) Tj ET';
const text = (inner: string, more = REST) => `BT /F1 12 Tf 72 720 Td ${inner} ET ${more}`;
const paper = (content: string, more: Partial<PdfSource> = {}) =>
  pdfFile({ pages: [{ content, extra: PAPER }], ...more });

const original = (name: string) => paper(text(`(before ${name} after) Tj`));
/** As it should be: a gap that is always the same. */
const GOOD = '[(before ) -3000 (after)] TJ';
const good = (more: Partial<PdfSource> = {}) => paper(text(GOOD), more);
/** The gap that pixels of a name leave. */
const exact = (name: string) => text(`[(before ) ${-500 * name.length} (after)] TJ`);

/** How somebody redacts badly, and what the attacker says to it. */
const BAD: [string, (name: string) => Buffer | Promise<Buffer>, RegExp][] = [
  ['nothing is done', original, /the text in the order of the content shows/],
  [
    'a black box is laid over',
    (name) => paper(`${text(`(before ${name} after) Tj`)} 110 715 200 15 re f`),
    /strings and streams holds .*plain/,
  ],
  ['the gap is as wide as the name', (name) => paper(exact(name)), /"after" stands at/],
  [
    'a space beside it tells',
    (name) => paper(text(GOOD, `${REST} ${name.length} 670 2 2 re f`)),
    /pixels of page 1 depend on the name/,
  ],
  ['it stays in an object', (name) => good({ objects: [`(${name})`] }), /holds .*plain/],
  [
    'it stays in base64',
    (name) => good({ objects: [`(x${Buffer.from(`xx${name}`).toString('base64')})`] }),
    /base64/,
  ],
  [
    'it stays in an attached file',
    (name) => good({ objects: [{ source: '<< >>', stream: original(name) }] }),
    /!stream \d strings and streams holds/,
  ],
  [
    'it stays as UTF-16 in hexadecimal',
    (name) => good({ objects: [`<feff${Buffer.from(name, 'utf16le').swap16().toString('hex')}>`] }),
    /hexadecimal UTF-16/,
  ],
  [
    'it is painted as drawn letters',
    async (name) => paper(text(GOOD, `${REST} ${await outlinesOf(name, [72, 716])}`)),
    /pixels show/,
  ],
  [
    'a neighbour loses a letter',
    () => paper(text(GOOD, REST.replace('words', 'word'))),
    /text outside was/,
  ],
  [
    'another line moves',
    () => paper(text(GOOD, REST.replace('680', '681'))),
    /pixels outside of the lines differ/,
  ],
  ['a page is lost', () => pdfFile({ pages: [] }), /pages|Command failed/],
];

let complaints: ReadonlyMap<string, string[]>[];
beforeAll(async () => {
  const outcomes = [['well done', () => good()] as const, ...BAD].map(async ([name, make]) => {
    const redact: Redactor = async (_, __, { terms = [] }) => ({
      bytes: await make(terms[0] ?? ''),
    });
    return attack([{ name, of: (person) => original(person.name) }], redact);
  });
  complaints = await Promise.all(outcomes);
}, 120_000);

test('has nothing against a good redaction', () => {
  expect(complaints[0]?.get('well done')).toEqual([]);
});

test.each(BAD.map(([name, , words], i) => [name, words, i + 1] as const))(
  'objects where %s',
  (name, words, i) => {
    expect(complaints[i]?.get(name)?.join('\n')).toMatch(words);
  },
);

test('asks for samples that it can read before', async () => {
  const of = () => good();
  const said = (await attack([{ name: 'blank', of }], async () => ({ bytes: good() }))).get(
    'blank',
  );
  expect(said?.join()).toMatch(/the eye cannot read the sample itself/);
});

test('refusing is no redaction', async () => {
  const redact = async () => {
    throw new Error('not today');
  };
  const of = () => original(LONG.name);
  const said = (await attack([{ name: 'refused', of }], redact)).get('refused');
  expect(said).toEqual(['Bo Li: not today', `${LONG.name}: not today`]);
});
