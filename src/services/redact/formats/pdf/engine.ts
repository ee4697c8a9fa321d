/**
 * PDFium as WebAssembly: one module a thread, loaded at first use. Everything here speaks in
 * pointers; `PdfiumDocument` is as far as they get. Views on the heap go stale whenever it grows,
 * so they are read anew each time.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { init, type WrappedPdfiumModule } from '@embedpdf/pdfium';
import { Fault } from '../../../../kernel/fault.ts';

export type Pdfium = WrappedPdfiumModule;

let loading: Promise<Pdfium> | undefined;

export function loadPdfium(): Promise<Pdfium> {
  loading ??= (async () => {
    const path = createRequire(import.meta.url).resolve('@embedpdf/pdfium/pdfium.wasm');
    const wasm = readFileSync(path);
    const wasmBinary = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength);
    const pdfium = await init({ wasmBinary: wasmBinary as ArrayBuffer });
    pdfium.PDFiumExt_Init();
    return pdfium;
  })();
  return loading;
}

/** FPDF_GetLastError: password missing or wrong; a security scheme that is not known. */
const ERROR_PASSWORD = 4;
const ERROR_SECURITY = 5;
/** FPDF_SaveAsCopy: a whole new file (2), without encryption (3). Never 1: it keeps the old revision. */
const SAVE_WHOLE_UNLOCKED = 3;

interface OpenPage {
  page: number;
  textPage: number;
}

/** An open page of text takes some 300 kB. */
const MOST_OPEN = 128;

export class PdfiumDocument {
  readonly pdfium: Pdfium;
  readonly pointer: number;
  private readonly buffer: number;
  /** Pages that are open, the one used last at the end. */
  private readonly open = new Map<number, OpenPage>();

  private constructor(pdfium: Pdfium, pointer: number, buffer: number) {
    this.pdfium = pdfium;
    this.pointer = pointer;
    this.buffer = buffer;
  }

  /** Fault `unreadable_file` where PDFium cannot open it. The caller closes. */
  static async open(bytes: Uint8Array, password?: string): Promise<PdfiumDocument> {
    const pdfium = await loadPdfium();
    const buffer = allocate(pdfium, bytes.length);
    heapOf(pdfium).set(bytes, buffer);
    // PDFium reads from the buffer until the document is closed.
    const pointer = pdfium.FPDF_LoadMemDocument(buffer, bytes.length, password ?? '');
    if (pointer !== 0) return new PdfiumDocument(pdfium, pointer, buffer);
    const error = pdfium.FPDF_GetLastError();
    pdfium.pdfium.wasmExports.free(buffer);
    if (error === ERROR_PASSWORD) {
      throw new Fault(
        'unreadable_file',
        password === undefined
          ? 'The PDF is encrypted. Send its password in the field "password".'
          : 'The password does not open this PDF.',
      );
    }
    throw new Fault(
      'unreadable_file',
      error === ERROR_SECURITY
        ? 'The PDF is encrypted in a way that is not supported.'
        : 'The file is not a readable PDF.',
    );
  }

  get pageCount(): number {
    return this.pdfium.FPDF_GetPageCount(this.pointer);
  }

  /** Lends a page, to be changed. Fault `unreadable_file` where it is broken. */
  withPage<T>(index: number, use: (page: number) => T): T {
    this.closePage(index);
    const page = this.loadPage(index);
    try {
      return use(page);
    } finally {
      this.pdfium.FPDF_ClosePage(page);
    }
  }

  /** Lends a page to be looked at, and its text; it stays open, for it is often asked for again. */
  withTextPage<T>(index: number, use: (textPage: number, page: number) => T): T {
    let open = this.open.get(index);
    if (open) this.open.delete(index);
    else {
      const page = this.loadPage(index);
      open = { page, textPage: this.pdfium.FPDFText_LoadPage(page) };
      const [oldest] = this.open.keys();
      if (this.open.size >= MOST_OPEN && oldest !== undefined) this.closePage(oldest);
    }
    this.open.set(index, open);
    return use(open.textPage, open.page);
  }

  private closePage(index: number): void {
    const open = this.open.get(index);
    if (!open) return;
    this.pdfium.FPDFText_ClosePage(open.textPage);
    this.pdfium.FPDF_ClosePage(open.page);
    this.open.delete(index);
  }

  private loadPage(index: number): number {
    const page = this.pdfium.FPDF_LoadPage(this.pointer, index);
    if (page !== 0) return page;
    throw new Fault('unreadable_file', `Page ${index + 1} of the PDF cannot be read.`);
  }

  /** The whole document anew: no earlier revision, no encryption. */
  save(): Uint8Array {
    const { pdfium } = this;
    const writer = pdfium.PDFiumExt_OpenFileWriter();
    try {
      if (!pdfium.FPDF_SaveAsCopy(this.pointer, writer, SAVE_WHOLE_UNLOCKED)) {
        throw new Fault('unreadable_file', 'The PDF cannot be written again.');
      }
      const sizeBytes = pdfium.PDFiumExt_GetFileWriterSize(writer);
      return withMemory(pdfium, sizeBytes, (pointer) => {
        pdfium.PDFiumExt_GetFileWriterData(writer, pointer, sizeBytes);
        return heapOf(pdfium).slice(pointer, pointer + sizeBytes);
      });
    } finally {
      pdfium.PDFiumExt_CloseFileWriter(writer);
    }
  }

  /** Lets go of the pages that are open; they are opened again when they are asked for. */
  closePages(): void {
    for (const index of [...this.open.keys()]) this.closePage(index);
  }

  close(): void {
    this.closePages();
    this.pdfium.FPDF_CloseDocument(this.pointer);
    this.pdfium.pdfium.wasmExports.free(this.buffer);
  }
}

/** The module's memory, as it is now. */
export function heapOf(pdfium: Pdfium): Uint8Array<ArrayBuffer> {
  return (pdfium.pdfium as unknown as { HEAPU8: Uint8Array<ArrayBuffer> }).HEAPU8;
}

export function withMemory<T>(pdfium: Pdfium, sizeBytes: number, use: (pointer: number) => T): T {
  const pointer = allocate(pdfium, sizeBytes);
  try {
    return use(pointer);
  } finally {
    pdfium.pdfium.wasmExports.free(pointer);
  }
}

function allocate(pdfium: Pdfium, sizeBytes: number): number {
  const pointer = pdfium.pdfium.wasmExports.malloc(Math.max(sizeBytes, 1));
  if (pointer === 0) throw new Fault('unavailable', 'There is not enough memory for this file.');
  return pointer;
}
