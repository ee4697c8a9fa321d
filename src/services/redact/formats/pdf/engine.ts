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

/** PDFium's functions as they are: numbers in, a number out, where a pointer or a truth is one, too. */
export type Calls = {
  readonly [Name in keyof Pdfium as Name extends `FPDF${string}` ? Name : never]: (
    ...args: number[]
  ) => number;
};

/** For what is asked thousands of times: the library's wrappers cost more than PDFium's work. */
export function callsOf(pdfium: Pdfium): Calls {
  return pdfium.pdfium.wasmExports as unknown as Calls;
}

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

/** A module that a document has driven this far is not used for the next one: it never shrinks. */
const MOST_HEAP_BYTES = 512 * 1024 * 1024;

const TOO_MUCH = 'The PDF needs more memory than a document may have.';

/** The next document gets a module of its own. */
function discardPdfium(): void {
  loading = undefined;
}

/** What a call of the module gives; a module that broke down in it is not used again. */
function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof Fault && error.message !== TOO_MUCH) throw error;
    discardPdfium();
    if (error instanceof Fault || !isBreakdown(error)) throw error;
    throw new Fault('unreadable_file', TOO_MUCH, {
      internal: `PDFium broke down: ${(error as Error).name}`,
    });
  }
}

function isBreakdown(error: unknown): boolean {
  const { name = '', message = '' } = error instanceof Error ? error : {};
  return /runtimeerror|abort|memory|stack/i.test(`${name} ${message}`);
}

/** FPDF_GetLastError: password missing or wrong; a security scheme that is not known. */
const ERROR_PASSWORD = 4;
const ERROR_SECURITY = 5;
/** FPDF_SaveAsCopy: a whole new file (2), without encryption (3). Never 1: it keeps the old revision. */
const SAVE_WHOLE_UNLOCKED = 3;

interface OpenPage {
  page: number;
  /** 0 until its text is asked for: loading it costs three times what the page does. */
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
    let pdfium = await loadPdfium();
    let buffer = pdfium.pdfium.wasmExports.malloc(bytes.length + 1);
    if (buffer === 0) {
      // The documents before have filled the module.
      discardPdfium();
      pdfium = await loadPdfium();
      buffer = guarded(() => allocate(pdfium, bytes.length));
    }
    heapOf(pdfium).set(bytes, buffer);
    // PDFium reads from the buffer until the document is closed.
    const pointer = guarded(() =>
      pdfium.FPDF_LoadMemDocument(buffer, bytes.length, password ?? ''),
    );
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

  /** A document without pages. The caller closes. */
  static blank(pdfium: Pdfium): PdfiumDocument {
    return new PdfiumDocument(pdfium, pdfium.FPDF_CreateNewDocument(), 0);
  }

  get pageCount(): number {
    return this.pdfium.FPDF_GetPageCount(this.pointer);
  }

  /** Lends a page, to be changed. Fault `unreadable_file` where it is broken. */
  withPage<T>(index: number, use: (page: number) => T): T {
    this.closePage(index);
    const page = this.loadPage(index);
    try {
      return guarded(() => use(page));
    } finally {
      this.pdfium.FPDF_ClosePage(page);
    }
  }

  /** Lends a page to be looked at; it stays open, for it is often asked for again. */
  withOpenPage<T>(index: number, use: (page: number) => T): T {
    const { page } = this.openPage(index);
    return guarded(() => use(page));
  }

  /** The same, and its text. */
  withTextPage<T>(index: number, use: (textPage: number, page: number) => T): T {
    const open = this.openPage(index);
    return guarded(() => {
      open.textPage ||= this.pdfium.FPDFText_LoadPage(open.page);
      return use(open.textPage, open.page);
    });
  }

  private openPage(index: number): OpenPage {
    const open = this.open.get(index) ?? { page: this.loadPage(index), textPage: 0 };
    this.open.delete(index);
    const [oldest] = this.open.keys();
    if (this.open.size >= MOST_OPEN && oldest !== undefined) this.closePage(oldest);
    this.open.set(index, open);
    return open;
  }

  /** Lets go of a page, and of its pictures: those of a rendered scan take tens of megabytes. */
  closePage(index: number): void {
    const open = this.open.get(index);
    if (!open) return;
    if (open.textPage !== 0) this.pdfium.FPDFText_ClosePage(open.textPage);
    this.pdfium.FPDF_ClosePage(open.page);
    this.open.delete(index);
  }

  private loadPage(index: number): number {
    const page = guarded(() => this.pdfium.FPDF_LoadPage(this.pointer, index));
    if (page !== 0) return page;
    throw new Fault('unreadable_file', `Page ${index + 1} of the PDF cannot be read.`);
  }

  /** The whole document anew: no earlier revision, no encryption. */
  save(): Uint8Array {
    const { pdfium } = this;
    const writer = pdfium.PDFiumExt_OpenFileWriter();
    try {
      if (!guarded(() => pdfium.FPDF_SaveAsCopy(this.pointer, writer, SAVE_WHOLE_UNLOCKED))) {
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
    try {
      this.closePages();
      this.pdfium.FPDF_CloseDocument(this.pointer);
      this.pdfium.pdfium.wasmExports.free(this.buffer);
    } catch {
      // What is left of a module that broke down goes with it.
      discardPdfium();
    }
    if (heapOf(this.pdfium).length > MOST_HEAP_BYTES) discardPdfium();
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
  if (pointer === 0) throw new Fault('unreadable_file', TOO_MUCH);
  return pointer;
}
