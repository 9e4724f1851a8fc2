/**
 * The keys of the e-mails that a job's runs have met, in a file beside its upload. A run that goes on where another
 * stopped has its filter back at 0.03 µs a record; to ask the table for the e-mails takes 0.8 µs.
 *
 * It is a hint and never the truth: a key that it lacks sends a batch the slower way (see lane.ts), no more. So it is
 * not flushed, and an error of its disk only ends it: `failed` is called with that error, once.
 *
 * Pairs of 32-bit integers, little-endian: one of the header (MARK, how many keys were known from the table), those
 * keys, then one for each record of the file, in its order; zeros for records without a good e-mail.
 */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { EmailKey } from './batch/emailKey.js';

const NONE: EmailKey = { hash: 0, otherHash: 0, order: 0 };

const MARK = 0x6c6d6531;
const PAIR_BYTES = 8;

/** Pairs that are written or read at once: 512 KiB. */
const PAIRS = 65_536;

export class EmailLog {
  #file: number | undefined;
  /** Keys from the table that stand before those of the file's records. */
  #known = 0;
  readonly #pairs = new Int32Array(2 * PAIRS);
  /** Which pairs of the file these are: from the first to before the end. */
  #first = 0;
  #end = 0;
  readonly #failed: (error: Error) => void;

  /** Opens the log, and creates it if it does not exist. Never throws: the job also runs without a log, only slower. */
  constructor(path: string, failed: (error: Error) => void) {
    this.#failed = failed;
    try {
      this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    } catch (error) {
      failed(error as Error);
    }
  }

  /**
   * Gives the keys that were known from the table, and those of the first `records` of the file, to `take`. Returns
   * whether it has them all; if not, call `start` to rewrite it.
   */
  recall(records: number, take: (key: EmailKey) => void): boolean {
    const whole = this.#try((file) => {
      const header = new Int32Array(2);
      if (readSync(file, header, 0, PAIR_BYTES, 0) < PAIR_BYTES || header[0] !== MARK) return false;
      const pairs = header[1]! + records;
      if (fstatSync(file).size < (1 + pairs) * PAIR_BYTES) return false;
      this.#read(file, pairs, take);
      this.#known = header[1]!;
      return true;
    });
    return whole === true;
  }

  #read(file: number, pairs: number, take: (key: EmailKey) => void): void {
    const key: EmailKey = { ...NONE };
    for (let from = 0; from < pairs; from += PAIRS) {
      const wanted = Math.min(PAIRS, pairs - from);
      const read = readSync(file, this.#pairs, 0, wanted * PAIR_BYTES, (1 + from) * PAIR_BYTES);
      if (read < wanted * PAIR_BYTES) throw new Error('the log became shorter');
      for (let at = 0; at < 2 * wanted; at += 2) {
        key.hash = this.#pairs[at]!;
        key.otherHash = this.#pairs[at + 1]!;
        if (key.hash !== 0 || key.otherHash !== 0) take(key);
      }
    }
    this.#pairs.fill(0);
  }

  /** Begins a log with the keys that are known from the table: those that `known` calls its argument with. */
  async start(known: (take: (key: EmailKey) => void) => Promise<void>): Promise<void> {
    this.#try((file) => ftruncateSync(file));
    this.#known = 0;
    await known((key) => this.#put(1 + this.#known++, key));
    this.#write();
    this.#try((file) => writeWhole(file, Int32Array.of(MARK, this.#known), PAIR_BYTES, 0));
  }

  /** Notes the key of a record of the file, the first being 1. The numbers must rise. */
  note(rowNumber: number, key: EmailKey): void {
    this.#put(this.#known + rowNumber, key);
  }

  /**
   * Writes what was noted of the records up to this one. To be called before they go to the loader, so that the log
   * has whatever is committed.
   */
  keep(rowNumber: number): void {
    if (this.#end <= this.#known + rowNumber) this.note(rowNumber, NONE);
    this.#write();
  }

  #put(pair: number, { hash, otherHash }: EmailKey): void {
    if (pair >= this.#first + PAIRS) this.#write();
    if (this.#first === this.#end) this.#first = pair;
    const at = 2 * (pair - this.#first);
    this.#pairs[at] = hash;
    this.#pairs[at + 1] = otherHash;
    this.#end = pair + 1;
  }

  #write(): void {
    const pairs = this.#end - this.#first;
    if (pairs > 0)
      this.#try((file) => writeWhole(file, this.#pairs, pairs * PAIR_BYTES, this.#first * PAIR_BYTES));
    this.#pairs.fill(0, 0, 2 * pairs);
    this.#first = this.#end;
  }

  #try<T>(action: (file: number) => T): T | undefined {
    if (this.#file === undefined) return undefined;
    try {
      return action(this.#file);
    } catch (error) {
      closeSync(this.#file);
      this.#file = undefined;
      this.#failed(error as Error);
      return undefined;
    }
  }
}

/** A disk that fills up may take a part; it refuses the rest at the next write (write(2)). */
function writeWhole(file: number, pairs: Int32Array, bytes: number, position: number): void {
  for (let done = 0; done < bytes; ) done += writeSync(file, pairs, done, bytes - done, position + done);
}
