/** What the contents of pages say beside what they paint, and which resources they own. */
import { PDFDict, type PDFDocument, PDFName, PDFRawStream } from '@cantoo/pdf-lib';
import { withoutReplacementTexts } from '../content/properties.ts';
import { contentsOf, flateStream } from './flate.ts';
import { nameOf } from './library.ts';

/**
 * Marked content may say in other words what is painted, and readers then believe it instead of
 * what they see: it goes first, so that what is read and redacted is what is painted.
 */
export function dropReplacementTexts({ context }: PDFDocument): void {
  for (const [ref, object] of context.enumerateIndirectObjects()) {
    if (!(object instanceof PDFRawStream) || !isContent(object.dict)) continue;
    const content = contentOfStream(object);
    // Names may be written with escapes.
    if (!content?.includes('BDC') && !content?.includes('DP')) continue;
    if (!/ActualText|Alt|\/E\b|#|Lang/.test(content.toString('latin1'))) continue;
    const cleaned = flateStream(context, withoutReplacementTexts(content));
    for (const [key, value] of object.dict.entries()) {
      if (!['Filter', 'DecodeParms', 'Length'].includes(key.decodeText()))
        cleaned.dict.set(key, value);
    }
    context.assign(ref, cleaned);
  }
}

/** Contents of pages have no type; images, fonts and the like do. */
function isContent(dict: PDFDict): boolean {
  const subtype = nameOf(dict, 'Subtype');
  return subtype === 'Form' || (subtype === undefined && nameOf(dict, 'Type') === undefined);
}

function contentOfStream(stream: PDFRawStream): Buffer | null {
  try {
    return Buffer.from(contentsOf(stream));
  } catch {
    return null;
  }
}

/** Each page gets the resources that it inherits, so that what it no longer uses can go. */
export function ownResources(document: PDFDocument): void {
  const resources = PDFName.of('Resources');
  for (const { node } of document.getPages()) {
    const inherited = node.getInheritableAttribute(resources);
    if (inherited && !node.has(resources)) node.set(resources, inherited);
  }
  for (const [, object] of document.context.enumerateIndirectObjects()) {
    if (object instanceof PDFDict && nameOf(object, 'Type') === 'Pages') object.delete(resources);
  }
}
