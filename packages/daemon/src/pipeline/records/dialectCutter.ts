/**
 * Finds where the records of a text in any dialect start and end: what RecordCutter does for the usual dialect, byte by
 * byte.
 *
 * Comments and lines that are not records are skipped like blank lines, so all other lines keep their numbers.
 * Decisions depend only on the text from its start, never on how it is divided into chunks.
 *
 * Lenient quotes are read strictly up to the position where a fault was seen that reached beyond its line: the lines in
 * between may be parts of the value with the wrong quotes, and part of a value must not load as a record.
 */
import { createDialectParse } from '../parse/dialectParse.js';
import { RAW_LIMIT, type RecordOptions } from '../records.js';
import { LF } from './bytes.js';
import type { Cutter } from './cutter.js';
import { DialectScan } from './dialectScan.js';
import { type DialectTokens, isLineEnd, startsWith, tokensOf } from './dialectTokens.js';
import type { FrameFault } from './fault.js';
import { END_CR, END_CRLF, END_LF, lineEndKind, NO_END } from './lineEnds.js';
import { isAsciiBlank } from './noValue.js';
import { TextWindow } from './window.js';

export class DialectCutter implements Cutter {
  start = 0;
  end = 0;
  line = 1;
  readonly quoted = false;
  readonly doubled = false;
  readonly padded = false;
  fault: FrameFault | undefined;
  empty = false;
  lineEnd = NO_END;
  foreign = false;
  joined = false;
  nextOffset = 0;
  nextLine = 1;
  passesEmpty = false;
  passedEmpty = 0;
  passedLines = 0;
  readonly #tokens: DialectTokens;
  readonly #scan: DialectScan;
  readonly #parse: ReturnType<typeof createDialectParse>;
  readonly #limit: number;
  readonly #ownEnd: number;
  readonly #window: TextWindow;
  readonly #skipLines: number;
  readonly #noRecords: ReadonlySet<number>;
  /** Offset in the text up to which quotes are read strictly. */
  #strictUpTo = -1;
  #chained = false;
  /** The first bytes of a line whose rest is skipped, and whether it is a fault or not a record at all. */
  #skipped: { shown: Buffer; isFault: boolean } | undefined;
  #shown: Buffer | undefined;

  constructor(options: RecordOptions) {
    const { dialect = {}, maxRecordBytes, lineEnd } = options;
    this.#tokens = tokensOf(options);
    this.#scan = new DialectScan(this.#tokens);
    this.#parse = createDialectParse(this.#tokens);
    this.#limit = maxRecordBytes;
    this.#ownEnd = lineEndKind(lineEnd);
    this.#skipLines = dialect.skipLines ?? 0;
    this.#noRecords = new Set(dialect.commentRows);
    this.#window = new TextWindow(0, Math.max(maxRecordBytes, RAW_LIMIT) + 2 + this.#scan.lookahead);
  }

  get bytes(): Buffer {
    return this.#window.bytes;
  }

  push(chunk: Uint8Array): void {
    this.#window.push(chunk);
  }

  finish(): void {
    this.#window.finish();
  }

  next(): boolean {
    const window = this.#window;
    while (window.at < window.bytes.length || (window.ended && this.#skipped !== undefined)) {
      const outcome = this.#skipped === undefined ? this.#look() : this.#skipLine();
      if (outcome === 'more') break;
      if (outcome === 'record') return true;
    }
    window.keepRest();
    return false;
  }

  raw(): Buffer {
    if (this.fault !== undefined && this.#shown !== undefined) return this.#shown;
    return this.bytes.subarray(this.start, Math.min(this.end, this.start + RAW_LIMIT + 1));
  }

  #look(): 'record' | 'none' | 'more' {
    const window = this.#window;
    const { bytes, at: start, ended: final } = window;
    this.start = start;
    this.fault = undefined;
    this.empty = false;
    this.#shown = undefined;
    if (!final && start + this.#scan.lookahead > bytes.length) return 'more';
    if (this.#isNoRecord(start)) return this.#endLine(start, false);
    const strict = window.base + start <= this.#strictUpTo;
    if (!this.#scan.scan(bytes, start, { limit: this.#limit, final, strict })) return 'more';
    const { fault, seen, end } = this.#scan;
    if (fault !== undefined) return this.#faulty(fault, seen);
    let text = start;
    while (text < end && this.#tokens.isBlank(bytes[text])) text++;
    this.end = end;
    const isBlank = text === end;
    this.empty = !isBlank && this.#hasNoValue();
    if (!isBlank && !(this.empty && this.passesEmpty)) return this.#passed(end, true, this.#scan.breaks);
    const outcome = this.#passed(end, false, this.#scan.breaks);
    if (outcome === 'more') return outcome;
    this.passedLines++;
    if (!isBlank) this.passedEmpty++;
    return outcome;
  }

  /** Returns whether the line is a comment, or one that the user said is not a record. */
  #isNoRecord(start: number): boolean {
    const line = this.nextLine;
    return (
      line <= this.#skipLines ||
      this.#noRecords.has(line) ||
      startsWith(this.bytes, start, this.#tokens.comment)
    );
  }

  #hasNoValue(): boolean {
    const { bytes, count, starts, ends } = this.#parse(this);
    for (let field = 0; field < count; field++)
      for (let at = starts[field]!; at < ends[field]!; at++) if (!isAsciiBlank(bytes[at]!)) return false;
    return true;
  }

  #faulty(fault: FrameFault, seen: number): 'record' | 'none' | 'more' {
    const from = this.#window.base + seen;
    const outcome = this.#endLine(this.start, true, fault);
    // Only once the line is complete, because until then it is read again from its start.
    if (outcome !== 'more' && (outcome === 'none' || seen > this.end))
      this.#strictUpTo = Math.max(this.#strictUpTo, from);
    return outcome;
  }

  /** Skips a line, as a fault or as no record. The line may be longer than the window. */
  #endLine(start: number, isFault: boolean, fault?: FrameFault): 'record' | 'none' | 'more' {
    const { bytes } = this;
    const end = lineEndAt(bytes, start);
    const long = end - start > RAW_LIMIT;
    this.fault = fault;
    this.end = long ? start + RAW_LIMIT + 1 : end;
    if (this.#kindAt(end) !== undefined) return this.#passed(end, isFault);
    if (!long) return 'more';
    this.#skipped = { shown: Buffer.from(bytes.subarray(start, this.end)), isFault };
    this.#window.at = end;
    return 'none';
  }

  #skipLine(): 'record' | 'none' | 'more' {
    const end = lineEndAt(this.bytes, this.#window.at);
    this.#window.at = end;
    if (this.#kindAt(end) === undefined) return 'more';
    const { shown, isFault } = this.#skipped!;
    this.#skipped = undefined;
    this.#shown = shown;
    return this.#passed(end, isFault);
  }

  /** Moves past a line end. The text before it is a record, or was skipped and counts as a blank line. */
  #passed(end: number, isRecord: boolean, breaks = 0): 'record' | 'none' | 'more' {
    const window = this.#window;
    const kind = this.#kindAt(end);
    if (kind === undefined) return 'more';
    const foreign = kind !== this.#ownEnd && kind !== NO_END && this.#ownEnd !== NO_END;
    this.line = this.nextLine;
    this.nextLine += breaks + (kind === NO_END ? 0 : 1);
    window.at = end + (kind === NO_END ? 0 : kind === END_CRLF ? 2 : 1);
    this.nextOffset = window.base + window.at;
    if (!isRecord) {
      this.#chained &&= foreign;
      return 'none';
    }
    this.lineEnd = kind;
    this.foreign = foreign;
    this.joined = this.#chained;
    this.#chained = foreign;
    return 'record';
  }

  /**
   * Returns the kind of the line end at a position; undefined if that takes more bytes. The end of the text counts as
   * one.
   */
  #kindAt(at: number): number | undefined {
    const { bytes } = this;
    const { ended } = this.#window;
    if (at === bytes.length) return ended ? NO_END : undefined;
    if (bytes[at] === LF) return END_LF;
    if (at + 1 === bytes.length && !ended) return undefined;
    return bytes[at + 1] === LF ? END_CRLF : END_CR;
  }
}

function lineEndAt(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && !isLineEnd(bytes[at])) at++;
  return at;
}
