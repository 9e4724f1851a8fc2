/**
 * Where records begin and end.
 *
 * RFC 4180, section 2, with what files in the wild need: lines may end with LF, CRLF or CR, mixed; the last line
 * may lack its end; blank lines (nothing, or spaces and tabs only, where the tab is not the delimiter) are no
 * records; spaces and tabs between a delimiter and a quote are no text (`a, "b" ,c`), as values are trimmed anyway.
 *
 * A record whose quotes are wrong, or which is over the limit, is a fault that takes its first physical line;
 * reading goes on at the line after it. So one bad quote costs one record, never the rest of the file.
 *
 * Same result at every chunk size: what is decided depends on positions in the file only, and a record that the
 * window does not hold whole is looked at again from its start. Going back a line after an unclosed quote is linear:
 * every line inside such a record but the last has an even number of quotes, so each ends by itself when it is read
 * again. A test counts the bytes looked at.
 */
import { CR, delimiterByte, indexOfByte, LF, QUOTE, SPACE, TAB } from './records/bytes.js';
import type { Cutter } from './records/cutter.js';
import type { TextFormat } from './records/dialectTokens.js';
import type { FrameFault } from './records/fault.js';
import {
  END_CR,
  END_CRLF,
  END_LF,
  kindBefore,
  type LineEnd,
  lineEndKind,
  NO_END,
} from './records/lineEnds.js';
import { isAsciiBlank } from './records/noValue.js';
import { TextWindow } from './records/window.js';

/** How many bytes of a record that cannot be cut are shown where its values would be. */
export const RAW_LIMIT = 8 * 1024;

/** Answers of #lineEndAfter that are no position. */
const MORE = -1;
const NO_LINE_END = -2;

type Outcome = 'record' | 'empty' | 'blank' | 'fault' | 'more' | 'skip';

export interface RecordOptions extends TextFormat {
  /** A record may have so many bytes, its line end not counted. */
  maxRecordBytes: number;
  /** The line end of the file's records, as its survey found it; where not given, none counts as foreign. */
  lineEnd?: LineEnd | undefined;
  /** Offset and line of the first byte pushed; the start of the file where not given. */
  from?: { byteOffset: number; line: number };
}

/**
 * Pull one record after the other: `push` a chunk, call `next` until it says false, `push` again, at last
 * `finish` and `next` until false. The public fields describe the record that `next` found, until it is called again.
 */
export class RecordCutter implements Cutter {
  /** Where the record starts in the window. */
  start = 0;
  /** Where its text ends: its line end comes after. */
  end = 0;
  /** The physical line on which it starts; 1 is the first. */
  line: number;
  /** It has quotes, all of them well placed. */
  quoted = false;
  /** It has doubled quotes inside quoted fields. */
  doubled = false;
  /** It has white space between a quote and a delimiter or line end. */
  padded = false;
  /** Why it cannot be cut into fields. Then `start` to `end` is its first line, one byte more than the limit where it is cut. */
  fault: FrameFault | undefined;
  /** The kind of its line end (see lineEnds.ts). */
  lineEnd = NO_END;
  /** Its line end is not one of the file's own. */
  foreign = false;
  /** Only foreign line ends (its own, and those of blank lines) stand between it and the record before. */
  joined = false;
  /** None of its fields has a value (`,,,`, `"",""`). */
  empty = false;
  /** Whether such records are passed over like blank lines; how many were. */
  passesEmpty = false;
  passedEmpty = 0;
  /** How many blank lines, and records without a value, were passed over. */
  passedLines = 0;
  /** Offset in the text behind the record and its line end (behind its first line, for a fault). */
  nextOffset: number;
  /** The physical line at `nextOffset`. */
  nextLine: number;
  /** How many bytes were looked at so far, for the test that work is linear. */
  bytesScanned = 0;

  readonly #delimiter: number;
  readonly #tabIsBlank: boolean;
  readonly #limit: number;
  /** How many bytes of a faulty line are kept. */
  readonly #kept: number;
  readonly #ownEnd: number;
  readonly #window: TextWindow;
  /**
   * The first LF, CR and quote at or after the record's start; the window's length where there is none. A native
   * search takes 18 ns a record, a loop over its bytes 127 ns; and a file without CR or quotes is searched for them
   * once a window.
   */
  #lfAt = -1;
  #crAt = -1;
  #quoteAt = -1;
  /** Where the record's line end is over, and how many line ends its quoted fields hold. */
  #after = 0;
  #kind = NO_END;
  #breaks = 0;
  /** All line ends since the record before are foreign. */
  #chained = false;
  /** The first bytes of a faulty line whose end has not come yet; the rest is passed over. */
  #skipped: Buffer | undefined;
  #shown: Buffer | undefined;
  /** Lines at the start that are not to be looked at. */
  #toSkip: number;

  /** @param options its dialect may say no more than how many lines to skip (see isUsual) */
  constructor({
    delimiter,
    dialect,
    maxRecordBytes,
    lineEnd,
    from = { byteOffset: 0, line: 1 },
  }: RecordOptions) {
    this.#toSkip = from.byteOffset > 0 ? 0 : (dialect?.skipLines ?? 0);
    this.#delimiter = delimiterByte(delimiter);
    this.#tabIsBlank = this.#delimiter !== TAB;
    this.#limit = maxRecordBytes;
    this.#kept = Math.max(maxRecordBytes, RAW_LIMIT);
    this.#ownEnd = lineEndKind(lineEnd);
    // A record is decided by one byte over the limit, and the LF of a CRLF.
    this.#window = new TextWindow(from.byteOffset, this.#kept + 2);
    this.nextOffset = from.byteOffset;
    this.line = from.line;
    this.nextLine = from.line;
  }

  /** The window that `start` and `end` point into. */
  get bytes(): Buffer {
    return this.#window.bytes;
  }

  /** Takes the next bytes of the text. They are read until `next` says false, and free to be overwritten then. */
  push(chunk: Uint8Array): void {
    this.#window.push(chunk);
    this.#forgetPositions();
    if (this.#toSkip > 0) this.#skipLines();
  }

  /** There are no more bytes. */
  finish(): void {
    this.#window.finish();
    this.#forgetPositions();
    if (this.#toSkip > 0) this.#skipLines();
  }

  /** Finds the next record; false when it needs more bytes, or there are none. */
  next(): boolean {
    const window = this.#window;
    while (window.at < window.bytes.length || (window.ended && this.#skipped !== undefined)) {
      if (this.#skipped === undefined && window.bytes[window.at]! <= SPACE) {
        this.#passBlankLines();
        if (window.at === window.bytes.length) continue;
      }
      const outcome = this.#skipped === undefined ? this.#look() : this.#skipLine();
      if (outcome === 'more') break;
      if (outcome === 'skip') continue;
      const kind = this.#kind;
      const foreign = kind !== this.#ownEnd && kind !== NO_END && this.#ownEnd !== NO_END;
      this.line = this.nextLine;
      this.nextLine += kind === NO_END ? this.#breaks : this.#breaks + 1;
      window.at = this.#after;
      this.nextOffset = window.base + this.#after;
      if (outcome === 'blank' || (outcome === 'empty' && this.passesEmpty)) {
        if (outcome === 'empty') this.passedEmpty++;
        this.passedLines++;
        this.#chained &&= foreign;
        continue;
      }
      this.empty = outcome === 'empty';
      this.lineEnd = kind;
      this.foreign = foreign;
      this.joined = this.#chained;
      this.#chained = foreign;
      return true;
    }
    window.keepRest();
    return false;
  }

  /** The record's bytes; of a faulty one its first line, cut behind the limit. */
  raw(): Buffer {
    if (this.fault !== undefined && this.#shown !== undefined) return this.#shown;
    return this.bytes.subarray(this.start, this.end);
  }

  #forgetPositions(): void {
    this.#lfAt = -1;
    this.#crAt = -1;
    this.#quoteAt = -1;
  }

  /**
   * Moves `at` over the blank lines that the window holds whole: 2 ns a line, where a look at each takes 50 ns. What it
   * cannot decide (a line end that the window may cut, a line over the limit) is left for that look.
   */
  #passBlankLines(): void {
    const { bytes } = this;
    const window = this.#window;
    let line = window.at;
    let lines = 0;
    for (let at = line; at < bytes.length; ) {
      const byte = bytes[at]!;
      if (byte !== LF && byte !== CR) {
        if (!this.#isBlank(byte)) break;
        at++;
        continue;
      }
      if (at - line > this.#limit || (byte === CR && at + 1 === bytes.length)) break;
      at += byte === CR && bytes[at + 1] === LF ? 2 : 1;
      if (this.#chained && kindBefore(bytes, at) === this.#ownEnd) this.#chained = false;
      line = at;
      lines++;
    }
    this.bytesScanned += line - window.at;
    this.nextLine += lines;
    this.passedLines += lines;
    window.at = line;
    this.nextOffset = window.base + line;
  }

  /** Looks at the record that starts at the window's `at`. */
  #look(): Outcome {
    const start = this.#window.at;
    const stop = Math.min(this.bytes.length, start + this.#limit);
    this.start = start;
    this.quoted = false;
    this.doubled = false;
    this.padded = false;
    this.fault = undefined;
    this.#breaks = 0;
    const lineEnd = this.#lineEnd(start);
    if (this.#quoteAt < start) this.#quoteAt = this.#find(QUOTE, start);
    if (this.#quoteAt < lineEnd && this.#quoteAt < stop) return this.#lookQuoted(this.#quoteAt, stop);
    return this.#endAt(Math.min(lineEnd, stop));
  }

  /** The first LF or CR at or after a position that was never asked behind of, or the window's end. */
  #lineEnd(from: number): number {
    if (this.#lfAt < from) this.#lfAt = this.#find(LF, from);
    if (this.#crAt < from) this.#crAt = this.#find(CR, from);
    return Math.min(this.#lfAt, this.#crAt);
  }

  #find(byte: number, from: number): number {
    const at = indexOfByte(this.bytes, byte, from);
    this.bytesScanned += at - from;
    return at;
  }

  /** Looks on from the first quote of a record. */
  #lookQuoted(firstQuote: number, stop: number): Outcome {
    const { bytes } = this;
    const delimiter = this.#delimiter;
    let at = firstQuote;
    let fieldStart = at;
    while (fieldStart > this.start && this.#isBlank(bytes[fieldStart - 1]!)) fieldStart--;
    if (fieldStart > this.start && bytes[fieldStart - 1] !== delimiter)
      return this.#faulty('stray_quote', at);
    this.quoted = true;
    const firstLineEnd = this.#lineEnd(this.start);
    for (;;) {
      if (fieldStart < at) this.padded = true;
      const opened = at;
      for (at = this.#find(QUOTE, at + 1); at < stop; at = this.#find(QUOTE, at + 1)) {
        if (at + 1 === stop || bytes[at + 1] !== QUOTE) break;
        this.doubled = true;
        at++;
      }
      if (at >= stop) return this.#endInQuotes(stop);
      if (at > firstLineEnd) this.#breaks += countLineEnds(bytes, Math.max(opened, firstLineEnd), at);

      const closed = ++at;
      while (at < stop && this.#isBlank(bytes[at]!)) at++;
      if (at > closed) this.padded = true;
      if (at === stop || bytes[at] === LF || bytes[at] === CR) return this.#endAt(at);
      if (bytes[at] !== delimiter) return this.#faulty('text_after_quote', at);

      fieldStart = ++at;
      let blank = true;
      for (; at < stop; at++) {
        const byte = bytes[at]!;
        if (byte === delimiter) {
          fieldStart = at + 1;
          blank = true;
        } else if (byte === LF || byte === CR) return this.#endAt(at);
        else if (byte === QUOTE) break;
        else if (!this.#isBlank(byte)) blank = false;
      }
      if (at === stop) return this.#endAt(at);
      if (!blank) return this.#faulty('stray_quote', at);
    }
  }

  /** The record ends at a position outside of quotes, unless the limit stands there. */
  #endAt(at: number): Outcome {
    const { bytes, start } = this;
    const after = this.#lineEndAfter(at);
    if (this.quoted) this.bytesScanned += at - start;
    if (after === MORE) return 'more';
    if (after === NO_LINE_END) return this.#faulty(this.quoted ? 'too_long_quoted' : 'too_long', at);
    this.end = at;
    this.#after = after;
    let text = start;
    while (text < at && this.#isBlank(bytes[text]!)) text++;
    if (text === at) return 'blank';
    const first = bytes[text]!;
    return (first === this.#delimiter || first === QUOTE) && this.#hasNoValue(text, at) ? 'empty' : 'record';
  }

  /** Of a doubled quote one is a value, and so is a delimiter in quotes. */
  #hasNoValue(from: number, to: number): boolean {
    if (this.doubled) return false;
    let inQuotes = false;
    for (let at = from; at < to; at++) {
      const byte = this.bytes[at]!;
      if (byte === QUOTE) inQuotes = !inQuotes;
      else if (byte === this.#delimiter ? inQuotes : !isAsciiBlank(byte)) return false;
    }
    return true;
  }

  /** Passes over the lines to skip that the window holds whole. */
  #skipLines(): void {
    const { bytes } = this;
    const window = this.#window;
    while (this.#toSkip > 0 && window.at < bytes.length) {
      const lineEnd = this.#lineEnd(window.at);
      const after = this.#lineEndAfter(lineEnd);
      if (after === MORE) {
        // Of a line that may be long, no more is kept than may be a half of its end.
        window.at = lineEnd;
        break;
      }
      window.at = after;
      this.nextOffset = window.base + after;
      this.#toSkip--;
      if (this.#kind !== NO_END) this.nextLine++;
    }
    if (this.#toSkip > 0) window.keepRest();
  }

  /** The window, the limit or the file ends inside quotes. */
  #endInQuotes(stop: number): Outcome {
    if (stop < this.bytes.length) return this.#faulty('too_long_quoted', stop);
    if (this.#window.ended) return this.#faulty('unclosed_quote', stop);
    this.bytesScanned += stop - this.start;
    return 'more';
  }

  /** The record is faulty: it takes its first line. */
  #faulty(fault: FrameFault, seen: number): Outcome {
    const { bytes, start } = this;
    const lineEnd = this.#lineEnd(start);
    this.bytesScanned += seen - start;
    // Such a line is cut: that its text is not whole must be said.
    const known = lineEnd - start > this.#kept;
    const after = this.#lineEndAfter(lineEnd);
    if (after === MORE && !known) return 'more';
    this.#shown = undefined;
    this.fault = known && fault !== 'too_long_quoted' ? 'too_long' : fault;
    this.quoted = false;
    this.#breaks = 0;
    this.end = known ? start + this.#kept + 1 : lineEnd;
    if (after !== MORE) {
      this.#after = after;
      return 'fault';
    }
    this.#skipped = Buffer.from(bytes.subarray(start, this.end));
    this.#window.at = lineEnd;
    return 'skip';
  }

  /** Passes over the rest of a faulty line. */
  #skipLine(): Outcome {
    const lineEnd = this.#lineEnd(this.#window.at);
    this.#window.at = lineEnd;
    const after = this.#lineEndAfter(lineEnd);
    if (after === MORE) return 'more';
    this.#after = after;
    this.#shown = this.#skipped;
    this.#skipped = undefined;
    return 'fault';
  }

  /** Where the line end at a position is over, and of which kind it is. The end of the file counts as one. */
  #lineEndAfter(at: number): number {
    const { bytes } = this;
    this.#kind = NO_END;
    if (at === bytes.length) return this.#window.ended ? at : MORE;
    const byte = bytes[at];
    if (byte === LF) {
      this.#kind = END_LF;
      return at + 1;
    }
    if (byte !== CR) return NO_LINE_END;
    if (at + 1 === bytes.length && !this.#window.ended) return MORE;
    const crlf = bytes[at + 1] === LF;
    this.#kind = crlf ? END_CRLF : END_CR;
    return crlf ? at + 2 : at + 1;
  }

  #isBlank(byte: number): boolean {
    return byte === SPACE || (byte === TAB && this.#tabIsBlank);
  }
}

/** The line ends between two positions, where no CRLF is cut by the second. */
function countLineEnds(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) count++;
  }
  return count;
}
