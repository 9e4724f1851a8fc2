/** Decides whether a file is UTF-8, based on all of its bytes. */
import { isAscii, isUtf8 } from 'node:buffer';

/** What the lines of a text say about its encoding. */
export interface Verdict {
  /** Undefined if some lines clearly are UTF-8 and most clearly are not. */
  encoding: 'utf-8' | 'iso-2022-jp' | 'other' | undefined;
  /** Number of lines with non-ASCII characters, all of them valid UTF-8. */
  goodLines: number;
  /** Number of lines with at least one byte that is not UTF-8. */
  badLines: number;
  /** Number of bytes and sequences that are not UTF-8, and the offset of the first; -1 if there are none. */
  damage: number;
  firstDamage: number;
}

/** Damaged UTF-8 still counts as UTF-8 up to this many bad lines for each good one. The bad records are rejected. */
const BAD_LINES_TO_ONE = 4;
/**
 * Up to this many bad lines for each good one, the good ones are not an accident: the file mixes encodings, or has a
 * multi-byte encoding (about 1 in 20 lines of GB 2312 text happens to be valid UTF-8).
 */
const MIXED_LINES_TO_ONE = 100;

/**
 * Takes all (decompressed) bytes of a file without a byte order mark or a requested encoding, in chunks of any size,
 * and then decides about its encoding. Counts lines, not characters, because damage affects whole records: a system
 * wrote a row in a different encoding.
 * - `utf-8` if every byte is valid, or if there is at least one line of valid characters for every 4 lines with
 *   damage; the damaged records are rejected later, one by one.
 * - `undefined` if there are fewer valid lines, but too many for an accident: if they were read as windows-1252,
 *   their text would be changed silently.
 * - `iso-2022-jp` if all bytes are ASCII and include the escape sequences of that encoding, which no other text has.
 * - otherwise `other`. Text in a single-byte encoding is almost never valid UTF-8 by accident: each accented letter
 *   between ASCII letters is damage.
 *
 * Counts damage as the Unicode standard replaces it (section 3.9, maximal subparts): once for each byte or incomplete
 * sequence that cannot be read.
 */
export class EncodingVerdict {
  #goodLines = 0;
  #badLines = 0;
  #damage = 0;
  #firstDamage = -1;
  /** Offset of the current chunk. */
  #base = 0;
  /** Whether the current line has valid non-ASCII characters, and whether it has damage. */
  #lineGood = false;
  #lineBad = false;
  /**
   * Of an open sequence: number of continuation bytes still missing, range of the next one, first byte and its offset.
   */
  #needed = 0;
  #lower = 0x80;
  #upper = 0xbf;
  #lead = 0;
  #leadAt = 0;
  /** Whether there are escape sequences of ISO-2022-JP; the last two bytes before the current block, if one is ESC. */
  #escapes = false;
  #before = '';

  /** Takes the next bytes; keeps none of them. */
  add(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#needed > 0) {
        this.#step(chunk[at]!, this.#base + at);
        at++;
        continue;
      }
      const end = Math.min(at + BLOCK_BYTES, chunk.length);
      const whole = end - openBytes(chunk, at, end);
      const to = whole > at ? whole : end;
      const block = chunk.subarray(at, to);
      if (isAscii(block)) this.#passAscii(block);
      else if (isUtf8(block)) this.#passValid(block);
      else this.#passDamaged(chunk, at, to);
      at = to;
    }
    this.#base += chunk.length;
  }

  /** Returns the verdict about all bytes so far, as if the file ended here. */
  result(): Verdict {
    const cutOff = this.#needed > 0;
    const bad = this.#lineBad || cutOff;
    const badLines = this.#badLines + (bad ? 1 : 0);
    const goodLines = this.#goodLines + (this.#lineGood && !bad ? 1 : 0);
    const firstDamage = this.#firstDamage < 0 && cutOff ? this.#leadAt : this.#firstDamage;
    const damage = this.#damage + (cutOff ? 1 : 0);
    const isAscii = goodLines === 0 && badLines === 0;
    const encoding = isAscii && this.#escapes ? 'iso-2022-jp' : encodingBy(goodLines, badLines);
    return { encoding, goodLines, badLines, damage, firstDamage };
  }

  #passAscii(block: Uint8Array): void {
    if (this.#before !== '' || block.includes(ESC)) this.#lookForEscapes(block);
    if ((this.#lineGood || this.#lineBad) && (block.includes(LF) || block.includes(CR))) this.#endLine();
  }

  #lookForEscapes(block: Uint8Array): void {
    const text = this.#before + Buffer.from(block).toString('latin1');
    this.#escapes ||= ISO_2022_JP.some((sequence) => text.includes(sequence));
    const end = text.slice(-2);
    this.#before = end.includes('\x1b') ? end : '';
  }

  /**
   * Counts the lines of valid bytes. Skips four irrelevant bytes at a time: this runs at 1.1 to 1.7 GB/s, a loop over
   * bytes at 0.5 GB/s.
   */
  #passValid(block: Uint8Array): void {
    const words = wordsIn(block);
    const firstWord = words.byteOffset - block.byteOffset;
    let at = 0;
    while (at < block.length) {
      const word = (at - firstWord) >> 2;
      if (((at - firstWord) & 3) === 0 && word >= 0 && word < words.length) {
        let next = word;
        // Once a line counts as good or bad, only its end matters.
        if (this.#lineGood || this.#lineBad) while (next < words.length && hasNoEnd(words[next]!)) next++;
        else while (next < words.length && isPlain(words[next]!)) next++;
        at += (next - word) * 4;
        if (at === block.length) return;
      }
      // Byte by byte to the end of this word, and before the first word and after the last.
      const stop = Math.min(block.length, at + 4 - ((at - firstWord) & 3));
      for (; at < stop; at++) {
        const byte = block[at]!;
        if (byte >= 0x80) {
          if (IS_EVIDENCE[byte] === 1) this.#lineGood = true;
        } else if (byte === LF || byte === CR) this.#endLine();
      }
    }
  }

  #passDamaged(chunk: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const byte = chunk[at]!;
      if (byte >= 0x80 || this.#needed > 0) this.#step(byte, this.#base + at);
      else if (byte === LF || byte === CR) this.#endLine();
    }
  }

  #endLine(): void {
    if (this.#lineBad) this.#badLines++;
    else if (this.#lineGood) this.#goodLines++;
    this.#lineBad = false;
    this.#lineGood = false;
  }

  #damaged(offset: number): void {
    this.#damage++;
    this.#lineBad = true;
    if (this.#firstDamage < 0) this.#firstDamage = offset;
  }

  /** Checks one byte against the table of well-formed sequences (Unicode standard, table 3-7). */
  #step(byte: number, offset: number): void {
    if (this.#needed > 0) {
      const fits = byte >= this.#lower && byte <= this.#upper;
      this.#lower = 0x80;
      this.#upper = 0xbf;
      if (fits) {
        if (--this.#needed === 0 && IS_EVIDENCE[this.#lead] === 1) this.#lineGood = true;
        return;
      }
      this.#needed = 0;
      this.#damaged(this.#leadAt);
    }
    if (byte < 0x80) {
      if (byte === LF || byte === CR) this.#endLine();
      return;
    }
    if (byte >= 0xc2 && byte <= 0xdf) this.#needed = 1;
    else if (byte >= 0xe0 && byte <= 0xef) this.#needed = 2;
    else if (byte >= 0xf0 && byte <= 0xf4) this.#needed = 3;
    else this.#damaged(offset);
    this.#lead = byte;
    this.#leadAt = offset;
    if (byte === 0xe0) this.#lower = 0xa0;
    else if (byte === 0xed) this.#upper = 0x9f;
    else if (byte === 0xf0) this.#lower = 0x90;
    else if (byte === 0xf4) this.#upper = 0x8f;
  }
}

const LF = 0x0a;
const CR = 0x0d;
const ESC = 0x1b;
/** Escape sequences that switch to Kanji or Katakana. */
const ISO_2022_JP = ['\x1b$@', '\x1b$B', '\x1b(I'];

/** Only blocks with damage are counted byte by byte. */
const BLOCK_BYTES = 64 * 1024;

/**
 * First bytes of sequences that are evidence for UTF-8: all except C9–CD and DB–DF. In UTF-8 those start rare letters
 * (phonetic signs, combining marks, Syriac, Thaana, N'Ko), but in windows-1252 they are letters like É, ß or Ü, which
 * may come right before a quotation mark, a dash or ®: `CAFÉ”` would count as a line of UTF-8.
 */
const IS_EVIDENCE = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0xc2 && !(byte >= 0xc9 && byte <= 0xcd) && !(byte >= 0xdb && byte <= 0xdf) ? 1 : 0,
);

function encodingBy(goodLines: number, badLines: number): Verdict['encoding'] {
  if (badLines <= BAD_LINES_TO_ONE * goodLines) return 'utf-8';
  return badLines <= MIXED_LINES_TO_ONE * goodLines ? undefined : 'other';
}

/** Returns the complete, aligned 32-bit words of a block. */
function wordsIn(block: Uint8Array): Uint32Array {
  const before = -block.byteOffset & 3;
  const count = Math.max(0, (block.length - before) >> 2);
  // A short block may end before its first aligned byte, where no view can start.
  return count > 0 ? new Uint32Array(block.buffer, block.byteOffset + before, count) : new Uint32Array(0);
}

/** Whether none of four bytes is below 0x10, so that none is a line end. */
function hasNoEnd(word: number): boolean {
  return ((word - 0x10101010) & ~word & 0x80808080) === 0;
}

/** Whether, in addition, all four are ASCII. */
function isPlain(word: number): boolean {
  return ((word | (word - 0x10101010)) & 0x80808080) === 0;
}

/** Returns the number of bytes (0 to 3) before `end` that belong to a sequence that ends after it. */
function openBytes(bytes: Uint8Array, from: number, end: number): number {
  for (let back = 1; back <= 3 && end - back >= from; back++) {
    const byte = bytes[end - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}
