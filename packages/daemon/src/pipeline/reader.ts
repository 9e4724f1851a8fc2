/**
 * Text → batches: the pure stages in a row, for the thread that reads.
 *
 * records (where each starts and ends) → parse (its fields) → validate → batch.
 *
 * A line end of another kind than the file's own may stand between two records (two files in one), or in a value
 * without quotes, whose record it cuts in two. Where such line ends are strays, a record beside one is loaded only if
 * the record on the other side is sound as well: a record that was cut has one piece with its e-mail, and no other is
 * sound. Where they end the records of a part of the file, only a neighbour of a single field speaks for a cut. See
 * decision 0008.
 */
import type { RejectionCode } from '@csvjobs/shared';
import { type Batch, Batcher, type BatchOptions } from './batch.js';
import { type Checkpoint, START } from './checkpoint.js';
import { judgeCustomers } from './customerSink.js';
import type { Encoding } from './decode/encodings.js';
import { type CustomerHeader, type HeaderParts, headerMissing } from './header.js';
import { HeaderSearch } from './headerRecord.js';
import type { HeaderRule } from './headerRule.js';
import { cutInTwo, fits, type Layout, misfit } from './layout.js';
import { CleanText } from './parse/clean.js';
import type { Fields } from './parse/fields.js';
import { createParse, type Parse } from './parse.js';
import { delimiterByte } from './records/bytes.js';
import { type HeldRecord, hasOneField, held } from './records/pieces.js';
import { unreadable } from './records/unreadable.js';
import { RAW_LIMIT, RecordCutter, type RecordOptions } from './records.js';
import type { Sink } from './sink.js';

const MISFIT = 'wrong_number_of_fields' as const;

export interface FileOptions<Of extends HeaderParts>
  extends Pick<RecordOptions, 'delimiter' | 'maxRecordBytes'> {
  /** What the survey of the file has found. */
  layout: Layout;
  /** Where to go on: the first byte pushed is the one at its byteOffset. The start of the file where not given. */
  checkpoint?: Checkpoint;
  /** The encoding that the text was in, to be named in messages; utf-8 by default. */
  encoding?: Encoding;
  /** The file's header; needed behind the start of the file, read from the file at its start. */
  header?: Of;
  /** How the header is read. */
  rule: HeaderRule<Of>;
}

export type ReaderOptions = FileOptions<CustomerHeader> & BatchOptions;

/** A reader that makes batches for a load into `customers`. */
export function batchReader(options: ReaderOptions): Reader<Batch, CustomerHeader> {
  return new Reader(options, judgeCustomers(new Batcher(options)));
}

/**
 * Push the text's chunks, then end; each call gives what becomes full, the last also the rest. Nothing is read before it
 * is asked for, so that one thing taken is in memory at a time; but all of a chunk must be read before the next.
 */
export class Reader<Taken, Of extends HeaderParts> {
  readonly #cutter: RecordCutter;
  readonly #clean = new CleanText();
  readonly #parse: Parse;
  readonly #headerSearch: HeaderSearch<Of>;
  readonly #sink: Sink<Taken, Of>;
  readonly #options: FileOptions<Of>;
  readonly #delimiter: number;
  #header: Of | undefined;
  #rowNumber: number;
  /** A whole record with a foreign line end: a piece, if the next one says so. */
  #waiting: HeldRecord | undefined;
  /** The kind of the foreign line end of the last record, where that record makes a piece of the next one; else 0. */
  #afterWitness = 0;
  #lastMisfit: { found: number; lineEnd: number; message: string } | undefined;
  /** Behind that record: where the sink is to be taken, unless the next record needs to know of it. */
  #fullAt: Checkpoint | undefined;

  constructor(options: FileOptions<Of>, sink: Sink<Taken, Of>) {
    const { delimiter, maxRecordBytes, layout, checkpoint = START, header } = options;
    this.#options = options;
    this.#cutter = new RecordCutter({
      delimiter,
      maxRecordBytes,
      lineEnd: layout.lineEnd,
      from: checkpoint,
    });
    this.#parse = createParse(delimiter);
    this.#headerSearch = new HeaderSearch(this.#parse, options);
    this.#delimiter = delimiterByte(delimiter);
    this.#sink = sink;
    this.#rowNumber = checkpoint.rowNumber;
    if (checkpoint.byteOffset > 0) {
      if (header === undefined)
        throw new TypeError('a checkpoint behind the start of the file needs the header of the file');
      this.#begin(header);
    }
  }

  /** The file's header, as soon as it was read. */
  get header(): Of | undefined {
    return this.#header;
  }

  /**
   * Takes the next chunk, of any size. It may be overwritten when all that this gives was taken.
   *
   * @throws Failure header_invalid
   */
  *push(chunk: Uint8Array): Generator<Taken, void, undefined> {
    this.#cutter.push(chunk);
    yield* this.#read();
  }

  /**
   * There are no more chunks.
   *
   * @throws Failure header_invalid, or file_empty when there was no record at all
   */
  *end(): Generator<Taken, void, undefined> {
    this.#cutter.finish();
    yield* this.#read();
    if (this.#header === undefined) throw headerMissing(this.#options.rule.wanted);
    yield* this.#settle(false);
    if (!this.#sink.empty) yield this.#sink.take(this.#checkpoint());
  }

  *#read(): Generator<Taken, void, undefined> {
    const cutter = this.#cutter;
    const sink = this.#sink;
    if (this.#header === undefined) {
      const header = this.#headerSearch.next(cutter);
      if (header === undefined) return;
      this.#begin(header);
    }
    while (cutter.next()) {
      let witness = false;
      let cutBy = 0;
      if (cutter.foreign || this.#waiting !== undefined || this.#afterWitness !== 0) {
        witness = this.#speaksForCut();
        yield* this.#settle(cutter.joined && witness);
        if (cutter.joined && !witness) cutBy = this.#afterWitness;
        if (cutBy === 0) yield* this.#takeHeld();
        this.#afterWitness = witness && cutter.foreign ? cutter.lineEnd : 0;
      }
      this.#rowNumber++;
      this.#readRecord(cutBy, witness);
      if (sink.full) {
        this.#fullAt = this.#checkpoint();
        if (this.#afterWitness === 0) yield* this.#takeHeld();
      }
    }
  }

  #begin(header: Of): void {
    this.#header = header;
    this.#sink.begin(header);
  }

  /** Whether the cutter's record makes a piece of the one before or behind it, with a foreign line end in between. */
  #speaksForCut(): boolean {
    const { layout } = this.#options;
    if (!layout.strayLineEnds) return hasOneField(this.#cutter, this.#parse, this.#delimiter);
    if (unreadable(this.#cutter, this.#clean, this.#options) !== undefined) return true;
    const fields = this.#parse(this.#cutter);
    return !fits(fields, this.#header!, layout) || !this.#sink.isSound(fields);
  }

  /**
   * Reads the cutter's record; `cutBy` is the kind of the line end that makes it a piece, or 0. A witness is rejected for
   * its own faults.
   */
  #readRecord(cutBy: number, witness: boolean): void {
    const cutter = this.#cutter;
    const header = this.#header!;
    const { layout } = this.#options;
    const why = unreadable(cutter, this.#clean, this.#options);
    if (why !== undefined) {
      this.#reject(why.code, why.message, undefined);
      return;
    }
    const fields = this.#parse(cutter);
    const whole = fits(fields, header, layout);
    if (whole && (witness || (cutBy === 0 && !cutter.foreign))) {
      this.#sink.add(this.#rowNumber, cutter.line, fields, cutter);
    } else if (whole && cutBy === 0) {
      this.#waiting = held(cutter, this.#checkpoint());
    } else {
      const message = whole
        ? cutInTwo(cutBy, layout)
        : this.#misfit(fields.count, cutter.foreign ? cutter.lineEnd : 0);
      this.#reject(MISFIT, message, fields);
    }
  }

  /** Decides on the record that waits, now that it is known whether the one behind it is a piece of it. */
  *#settle(cut: boolean): Generator<Taken, void, undefined> {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    const { line, after } = waiting;
    const fields = this.#parse(waiting);
    if (cut) {
      const message = cutInTwo(waiting.lineEnd, this.#options.layout);
      const reject = { rowNumber: after.rowNumber, line, column: null, code: MISFIT, message } as const;
      this.#sink.reject(reject, fields, waiting.bytes.subarray(0, RAW_LIMIT + 1));
    } else this.#sink.add(after.rowNumber, line, fields, waiting);
    if (this.#sink.full) yield this.#sink.take(after);
  }

  #reject(code: RejectionCode, message: string, fields: Fields | undefined): void {
    const { line } = this.#cutter;
    const reject = { rowNumber: this.#rowNumber, line, column: null, code, message };
    this.#sink.reject(reject, fields, this.#cutter.raw());
  }

  /** The message that was made for the last such record: making it takes longer than all else that becomes of one. */
  #misfit(found: number, lineEnd: number): string {
    const last = this.#lastMisfit;
    if (last?.found !== found || last.lineEnd !== lineEnd) {
      const message = misfit(found, this.#header!, this.#options.layout, lineEnd);
      this.#lastMisfit = { found, lineEnd, message };
      return message;
    }
    return last.message;
  }

  *#takeHeld(): Generator<Taken, void, undefined> {
    const checkpoint = this.#fullAt;
    this.#fullAt = undefined;
    if (checkpoint !== undefined) yield this.#sink.take(checkpoint);
  }

  #checkpoint(): Checkpoint {
    const { nextOffset, nextLine } = this.#cutter;
    return { byteOffset: nextOffset, line: nextLine, rowNumber: this.#rowNumber };
  }
}
