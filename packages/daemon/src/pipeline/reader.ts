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
import { parseFixed } from './fixes/parseFixed.js';
import { type CustomerHeader, type HeaderParts, headerMissing } from './header.js';
import { HeaderSearch } from './headerRecord.js';
import type { HeaderRule } from './headerRule.js';
import { cutInTwo, fits, type Layout, lacksEnd, MAY_BE_FOOTER, mayBeCut, misfit, padded } from './layout.js';
import { CleanText } from './parse/clean.js';
import type { Fields } from './parse/fields.js';
import { createParse, type Parse } from './parse.js';
import { createCutter } from './records/createCutter.js';
import type { Cutter } from './records/cutter.js';
import { type DialectTokens, isUsual, tokensOf } from './records/dialectTokens.js';
import { type HeldRecord, hasOneField, held } from './records/pieces.js';
import { unreadable } from './records/unreadable.js';
import type { RecordOptions } from './records.js';
import type { Sink } from './sink.js';

const MISFIT = 'wrong_number_of_fields' as const;

export interface FileOptions<Of extends HeaderParts>
  extends Pick<RecordOptions, 'delimiter' | 'dialect' | 'maxRecordBytes'> {
  /** What the survey of the file has found. */
  layout: Layout;
  /** Where to go on: see `startOf` for what is pushed. The start of the file where not given. */
  checkpoint?: Checkpoint;
  /** The encoding that the text was in, to be named in messages; utf-8 by default. */
  encoding?: Encoding;
  /** The file's header; needed behind the start of the file, read from the file at its start. */
  header?: Of;
  /** How the header is read. */
  rule: HeaderRule<Of>;
  /** As HeaderSearch has it. */
  leaveOut?: readonly string[] | undefined;
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
  readonly #cutter: Cutter;
  readonly #clean = new CleanText();
  #parse: Parse;
  readonly #headerSearch: HeaderSearch<Of>;
  readonly #sink: Sink<Taken, Of>;
  readonly #options: FileOptions<Of>;
  readonly #tokens: DialectTokens;
  /** The first line that is no record of data any more; and whether it has come. */
  readonly #footerLine: number;
  #over = false;
  /** The first line that may be one of the footer. */
  readonly #doubtfulLine: number;
  /** The next record is a line of dashes under the header. */
  #atRule = false;
  #header: Of | undefined;
  #rowNumber: number;
  /** Records that an earlier run has read, where the text comes from its start again. */
  #toPass = 0;
  /** A whole record with a foreign line end, or one that lacks its end: a piece, if the next one says so. */
  #waiting: HeldRecord | undefined;
  /** The last record is rejected for its own faults; known only where records may lack their end. */
  #lastFaulty = false;
  /** The kind of the foreign line end of the last record, where that record makes a piece of the next one; else 0. */
  #afterWitness = 0;
  #lastMisfit: { found: number; lineEnd: number; message: string } | undefined;
  /** Behind that record: where the sink is to be taken, unless the next record needs to know of it. */
  #fullAt: Checkpoint | undefined;

  constructor(options: FileOptions<Of>, sink: Sink<Taken, Of>) {
    const { layout, checkpoint = START, header } = options;
    this.#options = options;
    const from = startOf(options, checkpoint);
    this.#cutter = createCutter({ ...options, lineEnd: layout.lineEnd, from });
    this.#parse = createParse(options);
    // Before version 1.2 the header was the first record with a value.
    this.#headerSearch = new HeaderSearch(this.#parse, { ...options, headerLine: layout.headerLine ?? 1 });
    this.#tokens = tokensOf(options);
    this.#footerLine = layout.footerLine ?? Number.POSITIVE_INFINITY;
    this.#doubtfulLine = layout.doubtfulLine ?? Number.POSITIVE_INFINITY;
    this.#sink = sink;
    this.#rowNumber = checkpoint.rowNumber;
    if (from.byteOffset < checkpoint.byteOffset) this.#toPass = checkpoint.rowNumber;
    else if (checkpoint.byteOffset > 0) {
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
    if (this.#over) return;
    this.#cutter.push(chunk);
    yield* this.#read();
  }

  /**
   * There are no more chunks.
   *
   * @throws Failure header_invalid, or file_empty when there was no record at all
   */
  *end(): Generator<Taken, void, undefined> {
    if (!this.#over) {
      this.#cutter.finish();
      yield* this.#read();
    }
    if (this.#header === undefined)
      throw headerMissing(this.#options.rule.wanted, this.#options.dialect?.skipLines);
    yield* this.#settle(false);
    if (!this.#sink.empty) yield this.#sink.take(this.#checkpoint());
  }

  *#read(): Generator<Taken, void, undefined> {
    const cutter = this.#cutter;
    const sink = this.#sink;
    if (this.#header === undefined) {
      const found = this.#headerSearch.next(cutter);
      if (found === undefined) return;
      this.#begin(found.header);
      this.#atRule = this.#options.layout.ruleLine === true;
    }
    while (cutter.next()) {
      if (this.#atRule) {
        this.#atRule = false;
        continue;
      }
      if (cutter.line >= this.#footerLine) {
        this.#over = true;
        return;
      }
      if (this.#toPass > 0) {
        this.#toPass--;
        continue;
      }
      let witness = false;
      let cutBy = 0;
      if (
        cutter.foreign ||
        this.#waiting !== undefined ||
        this.#afterWitness !== 0 ||
        this.#fullAt !== undefined
      ) {
        witness = this.#waiting?.lacksEnd ? this.#isFaulty() : this.#speaksForCut();
        yield* this.#settle((cutter.joined || this.#waiting?.lacksEnd === true) && witness);
        if (cutter.joined && !witness) cutBy = this.#afterWitness;
        if (cutBy === 0 && !(this.#lastFaulty && this.#lacksEnd())) yield* this.#takeHeld();
        this.#afterWitness = witness && cutter.foreign ? cutter.lineEnd : 0;
      }
      this.#rowNumber++;
      this.#readRecord(cutBy, witness);
      if (sink.full) {
        this.#fullAt = this.#checkpoint();
        if (this.#afterWitness === 0 && !this.#lastFaulty) yield* this.#takeHeld();
      }
    }
  }

  #begin(header: Of): void {
    this.#header = header;
    this.#parse = parseFixed(this.#parse, header.report);
    this.#cutter.passesEmpty = header.cells > 1;
    this.#sink.begin(header);
  }

  /** Whether the cutter's record makes a piece of the one before or behind it, with a foreign line end in between. */
  #speaksForCut(): boolean {
    const { layout } = this.#options;
    if (this.#cutter.line >= this.#doubtfulLine) return true;
    if (!layout.strayLineEnds) return hasOneField(this.#cutter, this.#parse, this.#tokens);
    if (unreadable(this.#cutter, this.#clean, this.#options) !== undefined) return true;
    const fields = this.#parse(this.#cutter);
    return !fits(fields, this.#header!, layout) || !this.#sink.isSound(fields);
  }

  /** Whether the cutter's record is rejected for its own faults. */
  #isFaulty(): boolean {
    if (this.#cutter.line >= this.#doubtfulLine) return true;
    if (unreadable(this.#cutter, this.#clean, this.#options) !== undefined) return true;
    const { layout } = this.#options;
    const fields = this.#parse(this.#cutter);
    if (fits(fields, this.#header!, layout)) return !this.#sink.isSound(fields);
    return !this.#lacksEnd();
  }

  /** Whether the cutter's record is one that lacks fields at its end, and is sound without them. */
  #lacksEnd(): boolean {
    const { layout } = this.#options;
    const cutter = this.#cutter;
    if (!layout.shortRecords || cutter.foreign || cutter.fault !== undefined) return false;
    const fields = this.#parse(cutter);
    if (!lacksEnd(fields.count, layout.fields)) return false;
    if (unreadable(cutter, this.#clean, this.#options) !== undefined) return false;
    return this.#sink.isSound(padded(fields, layout.fields));
  }

  /**
   * Reads the cutter's record; `cutBy` is the kind of the line end that makes it a piece, or 0. A witness is rejected for
   * its own faults.
   */
  #readRecord(cutBy: number, witness: boolean): void {
    const cutter = this.#cutter;
    const header = this.#header!;
    const { layout } = this.#options;
    const afterFaulty = this.#lastFaulty;
    this.#lastFaulty = layout.shortRecords === true;
    const why = unreadable(cutter, this.#clean, this.#options);
    if (why !== undefined) {
      this.#reject(why.code, why.message, undefined);
      return;
    }
    if (cutter.line >= this.#doubtfulLine) {
      this.#reject('may_be_footer', MAY_BE_FOOTER, this.#parse(cutter));
      return;
    }
    const fields = this.#parse(cutter);
    const whole = fits(fields, header, layout);
    if (whole && (witness || (cutBy === 0 && !cutter.foreign))) {
      const isGood = this.#sink.add(this.#rowNumber, cutter.line, fields, cutter);
      if (isGood) this.#lastFaulty = false;
    } else if (whole && cutBy === 0) {
      this.#lastFaulty &&= !this.#sink.isSound(fields);
      this.#waiting = held(cutter, this.#checkpoint());
    } else if (cutBy === 0 && this.#lacksEnd()) {
      this.#lastFaulty = false;
      if (afterFaulty) this.#reject(MISFIT, mayBeCut(this.#parse(cutter).count, layout), this.#parse(cutter));
      else this.#waiting = { ...held(cutter, this.#checkpoint()), lacksEnd: true };
    } else {
      // The look whether it lacks its end may have added fields.
      const own = this.#parse(cutter);
      const message = whole
        ? cutInTwo(cutBy, layout)
        : this.#misfit(own.count, cutter.foreign ? cutter.lineEnd : 0);
      this.#reject(MISFIT, message, own);
    }
  }

  /** Decides on the record that waits, now that it is known whether the one behind it is a piece of it. */
  *#settle(cut: boolean): Generator<Taken, void, undefined> {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    const { line, after } = waiting;
    const { layout } = this.#options;
    const fields = this.#parse(waiting);
    const { count } = fields;
    if (waiting.lacksEnd && !cut) padded(fields, layout.fields);
    if (cut) {
      const message = waiting.lacksEnd ? mayBeCut(count, layout) : cutInTwo(waiting.lineEnd, layout);
      const reject = { rowNumber: after.rowNumber, line, column: null, code: MISFIT, message } as const;
      this.#sink.reject(reject, fields, waiting.bytes);
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

/**
 * Where the text is to be pushed from for a checkpoint: there, unless what stands before it decides how the rest is read.
 * Then all of it is pushed, and the reader passes over the records that were read before.
 */
export function startOf(
  options: Pick<RecordOptions, 'delimiter' | 'dialect'>,
  checkpoint: Checkpoint,
): Checkpoint {
  return isUsual(options) ? checkpoint : START;
}
