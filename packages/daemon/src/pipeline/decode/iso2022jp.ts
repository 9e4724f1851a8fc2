/** ISO-2022-JP (RFC 1468), in which escape sequences say how the bytes behind them are meant: as EUC-JP, which says it by byte. */
import { UNREADABLE } from './transcoder.js';

const ESC = 0x1b;
const LF = 0x0a;
const CR = 0x0d;

/** By the two bytes behind ESC. Roman is ASCII with ¥ and ‾ for \ and ~; programs write it for ASCII, and so it is read. */
const MODES: Readonly<Record<string, 'ascii' | 'katakana' | 'kanji'>> = {
  '(B': 'ascii',
  '(J': 'ascii',
  '(I': 'katakana',
  $B: 'kanji',
  '$@': 'kanji',
};

/**
 * Writes the bytes of EUC-JP for those of ISO-2022-JP, however they are cut. What has no meaning becomes 0xFF, which EUC-JP
 * does not define either. A line end is one in any mode, so that a record with a fault in it does not take the next along.
 */
export class EucJpWriter {
  #mode: 'ascii' | 'katakana' | 'kanji' = 'ascii';
  /** ESC and what came behind it, as far as it came; the first byte of a pair. */
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
