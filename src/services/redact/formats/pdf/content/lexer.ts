/**
 * Tokens of a content stream (ISO 32000-1, 7.8.2), grouped into operators with their operands and
 * their place in the bytes: what is not changed is later copied as it stood.
 */
export type Token =
  | { kind: 'number'; value: number }
  | { kind: 'name'; value: string }
  | { kind: 'string'; bytes: Uint8Array }
  | { kind: 'array'; items: Token[] }
  | { kind: 'dict'; items: Token[] }
  | { kind: 'word'; value: string };

export interface Operation {
  operator: string;
  operands: Token[];
  /** From the first operand to behind the operator. */
  start: number;
  end: number;
}

/** Nested arrays in a content stream are at most two deep; hostile ones go on for ever. */
const DEEPEST = 20;

const WHITE = new Set([0, 9, 10, 12, 13, 32]);
const DELIMITERS = new Set([...'()<>[]{}/%'].map((character) => character.charCodeAt(0)));

export function readOperations(bytes: Uint8Array): Operation[] {
  return new Lexer(bytes).operations();
}

class Lexer {
  private readonly bytes: Uint8Array;
  private position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  operations(): Operation[] {
    const operations: Operation[] = [];
    let operands: Token[] = [];
    let start = -1;
    for (;;) {
      this.skipWhite();
      if (this.position >= this.bytes.length) break;
      if (start < 0) start = this.position;
      const token = this.token(0);
      if (!token) continue;
      if (token.kind !== 'word' || /^(?:true|false|null)$/.test(token.value)) {
        operands.push(token);
        continue;
      }
      if (token.value === 'BI') this.skipInlineImage();
      operations.push({ operator: token.value, operands, start, end: this.position });
      operands = [];
      start = -1;
    }
    return operations;
  }

  private skipWhite(): void {
    for (; this.position < this.bytes.length; this.position++) {
      const byte = this.bytes[this.position] ?? 0;
      if (byte === 0x25) {
        while (this.position < this.bytes.length && !isLineEnd(this.bytes[this.position]))
          this.position++;
      } else if (!WHITE.has(byte)) return;
    }
  }

  private token(depth: number): Token | null {
    const byte = this.bytes[this.position] ?? 0;
    switch (byte) {
      case 0x28: // (
        return { kind: 'string', bytes: this.literalString() };
      case 0x3c: // <
        return this.bytes[this.position + 1] === 0x3c
          ? this.dict(depth)
          : { kind: 'string', bytes: this.hexString() };
      case 0x5b: // [
        this.position++;
        return { kind: 'array', items: this.until(0x5d, depth) };
      case 0x2f: // /
        this.position++;
        return { kind: 'name', value: nameOf(this.run()) };
      case 0x29: // stray closers
      case 0x3e:
      case 0x5d:
      case 0x7b:
      case 0x7d:
        this.position++;
        return null;
    }
    const text = this.run();
    const value = numberOf(text);
    return value === null ? { kind: 'word', value: text } : { kind: 'number', value };
  }

  private until(closer: number, depth: number): Token[] {
    const items: Token[] = [];
    for (;;) {
      this.skipWhite();
      if (this.position >= this.bytes.length) return items;
      if (this.bytes[this.position] === closer) {
        this.position++;
        return items;
      }
      const token = depth < DEEPEST ? this.token(depth + 1) : this.skipByte();
      if (token) items.push(token);
    }
  }

  private skipByte(): null {
    this.position++;
    return null;
  }

  private dict(depth: number): Token {
    this.position += 2;
    const items = this.until(0x3e, depth);
    if (this.bytes[this.position] === 0x3e) this.position++;
    return { kind: 'dict', items };
  }

  /** Characters up to white space or a delimiter; always moves on. */
  private run(): string {
    const start = this.position;
    while (this.position < this.bytes.length) {
      const byte = this.bytes[this.position] ?? 0;
      if (WHITE.has(byte) || DELIMITERS.has(byte)) break;
      this.position++;
    }
    return String.fromCharCode(
      ...this.bytes.subarray(start, Math.min(this.position, start + 1000)),
    );
  }

  private literalString(): Uint8Array {
    const out: number[] = [];
    let depth = 1;
    this.position++;
    while (this.position < this.bytes.length) {
      const byte = this.bytes[this.position++] ?? 0;
      if (byte === 0x5c) {
        this.escape(out);
        continue;
      }
      if (byte === 0x28) depth++;
      if (byte === 0x29 && --depth === 0) break;
      // A line end in a string is one line feed, however it is written.
      if (byte === 13) {
        if (this.bytes[this.position] === 10) this.position++;
        out.push(10);
      } else out.push(byte);
    }
    return Uint8Array.from(out);
  }

  private escape(out: number[]): void {
    const byte = this.bytes[this.position++] ?? 0;
    if (byte >= 0x30 && byte <= 0x37) {
      let value = byte - 0x30;
      for (let i = 0; i < 2; i++) {
        const next = this.bytes[this.position] ?? 0;
        if (next < 0x30 || next > 0x37) break;
        value = value * 8 + next - 0x30;
        this.position++;
      }
      out.push(value & 255);
    } else if (byte === 13) {
      if (this.bytes[this.position] === 10) this.position++;
    } else if (byte !== 10) {
      const at = 'nrtbf'.indexOf(String.fromCharCode(byte));
      out.push([10, 13, 9, 8, 12][at] ?? byte);
    }
  }

  private hexString(): Uint8Array {
    let digits = '';
    this.position++;
    while (this.position < this.bytes.length) {
      const byte = this.bytes[this.position++] ?? 0;
      if (byte === 0x3e) break;
      const character = String.fromCharCode(byte);
      if (/[0-9a-fA-F]/.test(character)) digits += character;
    }
    return Uint8Array.from(Buffer.from(digits.length % 2 ? `${digits}0` : digits, 'hex'));
  }

  /** To behind `EI`: which stands after white space and before white space or the end. */
  private skipInlineImage(): void {
    const { bytes } = this;
    while (this.position < bytes.length) {
      this.skipWhite();
      if (bytes[this.position] === 0x49 && bytes[this.position + 1] === 0x44) break;
      if (this.position < bytes.length) this.token(0);
    }
    this.position += 3;
    for (; this.position < bytes.length; this.position++) {
      const isEnd =
        bytes[this.position] === 0x45 &&
        bytes[this.position + 1] === 0x49 &&
        WHITE.has(bytes[this.position - 1] ?? 0) &&
        (this.position + 2 >= bytes.length || WHITE.has(bytes[this.position + 2] ?? 0)) &&
        looksLikeContent(bytes.subarray(this.position + 2, this.position + 14));
      if (isEnd) {
        this.position += 2;
        return;
      }
    }
  }
}

/** Behind a real `EI` stand operators, not the bytes of an image. */
function looksLikeContent(bytes: Uint8Array): boolean {
  return bytes.every((byte) => (byte >= 32 && byte < 127) || WHITE.has(byte));
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === 10 || byte === 13;
}

function nameOf(text: string): string {
  return text.replace(/#([0-9a-fA-F]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** As readers take them: `--5` is 5 to some, `5-3` is 5; what is no number is a word. */
function numberOf(text: string): number | null {
  const match = /^([+-]{0,3})(\d{0,40})(?:\.(\d{0,40}))?(?:-\d{0,40})?$/.exec(text);
  if (!match || (!match[2] && !match[3])) return null;
  const value = Number(`${match[2] || '0'}.${match[3] || '0'}`);
  return match[1]?.startsWith('-') ? -value : value;
}
