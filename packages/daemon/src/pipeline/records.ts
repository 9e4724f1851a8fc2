/**
 * Finds where records start and end.
 *
 * Follows RFC 4180, section 2, with what real files need: lines may end with LF, CRLF or CR, mixed; the last line may
 * lack its line end; blank lines (empty, or only spaces and tabs, if the tab is not the delimiter) are not records;
 * spaces and tabs between a delimiter and a quote are not text (`a, "b" ,c`), because values are trimmed anyway.
 *
 * A record with misplaced quotes, or over the size limit, is a fault that covers only its first physical line; reading
 * continues at the next line. So one bad quote costs one record, never the rest of the file.
 *
 * The result is the same for every chunk size: all decisions depend only on positions in the file, and a record that is
 * not completely in the window is read again from its start. Going back to the first line after an unclosed quote takes
 * linear time: every line inside such a record except the last has an even number of quotes, so each is a record of its
 * own when it is read again. A test counts the bytes read.
 */
import { CR, delimiterByte, LF, SPACE } from './records/bytes.js';
import type { Cutter } from './records/cutter.js';
import type { TextFormat } from './records/dialectTokens.js';
import type { FrameFault } from './records/fault.js';
import { kindBefore, type LineEnd, lineEndKind, NO_END } from './records/lineEnds.js';
import { MORE, RecordScan, type Scanned } from './records/recordScan.js';
import { TextWindow } from './records/window.js';

/** Number of bytes to show of a record that cannot be split, in place of its values. */
export const RAW_LIMIT = 8 * 1024;

type Outcome = Scanned | 'skip';

export interface RecordOptions extends TextFormat {
  /** Maximum size of a record in bytes, without its line end. */
  maxRecordBytes: number;
  /** The line end of the file's records, as found by its survey. If undefined, no line end counts as foreign. */
  lineEnd?: LineEnd | undefined;
  /** Offset and line of the first byte pushed (default: the start of the file). */
  from?: { byteOffset: number; line: number };
}

/**
 * Finds one record after the other: `push` a chunk, call `next` until it returns false, `push` the next chunk, and so
 * on; at the end call `finish`, and `next` until it returns false. The public fields describe the record that `next`
 * has found, until the next call.
 */
export class RecordCutter implements Cutter {
  /** The physical line where it starts; 1 is the first. */
  line: number;
  /** The kind of its line end (see lineEnds.ts). */
  lineEnd = NO_END;
  /** Its line end is not one of the file's own. */
  foreign = false;
  /** Only foreign line ends (including those of blank lines) are between it and the previous record. */
  joined = false;
  /** None of its fields has a value (`,,,`, `"",""`). */
  empty = false;
  /** Whether to skip such records like blank lines, and the number skipped so far. */
  passesEmpty = false;
  passedEmpty = 0;
  /** Number of blank lines, and of records without a value, skipped so far. */
  passedLines = 0;
  /** Offset in the text after the record and its line end (for a fault: after its first line). */
  nextOffset: number;
  /** The physical line at `nextOffset`. */
  nextLine: number;

  readonly #limit: number;
  /** Maximum number of bytes to keep of a faulty line. */
  readonly #kept: number;
  readonly #ownEnd: number;
  readonly #window: TextWindow;
  readonly #scan: RecordScan;
  /** All line ends since the last record are foreign. */
  #chained = false;
  /** The first bytes of a faulty line whose end has not been read yet; the rest is skipped. */
  #skipped: Buffer | undefined;
  #shown: Buffer | undefined;
  /** Number of lines still to skip at the start. */
  #toSkip: number;

  /** @param options its dialect may only say how many lines to skip (see isUsual) */
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
    // One byte over the limit, and the LF of a CRLF, are enough to decide about a record.
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

  /** Where its text ends in the window, before the line end. */
  get end(): number {
    return this.#scan.end;
  }

  /** It has quotes, all in valid places. */
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

  /**
   * Why it cannot be split into fields. `start` to `end` is then its first line, truncated one byte after the limit.
   */
  get fault(): FrameFault | undefined {
    return this.#scan.fault;
  }

  /** Number of bytes read so far, for the test that time is linear. */
  get bytesScanned(): number {
    return this.#scan.bytesScanned;
  }

  get unread(): { bytes: Buffer; at: number } | undefined {
    const { bytes, at } = this.#window;
    return this.#skipped === undefined && this.#toSkip === 0 && at < bytes.length ? { bytes, at } : undefined;
  }

  passTo(at: number, lines: number): void {
    const window = this.#window;
    this.#scan.bytesScanned += at - window.at;
    window.at = at;
    this.nextOffset = window.base + at;
    this.nextLine += lines;
    this.#chained = false;
  }

  /** Takes the next bytes of the text. You may overwrite them once `next` has returned false. */
  push(chunk: Uint8Array): void {
    this.#window.push(chunk);
    this.#scan.forget();
    if (this.#toSkip > 0) this.#skipLines();
  }

  /** Ends the text. */
  finish(): void {
    this.#window.finish();
    this.#scan.forget();
    if (this.#toSkip > 0) this.#skipLines();
  }

  /** Finds the next record. Returns false if it needs more bytes, or there are no more. */
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

  /** Returns the record's bytes; for a faulty one its first line, truncated after the limit. */
  raw(): Buffer {
    if (this.fault !== undefined && this.#shown !== undefined) return this.#shown;
    return this.bytes.subarray(this.start, this.end);
  }

  /**
   * Moves `at` past the blank lines that are completely in the window: 2 ns per line instead of 50 ns. Stops at lines
   * that need the slower code: a line end that the window may cut, or a line over the limit.
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

  /** Skips the lines to skip that are completely in the window. */
  #skipLines(): void {
    const { bytes } = this;
    const window = this.#window;
    while (this.#toSkip > 0 && window.at < bytes.length) {
      const lineEnd = this.#scan.lineEnd(window.at);
      const after = this.#scan.lineEndAfter(lineEnd);
      if (after === MORE) {
        // The line may be long: keep only what may be half of its line end.
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

  /** Scans the current record. If it is faulty, it consists of its first line only. */
  #look(): Outcome {
    const scan = this.#scan;
    const outcome = scan.scan();
    if (outcome !== 'fault') return outcome;
    const { bytes } = this;
    const { start, fault } = scan;
    const lineEnd = this.#scan.lineEnd(start);
    this.#scan.bytesScanned += scan.seen - start;
    // Such a line is truncated, and its fault must say so.
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

  /** Skips the rest of a faulty line. */
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
