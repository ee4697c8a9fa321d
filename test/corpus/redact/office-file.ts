/** Writes small office files by hand: the parts that a test names, and those that a reader needs. */
import { strToU8, zipSync } from 'fflate';

export type Parts = Record<string, string | Uint8Array>;

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MIME = 'application/vnd.openxmlformats-officedocument';
const RELS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const P =
  'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"';

function zipped(main: string, type: string, parts: Parts): Buffer {
  const all: Parts = {
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/${main}" ContentType="${MIME}.${type}.main+xml"/></Types>`,
    '_rels/.rels': relations([['officeDocument', main]]),
    ...parts,
  };
  const entries = Object.entries(all).map(([name, content]) => [
    name,
    typeof content === 'string' ? strToU8(HEAD + content) : content,
  ]);
  return Buffer.from(zipSync(Object.fromEntries(entries)));
}

export function relations(targets: [type: string, target: string, mode?: string][]): string {
  const all = targets.map(
    ([type, target, mode], i) =>
      `<Relationship Id="rId${i + 1}" Type="${RELS}/${type}" Target="${target}"${mode ? ` TargetMode="${mode}"` : ''}/>`,
  );
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.join('')}</Relationships>`;
}

/** A letter: `body` is what stands in `w:body`. */
export function docxFile(body: string, parts: Parts = {}): Buffer {
  return zipped('word/document.xml', 'wordprocessingml.document', {
    'word/document.xml': `<w:document ${W} xmlns:r="${RELS}"><w:body>${body}<w:sectPr/></w:body></w:document>`,
    ...parts,
  });
}

/** A paragraph of runs, each text a run of its own. */
export function paragraph(...texts: string[]): string {
  return `<w:p>${texts.map((text) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`).join('')}</w:p>`;
}

export function wordPart(element: string, inner: string): string {
  return `<w:${element} ${W}>${inner}</w:${element}>`;
}

/** A workbook of one sheet: `rows` is what stands in `sheetData`. */
export function xlsxFile(rows: string, strings: string[] = [], parts: Parts = {}): Buffer {
  return zipped('xl/workbook.xml', 'spreadsheetml.sheet', {
    'xl/workbook.xml': `<workbook ${S} xmlns:r="${RELS}"><sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations([
      ['worksheet', 'worksheets/sheet1.xml'],
      ['sharedStrings', 'sharedStrings.xml'],
      ['styles', 'styles.xml'],
    ]),
    'xl/worksheets/sheet1.xml': `<worksheet ${S}><sheetData>${rows}</sheetData></worksheet>`,
    'xl/sharedStrings.xml': `<sst ${S}>${strings.map((text) => `<si><t>${text}</t></si>`).join('')}</sst>`,
    'xl/styles.xml': `<styleSheet ${S}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
    ...parts,
  });
}

/** A show of slides, one paragraph each. */
export function pptxFile(slides: string[], parts: Parts = {}): Buffer {
  const all: Parts = {
    'ppt/presentation.xml': `<p:presentation ${P}/>`,
    'ppt/_rels/presentation.xml.rels': relations(
      slides.map((_, i) => ['slide', `slides/slide${i + 1}.xml`]),
    ),
  };
  for (const [i, inner] of slides.entries()) all[`ppt/slides/slide${i + 1}.xml`] = slideXml(inner);
  return zipped('ppt/presentation.xml', 'presentationml.presentation', { ...all, ...parts });
}

export function slideXml(inner: string): string {
  return `<p:sld ${P}><p:cSld><p:spTree><p:sp><p:txBody>${inner}</p:txBody></p:sp></p:spTree></p:cSld></p:sld>`;
}

export function slideText(...texts: string[]): string {
  return `<a:p>${texts.map((text) => `<a:r><a:t>${text}</a:t></a:r>`).join('')}</a:p>`;
}
