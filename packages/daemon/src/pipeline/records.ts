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
import { CR, delimiterByte, LF, SPACE } from './records/bytes.js';
import type { Cutter } from './records/cutter.js';
import type { TextFormat } from './records/dialectTokens.js';
import type { FrameFault } from './records/fault.js';
import { kindBefore, type LineEnd, lineEndKind, NO_END } from './records/lineEnds.js';
import { MORE, RecordScan, type Scanned } from './records/recordScan.js';
import { TextWindow } from './records/window.js';

/** How many bytes of a record that cannot be cut are shown where its values would be. */
export const RAW_LIMIT = 8 * 1024;

type Outcome = Scanned | 'skip';

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
  /** The physical line on which it starts; 1 is the first. */
  line: number;
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

  readonly #limit: number;
  /** How many bytes of a faulty line are kept. */
  readonly #kept: number;
  readonly #ownEnd: number;
  readonly #window: TextWindow;
  readonly #scan: RecordScan;
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
    this.#limit = maxRecordBytes;
    this.#kept = Math.max(maxRecordBytes, RAW_LIMIT);
    this.#ownEnd = lineEndKind(lineEnd);
    // A record is decided by one byte over the limit, and the LF of a CRLF.
    this.#window = new TextWindow(from.byteOffset, this.#kept + 2);
    this.#scan = new RecordScan(this.#window, delimiterByte(delimiter), maxRecordBytes);
    this.nextOffset = from.byteOffset;
    this.line = from.line;
    this.nextLine = from.line;
  }

  /** The window that `start` and `end` point into. */
  get bytes(): Buffer {
    return this.#window.bytes;
  }

  /** Where the record starts in the window. */
  get start(): number {
    return this.#scan.start;
  }

  /** Where its text ends: its line end comes after. */
  get end(): number {
    return this.#scan.end;
  }

  /** It has quotes, all of them well placed. */
  get quoted(): boolean {
    return this.#scan.quoted;
  }

  /** It has doubled quotes inside quoted fields. */
  get doubled(): boolean {
    return this.#scan.doubled;
  }

  /** It has white space between a quote and a delimiter or line end. */
  get padded(): boolean {
    return this.#scan.padded;
  }

  /** Why it cannot be cut into fields. Then `start` to `end` is its first line, one byte more than the limit where it is cut. */
  get fault(): FrameFault | undefined {
    return this.#scan.fault;
  }

  /** How many bytes were looked at so far, for the test that work is linear. */
  get bytesScanned(): number {
    return this.#scan.bytesScanned;
  }

  /** Takes the next bytes of the text. They are read until `next` says false, and free to be overwritten then. */
  push(chunk: Uint8Array): void {
    this.#window.push(chunk);
    this.#scan.forget();
    if (this.#toSkip > 0) this.#skipLines();
  }

  /** There are no more bytes. */
  finish(): void {
    this.#window.finish();
    this.#scan.forget();
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
      const kind = this.#scan.kind;
      const foreign = kind !== this.#ownEnd && kind !== NO_END && this.#ownEnd !== NO_END;
      this.line = this.nextLine;
      const { after, breaks } = this.#scan;
      this.nextLine += kind === NO_END ? breaks : breaks + 1;
      window.at = after;
      this.nextOffset = window.base + after;
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
        if (!this.#scan.isBlank(byte)) break;
        at++;
        continue;
      }
      if (at - line > this.#limit || (byte === CR && at + 1 === bytes.length)) break;
      at += byte === CR && bytes[at + 1] === LF ? 2 : 1;
      if (this.#chained && kindBefore(bytes, at) === this.#ownEnd) this.#chained = false;
      line = at;
      lines++;
    }
    this.#scan.bytesScanned += line - window.at;
    this.nextLine += lines;
    this.passedLines += lines;
    window.at = line;
    this.nextOffset = window.base + line;
  }

  /** Passes over the lines to skip that the window holds whole. */
  #skipLines(): void {
    const { bytes } = this;
    const window = this.#window;
    while (this.#toSkip > 0 && window.at < bytes.length) {
      const lineEnd = this.#scan.lineEnd(window.at);
      const after = this.#scan.lineEndAfter(lineEnd);
      if (after === MORE) {
        // Of a line that may be long, no more is kept than may be a half of its end.
        window.at = lineEnd;
        break;
      }
      window.at = after;
      this.nextOffset = window.base + after;
      this.#toSkip--;
      if (this.#scan.kind !== NO_END) this.nextLine++;
    }
    if (this.#toSkip > 0) window.keepRest();
  }

  /** Looks at the record at hand. A faulty one takes its first line. */
  #look(): Outcome {
    const scan = this.#scan;
    const outcome = scan.scan();
    if (outcome !== 'fault') return outcome;
    const { bytes } = this;
    const { start, fault } = scan;
    const lineEnd = this.#scan.lineEnd(start);
    this.#scan.bytesScanned += scan.seen - start;
    // Such a line is cut: that its text is not whole must be said.
    const known = lineEnd - start > this.#kept;
    const after = this.#scan.lineEndAfter(lineEnd);
    if (after === MORE && !known) return 'more';
    this.#shown = undefined;
    scan.fault = known && fault !== 'too_long_quoted' ? 'too_long' : fault;
    scan.quoted = false;
    scan.breaks = 0;
    scan.end = known ? start + this.#kept + 1 : lineEnd;
    if (after !== MORE) {
      scan.after = after;
      return 'fault';
    }
    this.#skipped = Buffer.from(bytes.subarray(start, scan.end));
    this.#window.at = lineEnd;
    return 'skip';
  }

  /** Passes over the rest of a faulty line. */
  #skipLine(): Outcome {
    const lineEnd = this.#scan.lineEnd(this.#window.at);
    this.#window.at = lineEnd;
    const after = this.#scan.lineEndAfter(lineEnd);
    if (after === MORE) return 'more';
    this.#scan.after = after;
    this.#shown = this.#skipped;
    this.#skipped = undefined;
    return 'fault';
  }
}
