/** Documents for LibreOffice to open, in flat XML: each has a person in one place that it knows. */
import type { Person } from '../attack/secret.ts';

const NAMES = [
  ...['office', 'style', 'text', 'table', 'presentation', 'form'].map((name) => [name, name]),
  ['draw', 'drawing'],
  ['svg', 'svg-compatible'],
  ['fo', 'xsl-fo-compatible'],
  ['meta', 'meta'],
]
  .map(([prefix, name]) => `xmlns:${prefix}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
  .join(' ');

const paragraphStyle = (name: string, paragraph: string, text = '') =>
  `<style:style style:name="${name}" style:family="paragraph"><style:paragraph-properties ${paragraph}/><style:text-properties fo:font-family="DejaVu Sans" fo:font-size="11pt" ${text}/></style:style>`;
const textStyle = (name: string, text: string) =>
  `<style:style style:name="${name}" style:family="text"><style:text-properties ${text}/></style:style>`;

const STYLES = [
  paragraphStyle('Plain', ''),
  paragraphStyle('Justified', 'fo:text-align="justify"'),
  paragraphStyle('Centred', 'fo:text-align="center"'),
  paragraphStyle('Right', 'fo:text-align="end"'),
  textStyle('Hidden', 'text:display="none"'),
  textStyle('White', 'fo:color="#ffffff"'),
  textStyle('Red', 'fo:color="#aa0000" fo:font-weight="bold"'),
  '<style:style style:name="Wide" style:family="table-column"><style:table-column-properties style:column-width="11cm"/></style:style>',
  '<style:style style:name="Fixed" style:family="graphic"><style:graphic-properties draw:auto-grow-height="false" draw:auto-grow-width="false"/></style:style>',
  '<style:style style:name="Columns" style:family="section"><style:section-properties><style:columns fo:column-count="2" fo:column-gap="0.5cm"/></style:section-properties></style:style>',
  '<style:page-layout style:name="Paper"><style:page-layout-properties fo:page-width="19cm" fo:page-height="9cm" fo:margin="1.2cm"/><style:header-style><style:header-footer-properties fo:min-height="0.6cm"/></style:header-style><style:footer-style><style:header-footer-properties fo:min-height="0.6cm"/></style:footer-style></style:page-layout>',
].join('');

interface Flat {
  kind: 'text' | 'spreadsheet' | 'presentation';
  body: string;
  master?: string;
  meta?: string;
}

export function flat({ kind, body, master = '', meta = '' }: Flat): string {
  return `<?xml version="1.0" encoding="UTF-8"?><office:document ${NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.${kind}"><office:meta>${meta}</office:meta><office:automatic-styles>${STYLES}</office:automatic-styles><office:master-styles><style:master-page style:name="Standard" style:page-layout-name="Paper">${master}</style:master-page></office:master-styles><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document>`;
}

const paragraph = (inner: string, style = 'Plain') =>
  `<text:p text:style-name="${style}">${inner}</text:p>`;
const STAYS = paragraph('Other words stay here.');
const said = ({ name }: Person) => `before ${name} after`;
const note = (inner: string, more = '') =>
  `<office:annotation ${more}><dc:creator>${inner}</dc:creator><dc:date>2026-01-01T00:00:00</dc:date><text:p>ask ${inner}</text:p></office:annotation>`;
const LONG_TEXT =
  'The sun was out all day long in the valley, and the roads were dry as far as the old bridge.';

type Place = (person: Person) => Omit<Flat, 'kind'>;
const text =
  (inner: (person: Person) => string): Place =>
  (person) => ({ body: inner(person) + STAYS });

/** Places in a letter. */
export const LETTERS: Readonly<Record<string, Place>> = {
  paragraph: text((person) => paragraph(said(person)) + paragraph(`before ${person.mail} after`)),
  runs: text(({ name }) =>
    paragraph(
      `before ${name.slice(0, -1)}<text:span text:style-name="Red">${name.slice(-1)}</text:span> after`,
    ),
  ),
  justified: text((person) =>
    paragraph(`${LONG_TEXT} So before ${person.name} after ${LONG_TEXT}`, 'Justified'),
  ),
  centred: text((person) => paragraph(said(person), 'Centred')),
  right: text((person) => paragraph(said(person), 'Right')),
  columns: text(
    (person) =>
      `<text:section text:style-name="Columns" text:name="S">${paragraph(said(person))}${paragraph('and more')}${paragraph('The other column')}</text:section>`,
  ),
  table: text(
    (person) =>
      `<table:table table:name="T"><table:table-column table:number-columns-repeated="2"/><table:table-row><table:table-cell>${paragraph('first')}</table:table-cell><table:table-cell>${paragraph(person.name)}</table:table-cell></table:table-row></table:table>${paragraph(said(person))}`,
  ),
  header: (person) => ({
    body: STAYS,
    master: `<style:header>${paragraph(said(person))}</style:header><style:footer>${paragraph(`before ${person.mail} after`)}</style:footer>`,
  }),
  footnote: text((person) =>
    paragraph(
      `Look below<text:note text:id="n1" text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>${paragraph(said(person))}</text:note-body></text:note><text:note text:id="n2" text:note-class="endnote"><text:note-citation>i</text:note-citation><text:note-body>${paragraph(said(person))}</text:note-body></text:note>`,
    ),
  ),
  comment: text((person) => paragraph(`before ${note(person.name)} after`)),
  frame: text((person) =>
    paragraph(
      `A frame <draw:frame draw:name="${person.name}" svg:width="9cm" svg:height="1cm" text:anchor-type="as-char"><draw:text-box>${paragraph(said(person))}</draw:text-box><svg:title>${person.name}</svg:title><svg:desc>of ${person.mail}</svg:desc></draw:frame>`,
    ),
  ),
  heading: text(
    (person) =>
      `<text:h text:style-name="Plain" text:outline-level="1">${said(person)}</text:h>${paragraph('<text:bookmark text:name="place"/>Below it')}`,
  ),
  hidden: text(({ name }) =>
    paragraph(`before <text:span text:style-name="Hidden">${name}</text:span> after`),
  ),
  white: text(({ name }) =>
    paragraph(`before <text:span text:style-name="White">${name}</text:span> after`),
  ),
  changes: text(
    ({ name }) =>
      `<text:tracked-changes><text:changed-region text:id="c1"><text:deletion><office:change-info><dc:creator>${name}</dc:creator><dc:date>2026-01-01T00:00:00</dc:date></office:change-info>${paragraph(`once ${name}.`)}</text:deletion></text:changed-region></text:tracked-changes>${paragraph('before <text:change text:change-id="c1"/> after')}`,
  ),
  link: text(({ mail }) =>
    paragraph(
      `before <text:a xlink:type="simple" xlink:href="mailto:${mail}">a link</text:a> after`,
    ),
  ),
  variable: text(
    ({ name }) =>
      `<text:user-field-decls><text:user-field-decl office:value-type="string" office:string-value="${name}" text:name="who"/></text:user-field-decls>${paragraph(`before <text:user-field-get text:name="who">${name}</text:user-field-get> after`)}`,
  ),
  field: text(
    (person) =>
      `<office:forms><form:form form:name="f"><form:text form:name="who" form:control-implementation="ooo:com.sun.star.form.component.TextField" xmlns:ooo="http://openoffice.org/2004/office" xml:id="c1" form:id="c1" form:title="${person.name}" form:current-value="${person.mail}" form:value="${person.mail}"/></form:form></office:forms>${paragraph(`${said(person)} <draw:control draw:control="c1" text:anchor-type="as-char" svg:width="9cm" svg:height="0.7cm"/>`)}`,
  ),
  properties: ({ name, mail }) => ({
    body: paragraph('before after') + STAYS,
    meta: `<meta:initial-creator>${name}</meta:initial-creator><dc:creator>${name}</dc:creator><dc:title>About ${name}</dc:title><dc:subject>${mail}</dc:subject><dc:description>${name}</dc:description><meta:keyword>${mail}</meta:keyword><meta:user-defined meta:name="Client">${name}</meta:user-defined>`,
  }),
};

const cell = (inner: string, more = '') =>
  `<table:table-cell office:value-type="string" ${more}>${inner}</table:table-cell>`;
const row = (...cells: string[]) => `<table:table-row>${cells.join('')}</table:table-row>`;
const words = (inner: string) => `<text:p>${inner}</text:p>`;
const sheet = (name: string, rows: string, more = '') =>
  `<table:table table:name="${name}" ${more}><table:table-column table:style-name="Wide" table:number-columns-repeated="4"/>${rows}</table:table>`;
/** Else the suite makes the box of a comment as large as its text. */
const BOX = 'draw:style-name="Fixed" svg:width="6cm" svg:height="2cm" svg:x="6cm" svg:y="0cm"';
const FRUIT = row(cell(words('Fruit')), cell(words('before after')));

/** Places in a workbook. */
export const SHEETS: Readonly<Record<string, Place>> = {
  cell: (person) => ({
    body: sheet('Fruit', FRUIT + row(cell(words(said(person))), cell(words(person.mail)))),
  }),
  formula: ({ name, mail }) => ({
    body: sheet(
      'Fruit',
      FRUIT +
        row(
          cell(words(mail)),
          cell(words(mail), `table:formula="of:=[.A2]" office:string-value="${mail}"`),
          cell(
            words(name),
            `table:formula="of:=IF(1=1;&quot;${name}&quot;;0)" office:string-value="${name}"`,
          ),
        ),
    ),
  }),
  comment: ({ name }) => ({
    body: sheet('Fruit', FRUIT + row(cell(note(name, BOX) + words('apples')))),
  }),
  hidden: (person) => ({
    body:
      sheet(
        'Fruit',
        FRUIT +
          `<table:table-row table:visibility="collapse">${cell(words(said(person)))}</table:table-row>`,
      ) + sheet('More', row(cell(words(person.mail)))),
  }),
  names: ({ name, mail }) => ({
    body: `<table:content-validations><table:content-validation table:name="v1" table:condition="of:cell-content-is-in-list(&quot;apples&quot;;&quot;${name}&quot;)" table:base-cell-address="Fruit.A2"/></table:content-validations>${sheet(name, FRUIT + row(cell(words('apples'), 'table:content-validation-name="v1"')))}<table:named-expressions><table:named-expression table:name="contact" table:base-cell-address="$'${name}'.$A$1" table:expression="&quot;${mail}&quot;"/></table:named-expressions>`,
  }),
};

const box = (inner: string, top: number) =>
  `<draw:frame svg:x="1cm" svg:y="${top}cm" svg:width="16cm" svg:height="1cm"><draw:text-box>${paragraph(inner)}</draw:text-box></draw:frame>`;
const slide = (inner: string, more = '') =>
  `<draw:page draw:name="p${inner.length}" draw:master-page-name="Standard">${box('Other words stay here', 6)}${inner}${more}</draw:page>`;

/** Places in a show. */
export const SHOWS: Readonly<Record<string, Place>> = {
  slide: (person) => ({ body: slide(box(said(person), 1) + box(person.mail, 3)) }),
  notes: (person) => ({
    body: slide(
      box('before after', 1),
      `<presentation:notes><draw:frame presentation:class="notes" svg:x="1cm" svg:y="9cm" svg:width="16cm" svg:height="3cm"><draw:text-box>${words(said(person))}</draw:text-box></draw:frame></presentation:notes>`,
    ),
  }),
  comment: ({ name }) => ({ body: slide(box('before after', 1), note(name)) }),
  picture: ({ name, mail }) => ({
    body: slide(
      `${box('before after', 1)}<draw:rect draw:name="${name}" svg:x="1cm" svg:y="3cm" svg:width="4cm" svg:height="1cm"><svg:title>${name}</svg:title><svg:desc>${mail}</svg:desc>${paragraph('A box')}</draw:rect>`,
    ),
  }),
};
