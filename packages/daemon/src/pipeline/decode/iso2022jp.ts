/**
 * Converts ISO-2022-JP (RFC 1468) to EUC-JP. In ISO-2022-JP, escape sequences set the meaning of the bytes after them;
 * in EUC-JP, each byte shows it.
 */
import { UNREADABLE } from './transcoder.js';

const ESC = 0x1b;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Modes by the two bytes after ESC. Roman is ASCII with ¥ and ‾ for \ and ~; it is read as ASCII because programs write
 * it for ASCII.
 */
const MODES: Readonly<Record<string, 'ascii' | 'katakana' | 'kanji'>> = {
  '(B': 'ascii',
  '(J': 'ascii',
  '(I': 'katakana',
  $B: 'kanji',
  '$@': 'kanji',
};

/**
 * Converts bytes of ISO-2022-JP to EUC-JP; chunks may end anywhere. Invalid bytes become 0xFF, which EUC-JP does not
 * define either. A line end counts in any mode, so that a faulty record does not damage the next one.
 */
export class EucJpWriter {
  #mode: 'ascii' | 'katakana' | 'kanji' = 'ascii';
  /** The bytes read so far after an ESC; the first byte of a pair. */
  #escape: string | undefined;
  #lead: number | undefined;

  write(chunk: Uint8Array): Uint8Array {
    const out: number[] = [];
    for (const byte of chunk) this.#step(byte, out);
    return Uint8Array.from(out);
  }

  end(): Uint8Array {
    return Uint8Array.from(this.#escape === undefined && this.#lead === undefined ? [] : [UNREADABLE]);
  }

  #step(byte: number, out: number[]): void {
    if (this.#escape !== undefined) {
      const begun = this.#escape + String.fromCharCode(byte);
      const isStart = Object.keys(MODES).some((known) => known.startsWith(begun));
      this.#escape = isStart && begun.length < 2 ? begun : undefined;
      if (isStart) {
        this.#mode = MODES[begun] ?? this.#mode;
        return;
      }
      out.push(UNREADABLE);
    }
    if (byte === ESC || byte < 0x21 || byte > 0x7e || this.#mode === 'ascii') {
      if (this.#lead !== undefined) out.push(UNREADABLE);
      this.#lead = undefined;
      if (byte === ESC) this.#escape = '';
      else out.push(byte < 0x80 ? byte : UNREADABLE);
      if (byte === LF || byte === CR) this.#mode = 'ascii';
    } else if (this.#mode === 'katakana') {
      if (byte <= 0x5f) out.push(0x8e, byte | 0x80);
      else out.push(UNREADABLE);
    } else if (this.#lead === undefined) this.#lead = byte;
    else {
      out.push(this.#lead | 0x80, byte | 0x80);
      this.#lead = undefined;
    }
  }
}
