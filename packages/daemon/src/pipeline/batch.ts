/**
 * Records → batches: rows and rejects as COPY payloads, split by number and size, with suspected duplicates kept apart.
 */
import type { Customer } from '@csvjobs/shared';
import { reasonIn } from '@csvjobs/shared/reading';
import { CustomerRows } from './batch/customerRows.js';
import { type EmailKey, emailKey } from './batch/emailKey.js';
import { foldedEmail } from './batch/foldedEmail.js';
import { PayloadMemory } from './batch/memory.js';
import { ReportRows, textFields } from './batch/reportRows.js';
import { createRowWriter, type RowWriter } from './batch/rowJson.js';
import { uuidBytes } from './batch/uuid.js';
import type { Checkpoint } from './checkpoint.js';
import type { CustomerSink } from './customerSink.js';
import type { CustomerHeader } from './header.js';
import { type KeptRecords, RecordKeeper } from './keptRecords.js';
import type { Fields } from './parse/fields.js';
import type { SoundRecord } from './parse.js';
import type { Reject } from './sink.js';
import { EMAIL, type Values } from './validate.js';

/** The payload of a COPY … FROM STDIN; empty if there are no rows. */
export interface CopyRows {
  count: number;
  copy: Uint8Array;
}

/** The records that one transaction loads: consecutive records of the file, in file order. */
export interface Batch {
  /** Valid records that are certainly the first in the file with their e-mail; binary, the columns of CustomerRows. */
  direct: CopyRows;
  /** Valid records whose e-mail may have occurred earlier in the file, in file order; same format. */
  suspects: CopyRows;
  /** Rejected records as ReportRows. */
  rejects: CopyRows;
  /** Number of rejected records for each reason; the sum is `rejects.count`. */
  reasons: Record<string, number>;
  /** Number of values that were not read literally, for each assumption. */
  assumed: Record<string, number>;
  /** The original text of the valid records, for the report, in case one turns out to be a duplicate. */
  kept: KeptRecords;
  /** Says where the values are in a record. */
  header: CustomerHeader;
  /** Where reading continues once this batch is committed. */
  checkpoint: Checkpoint;
}

/** The payloads whose memory is released once a batch is committed. */
export function customerPayloads({ direct, suspects, rejects, kept }: Batch): Uint8Array[] {
  return [direct.copy, suspects.copy, rejects.copy, kept.places, kept.text];
}

export interface BatchOptions {
  jobId: string;
  /**
   * The e-mails seen so far; nothing else is known about the file's other records. `add` adds a record's e-mail and
   * returns whether it may have been seen before.
   */
  emails: { add(key: EmailKey, rowNumber: number): boolean };
  /** A batch is full at this many records (good and rejected together, at most 2^18), */
  batchRows: number;
  /** or this many bytes of COPY payload. */
  batchBytes: number;
  /** Number of records in the first batch; each further batch has twice as many, up to batchRows. */
  firstRows?: number;
  /** Provides the payloads' memory, and gets it back after the commit. */
  memory?: PayloadMemory;
}

/** Fills one batch after the other. */
export class Batcher implements CustomerSink<Batch> {
  readonly #direct: CustomerRows;
  readonly #suspects: CustomerRows;
  readonly #rejects: ReportRows;
  readonly #kept = new RecordKeeper();
  /** By message, which determines column and code: the number of rejects, and these three values as fields. */
  readonly #reasons = new Map<string, { rows: number; fields: Buffer }>();
  #assumed: Record<string, number> = {};
  readonly #options: BatchOptions;
  readonly #memory: PayloadMemory;
  readonly #key: EmailKey = { hash: 0, otherHash: 0, order: 0 };
  #header: CustomerHeader | undefined;
  #rows: RowWriter | undefined;
  #most: number;
  #count = 0;

  constructor(options: BatchOptions) {
    this.#options = options;
    this.#memory = options.memory ?? new PayloadMemory();
    this.#rejects = new ReportRows(options.jobId);
    this.#direct = new CustomerRows(uuidBytes(options.jobId));
    this.#suspects = new CustomerRows(uuidBytes(options.jobId));
    this.#most = Math.min(options.batchRows, options.firstRows ?? options.batchRows);
  }

  get full(): boolean {
    const good = this.#direct.length + this.#suspects.length;
    const bytes = good + this.#rejects.length + this.#kept.length;
    return this.#count >= this.#most || bytes >= this.#options.batchBytes;
  }

  get empty(): boolean {
    return this.#count === 0;
  }

  begin(header: CustomerHeader): void {
    this.#header = header;
    this.#rows = createRowWriter(header);
  }

  /** Adds a valid record by the positions of its values. Its e-mail must be ASCII. */
  addValues(rowNumber: number, line: number, values: Values, _: Fields, record: SoundRecord): void {
    this.#count++;
    this.#kept.add(rowNumber, line, record, 0);
    const key = this.#key;
    emailKey(values.bytes, values.starts[EMAIL]!, values.ends[EMAIL]!, key);
    const rows = this.#options.emails.add(key, rowNumber) ? this.#suspects : this.#direct;
    rows.addValues(rowNumber, values, key.order);
  }

  /**
   * Adds a valid record by its values. One with a non-ASCII e-mail is always a suspect, because PostgreSQL folds those.
   */
  addCustomer(rowNumber: number, line: number, customer: Customer, _: Fields, record: SoundRecord): void {
    this.#count++;
    this.#kept.add(rowNumber, line, record, 0);
    const key = this.#key;
    const bytes = Buffer.from(foldedEmail(customer.email));
    emailKey(bytes, 0, bytes.length, key);
    const met = this.#options.emails.add(key, rowNumber);
    const rows = met || !isAscii(customer.email) ? this.#suspects : this.#direct;
    rows.addCustomer(rowNumber, customer, key.order);
  }

  /** Adds a record that cannot be split into the header's fields. */
  reject(reject: Reject, fields: Fields | undefined, raw: Buffer): void {
    this.#rejectAt(reject);
    this.#rows!.broken(this.#rejects, fields, raw);
    this.#end(raw, 0, raw.length);
  }

  /** Adds a rejected record by its fields, without making strings of them. */
  rejectFields(reject: Reject, fields: Fields, { bytes, start, end }: SoundRecord): void {
    this.#rejectAt(reject);
    this.#rows!.whole(this.#rejects, fields);
    this.#end(bytes, start, end);
  }

  /** Ends a reject, which has no reasons as data. */
  #end(bytes: Buffer, start: number, end: number): void {
    this.#rejects.json(null);
    this.#rejects.bytea(bytes, start, end);
    this.#rejects.end();
  }

  assume(sentence: string): void {
    this.#assumed[sentence] = (this.#assumed[sentence] ?? 0) + 1;
  }

  #rejectAt({ rowNumber, line, column, code, message }: Reject): void {
    this.#count++;
    let reason = this.#reasons.get(message);
    if (reason === undefined) {
      reason = { rows: 0, fields: textFields([column, code, message]) };
      this.#reasons.set(message, reason);
    }
    reason.rows++;
    this.#rejects.begin(rowNumber, line);
    this.#rejects.copied(reason.fields);
  }

  /** Returns the batch and starts the next. `checkpoint` is the position after the batch's last record. */
  take(checkpoint: Checkpoint): Batch {
    const reasons: Record<string, number> = {};
    for (const [message, { rows }] of this.#reasons) {
      const reason = reasonIn(message);
      reasons[reason] = (reasons[reason] ?? 0) + rows;
    }
    this.#reasons.clear();
    const assumed = this.#assumed;
    this.#assumed = {};
    this.#count = 0;
    this.#most = Math.min(this.#options.batchRows, 2 * this.#most);
    return {
      direct: this.#direct.take(this.#memory),
      suspects: this.#suspects.take(this.#memory),
      rejects: this.#rejects.take(this.#memory),
      kept: this.#kept.take(this.#memory),
      header: this.#header!,
      reasons,
      assumed,
      checkpoint,
    };
  }
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= 0x80) return false;
  return true;
}
