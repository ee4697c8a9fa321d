/** What every reader of words gives, and which one reads here. */
import { libraryReader } from './library.ts';
import { nativeReader } from './native.ts';

export interface Rectangle {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface ReadLetter {
  text: string;
  box: Rectangle;
}

export interface ReadWord {
  text: string;
  box: Rectangle;
  letters: ReadLetter[];
  /** 0 to 100. */
  confidence: number;
}

export interface Recognised {
  lines: ReadWord[][];
  /** Radians, clockwise, by which the reader has turned the picture before it read it. */
  turned: number;
  /** Radians by which it would have to be turned, as far as the reader can tell. */
  skew: number;
}

export interface Reader {
  /** Reads a PNG. `mayTurn`: it may turn it first, where it lies askew. */
  recognise(png: Buffer, mayTurn: boolean): Promise<Recognised>;
}

export interface OcrSettings {
  /** As Tesseract calls them: `eng`, `deu`. */
  languages: readonly string[];
  /** Where their `LANGUAGE.traineddata` lie; unset: what is shipped or installed. */
  dataDir?: string;
}

let settings: OcrSettings = { languages: ['eng'] };
let choosing: Promise<Reader> | null = null;

/** For this thread, from now on. */
export function configureOcr(given: OcrSettings): void {
  if (JSON.stringify(given) === JSON.stringify(settings)) return;
  settings = given;
  choosing = null;
}

/** What the words of a picture depend on, beside its pixels. */
export function readingKey(): string {
  return `${settings.languages.join('+')} ${settings.dataDir ?? ''}`;
}

/** The installed Tesseract, where it has the languages: twice as fast. Otherwise the shipped one. */
export function reader(): Promise<Reader> {
  choosing ??= nativeReader(settings).then((native) => native ?? libraryReader(settings));
  return choosing;
}
