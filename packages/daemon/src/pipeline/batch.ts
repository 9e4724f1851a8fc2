/** Records → batches: rows and rejects as COPY text, grouped by number and size. */
import { type Customer, PREVIEW_LIMIT, type Rejection } from '@csvjobs/shared';
import { CopyText } from './batch/copyText.js';
import type { WriteRow } from './batch/rowJson.js';
import type { Checkpoint } from './checkpoint.js';
import type { Fields } from './parse/fields.js';
import type { Values } from './validate.js';

/** Rows as the lines of a COPY … FROM STDIN in text format, UTF-8. */
export interface CopyRows {
  count: number;
  copy: Uint8Array;
}

/** What one transaction loads: a run of records of the file, in its order. */
export interface Batch {
  /** Valid records as (row_number, line, name, email, phone, company). */
  rows: CopyRows;
  /** Rejected records as (row_number, line, column_name, code, message, row), row being JSON. */
  rejects: CopyRows;
  /** The first rejected records of the batch, at most PREVIEW_LIMIT of them. */
  preview: Rejection[];
  /** Where reading goes on once this batch is committed. */
  checkpoint: Checkpoint;
}

/** How many UTF-16 units of a value the preview shows. */
const PREVIEW_TEXT = 500;

export interface BatchOptions {
  /** A batch is full with so many records, good and rejected ones together, */
  batchRows: number;
  /** or as soon as it has so many bytes of COPY text. */
  batchBytes: number;
}

/** The batch that is being filled. */
export class Batcher {
  readonly #rows = new CopyText();
  readonly #rejects = new CopyText();
  #preview: Rejection[] = [];
  readonly #options: BatchOptions;

  constructor(options: BatchOptions) {
    this.#options = options;
  }

  get full(): boolean {
    const { batchRows, batchBytes } = this.#options;
    return (
      this.#rows.count + this.#rejects.count >= batchRows ||
      this.#rows.length + this.#rejects.length >= batchBytes
    );
  }

  get empty(): boolean {
    return this.#rows.count + this.#rejects.count === 0;
  }

  /** Adds a valid record by the positions of its values. */
  addValues(rowNumber: number, line: number, { bytes, starts, ends }: Values): void {
    const rows = this.#rows;
    rows.integer(rowNumber);
    rows.integer(line);
    for (let column = 0; column < starts.length; column++) {
      const start = starts[column]!;
      const end = ends[column]!;
      if (start === end) rows.null();
      else rows.bytes(bytes, start, end);
    }
    rows.endRow();
  }

  /** Adds a valid record by its values. */
  addCustomer(rowNumber: number, line: number, { name, email, phone, company }: Customer): void {
    const rows = this.#rows;
    rows.integer(rowNumber);
    rows.integer(line);
    rows.texts([name, email, phone, company]);
    rows.endRow();
  }

  /** Adds a rejected record. */
  reject(rejection: Rejection): void {
    this.#rejectAt(rejection);
    this.#rejects.texts([JSON.stringify(rejection.row)]);
    this.#rejects.endRow();
    this.#show(() => rejection);
  }

  /** Adds a rejected record with its row as fields, which are made to strings for the preview only. */
  rejectFields(
    reject: Omit<Rejection, 'row'>,
    fields: Fields,
    writeRow: WriteRow,
    row: () => Rejection['row'],
  ): void {
    this.#rejectAt(reject);
    writeRow(this.#rejects, fields);
    this.#rejects.endRow();
    this.#show(() => ({ ...reject, row: row() }));
  }

  #rejectAt({ rowNumber, line, column, code, message }: Omit<Rejection, 'row'>): void {
    this.#rejects.integer(rowNumber);
    this.#rejects.integer(line);
    this.#rejects.texts([column, code, message]);
  }

  #show(rejection: () => Rejection): void {
    if (this.#preview.length < PREVIEW_LIMIT) this.#preview.push(shortened(rejection()));
  }

  /** Hands the batch on and starts the next. `checkpoint` stands behind its last record. */
  take(checkpoint: Checkpoint): Batch {
    const batch = {
      rows: this.#rows.take(),
      rejects: this.#rejects.take(),
      preview: this.#preview,
      checkpoint,
    };
    this.#preview = [];
    return batch;
  }
}

/** A job carries its preview wherever it is listed, so long values are cut there; the report has them whole. */
function shortened(rejection: Rejection): Rejection {
  const row = Object.entries(rejection.row).map(([column, text]) => {
    if (text.length <= PREVIEW_TEXT) return [column, text];
    // Not between the two halves of a character, as jsonb takes no half of one.
    const whole = text.codePointAt(PREVIEW_TEXT - 1)! <= 0xffff;
    return [column, `${text.slice(0, whole ? PREVIEW_TEXT : PREVIEW_TEXT - 1)}…`];
  });
  return { ...rejection, row: Object.fromEntries(row) };
}
