/** Makes docs/samples/letter.pdf, the document of the first minute. Everything in it is made up. */
import { writeFileSync } from 'node:fs';
import { PDFDocument, StandardFonts } from '@cantoo/pdf-lib';

const LINES = [
  'Dear Ms Example,',
  '',
  'thank you for your call. Please send the signed form to',
  'claims@insurer.example or call 202-555-0143.',
  '',
  'We have these details of yours on file:',
  'Social security number: 536-22-8726',
  'Card on file: 4111 1111 1111 1111',
  'IBAN: DE89 3704 0044 0532 0130 00',
  '',
  'The weather in the valley was fine all week.',
];

const pdf = await PDFDocument.create();
pdf.setCreationDate(new Date(0));
pdf.setModificationDate(new Date(0));
const font = await pdf.embedFont(StandardFonts.Helvetica);
const page = pdf.addPage([595, 842]);
LINES.forEach((line, i) => {
  page.drawText(line, { x: 72, y: 760 - i * 22, size: 12, font });
});
writeFileSync('docs/samples/letter.pdf', await pdf.save());
