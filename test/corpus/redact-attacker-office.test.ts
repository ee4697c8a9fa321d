/** The attacker of office files objects to every bad redaction that we could think of. */
import { beforeAll, expect, test } from 'vitest';
import type { Redactor } from './redact/attack/attack.ts';
import { attackOffice } from './redact/attack/office.ts';
import { LONG } from './redact/attack/secret.ts';
import { docxFile, paragraph } from './redact/office-file.ts';

const file = (text: string, more = {}) => docxFile(paragraph(text), more);
const GOOD = 'before [REDACTED] after';
const HIDDEN = (name: string) =>
  `<w:p><w:r><w:t>${GOOD}</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>${name}</w:t></w:r></w:p>`;

/** How somebody redacts badly, and what the attacker says to it. */
const BAD: [string, (name: string) => Buffer, RegExp][] = [
  ['nothing is done', (name) => file(`before ${name} after`), /the suite shows .*\n.*pixels show/s],
  ['it is only hidden', (name) => docxFile(HIDDEN(name)), /word\/document\.xml holds .*plain/],
  [
    'it stays in two runs',
    (name) => docxFile(paragraph('before ', name.slice(0, 3), name.slice(3), ' after')),
    /without tags holds/,
  ],
  [
    'it stays in a part that nobody shows',
    (name) => file(GOOD, { 'customXml/item1.bin': Buffer.from(`\0${name}`, 'utf16le') }),
    /item1\.bin holds .*UTF-16LE/,
  ],
  [
    'it stays in a document within',
    (name) => file(GOOD, { 'word/embeddings/a.docx': file(name) }),
    /a\.docx!word\/document\.xml holds/,
  ],
  ['it names a part', (name) => file(GOOD, { [`word/${name}.bin`]: 'x' }), /file name holds/],
  [
    'a length tells',
    (name) => file(`before ${'x'.repeat(name.length)} after`),
    /word\/document\.xml depends on the name/,
  ],
  [
    'a part tells by being there',
    (name) => file(GOOD, name === LONG.name ? { 'word/more.bin': 'x' } : {}),
    /word\/more\.bin depends on the name/,
  ],
  ['a neighbour loses a letter', () => file('befor [REDACTED] after'), /text outside was/],
];

let complaints: ReadonlyMap<string, string[]>;
beforeAll(async () => {
  const makers = [() => file(GOOD), ...BAD.map(([, make]) => make)];
  const redact: Redactor = async (_, fileName, { terms = [] }) => {
    const make = makers[Number.parseInt(fileName, 10)];
    if (!make) throw new Error('not today');
    return { bytes: make(terms[0] ?? '') };
  };
  const names = ['well done', ...BAD.map(([name]) => name), 'refused'];
  const samples = names.map((name, i) => ({
    name,
    fileName: `${i}.docx`,
    of: (person: { name: string }) => file(`before ${person.name} after`),
  }));
  complaints = await attackOffice(samples, redact);
}, 240_000);

test('has nothing against a good redaction', () => {
  expect(complaints.get('well done')).toEqual([]);
});

test.each(BAD.map(([name, , words]) => [name, words] as const))(
  'objects where %s',
  (name, words) => {
    expect(complaints.get(name)?.join('\n')).toMatch(words);
  },
);

test('refusing is no redaction', () => {
  expect(complaints.get('refused')).toEqual(['Bo Li: not today', `${LONG.name}: not today`]);
});
