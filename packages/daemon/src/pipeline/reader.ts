/**
 * Text → batches: the chain of pure stages, for the reading thread.
 *
 * records (where each starts and ends) → parse (its fields) → validate → batch.
 *
 * A line end that differs from the file's own may separate two records (two files in one), or be part of an unquoted
 * value, whose record it cuts in two. If such line ends are strays, a record beside one is loaded only if the record on
 * the other side is valid as well: of a record that was cut, only one piece has the e-mail, so no other piece is valid.
 * If they end the records of a part of the file, only a neighbour with a single field indicates a cut. See decision
 * 0008.
 */
import type { RejectionCode } from '@csvjobs/shared';
import { type Batch, Batcher, type BatchOptions } from './batch.js';
import { type Checkpoint, START } from './checkpoint.js';
import { judgeCustomers } from './customerSink.js';
import type { Encoding } from './decode/encodings.js';
import { parseFixed } from './fixes/parseFixed.js';
import { type CustomerHeader, type HeaderParts, headerMissing, skipsEmpty } from './header.js';
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

/** Maximum number of records between two attempts to read plain ones, in a file that has hardly any. */
const MOST_PATIENCE = 63;

const MISFIT = 'wrong_number_of_fields' as const;

export interface FileOptions<Of extends HeaderParts>
  extends Pick<RecordOptions, 'delimiter' | 'dialect' | 'maxRecordBytes'> {
  /** The result of the survey. */
  layout: Layout;
  /** Where to resume (default: the start of the file). See `startOf` for what to push. */
  checkpoint?: Checkpoint;
  /** The encoding of the original text, for messages (default: utf-8). */
  encoding?: Encoding;
  /** The file's header. Required unless reading starts at the beginning of the file, where it is read from the file. */
  header?: Of;
  /** How to read the header. */
  rule: HeaderRule<Of>;
  /** See HeaderSearch. */
  leaveOut?: readonly string[] | undefined;
}

export type ReaderOptions = FileOptions<CustomerHeader> & BatchOptions;

/** A reader that makes batches for a load into `customers`. */
export function batchReader(options: ReaderOptions): Reader<Batch, CustomerHeader> {
  return new Reader(options, judgeCustomers(new Batcher(options)));
}

/**
 * Push the text's chunks, then call `end`. Each call yields what has become full, the last one also the rest. It reads
 * only when asked for the next item, so only one is in memory at a time; consume all items of a chunk before you push
 * the next.
 */
export class Reader<Taken, Of extends HeaderParts> {
  readonly #cutter: Cutter;
  readonly #clean = new CleanText();
  #parse: Parse;
  readonly #headerSearch: HeaderSearch<Of>;
  readonly #sink: Sink<Taken, Of>;
  readonly #options: FileOptions<Of>;
  readonly #tokens: DialectTokens;
  /** The first line after the data records, and whether it has been reached. */
  readonly #footerLine: number;
  #over = false;
  /** The first line that may belong to the footer. */
  readonly #doubtfulLine: number;
  /** The next record is a line of dashes below the header. */
  #atRule = false;
  #header: Of | undefined;
  #rowNumber: number;
  /** Records that an earlier run has read, if the text starts from the beginning again. */
  #toPass = 0;
  /**
   * A complete record with a foreign line end, or one that lacks its last fields: a piece, if the next record confirms
   * it.
   */
  #waiting: HeldRecord | undefined;
  /** The last record is rejected for its own faults; known only if records may lack their last fields. */
  #lastFaulty = false;
  /** The kind of the last record's foreign line end if that record makes the next one a piece; otherwise 0. */
  #afterWitness = 0;
  #lastMisfit: { found: number; lineEnd: number; message: string } | undefined;
  /** Whether the sink may read plain records of this file. */
  #readsPlain = false;
  /** Number of records to read one by one before the next attempt to read plain ones. It grows while attempts find none. */
  #pause = 0;
  #patience = 0;
  /** After that record: take the sink's items there, unless the next record needs to know about it. */
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

  /** The file's header, once it was read. */
  get header(): Of | undefined {
    return this.#header;
  }

  /**
   * Takes the next chunk, of any size. You may overwrite it after you have consumed all items.
   *
   * @throws Failure header_invalid
   */
  *push(chunk: Uint8Array): Generator<Taken, void, undefined> {
    if (this.#over) return;
    this.#cutter.push(chunk);
    yield* this.#read();
  }

  /**
   * Ends the text.
   *
   * @throws Failure header_invalid, or file_empty if there was no record at all
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
    for (;;) {
      if (this.#mayReadPlain()) yield* this.#readPlain();
      if (!cutter.next()) return;
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

  /** Whether the next record may be read as a plain one, and it is time for an attempt. */
  #mayReadPlain(): boolean {
    if (!this.#readsPlain) return false;
    if (this.#waiting !== undefined || this.#afterWitness !== 0) return false;
    if (this.#atRule || this.#toPass > 0 || this.#fullAt !== undefined || this.#lastFaulty) return false;
    return this.#pause-- <= 0;
  }

  /** Lets the sink read plain records, up to the first that is not. */
  *#readPlain(): Generator<Taken, void, undefined> {
    const cutter = this.#cutter;
    const sink = this.#sink;
    const unread = cutter.unread;
    if (!unread) return;
    const text = { ...unread, end: this.#clean.cleanUpTo(unread.bytes) };
    const last = Math.min(this.#footerLine, this.#doubtfulLine);
    let total = 0;
    for (;;) {
      const place = { rowNumber: this.#rowNumber + 1, line: cutter.nextLine, most: last - cutter.nextLine };
      const count = text.at < text.end && place.most > 0 ? sink.addPlain!(text, place) : 0;
      if (count === 0) break;
      total += count;
      this.#rowNumber += count;
      cutter.passTo!(text.at, count);
      if (sink.full) yield sink.take(this.#checkpoint());
    }
    this.#patience = total > 0 ? 0 : Math.min(MOST_PATIENCE, 2 * this.#patience + 1);
    this.#pause = this.#patience;
  }

  #begin(header: Of): void {
    this.#header = header;
    this.#parse = parseFixed(this.#parse, header.report);
    this.#cutter.passesEmpty = skipsEmpty(header);
    // Cells of a report may have marks, which only `parse` removes.
    const { report } = header;
    this.#readsPlain = report === undefined && !!this.#sink.addPlain && !!this.#cutter.passTo;
    this.#sink.begin(header);
  }

  /**
   * Whether the cutter's record shows that the one before or after it is a piece, with a foreign line end in between.
   */
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

  /** Whether the cutter's record lacks its last fields and is valid without them. */
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
   * Reads the cutter's record. `cutBy` is the kind of the line end that makes it a piece, or 0. A witness is rejected
   * for its own faults.
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
      // The check for missing last fields may have added some.
      const own = this.#parse(cutter);
      const message = whole
        ? cutInTwo(cutBy, layout)
        : this.#misfit(own.count, cutter.foreign ? cutter.lineEnd : 0);
      this.#reject(MISFIT, message, own);
    }
  }

  /** Decides about the waiting record, now that it is known whether the next one is a piece of it. */
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

  /** The message for the last such record, cached: making it takes longer than everything else for a record. */
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
 * Returns where to start pushing text for a checkpoint: there, unless the text before it decides how to read the rest.
 * Then push all of it; the reader skips the records that were read before.
 */
export function startOf(
  options: Pick<RecordOptions, 'delimiter' | 'dialect'>,
  checkpoint: Checkpoint,
): Checkpoint {
  return isUsual(options) ? checkpoint : START;
}
