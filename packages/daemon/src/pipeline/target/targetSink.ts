/**
 * Turns records into batches for a table other than customers: binary rows, binary rows that may have the key of an
 * earlier one, texts for PostgreSQL to read, and rejects.
 */
import type { Target, TargetReason } from '@csvjobs/shared';
import type { RowsApart } from '../../sql/target/sideBySide.js';
import { STAGE_STEP } from '../../sql/target/stageStep.js';
import { CopyText } from '../batch/copyText.js';
import { PayloadMemory } from '../batch/memory.js';
import { ReportRows } from '../batch/reportRows.js';
import { shownText } from '../batch/shown.js';
import type { BatchOptions } from '../batch.js';
import type { Checkpoint } from '../checkpoint.js';
import { withOrigin } from '../customers/origin.js';
import { createRecordReader, type RecordReader } from '../customers/recordReader.js';
import type { TargetHeader } from '../header.js';
import { PLACE_BYTES, RecordKeeper } from '../keptRecords.js';
import { hashedKeys } from '../keys/fileKeys.js';
import { KeyHashes } from '../keys/keyHashes.js';
import { PAIR_BYTES } from '../keys/keyPairs.js';
import type { Fields } from '../parse/fields.js';
import type { SoundRecord } from '../parse.js';
import type { PlainPlace, Reject, Sink } from '../sink.js';
import { takeBinary } from './binaryRows.js';
import type { KeySeen, Watch } from './keyWatch.js';
import { hasMoreToSay } from './moreToSay.js';
import { NumberedRows } from './numberedRows.js';
import { addRecords } from './plain/addRecords.js';
import { openPlainRecords, type PlainFormat } from './plain/openPlainRecords.js';
import type { PlainRecords, UnreadText } from './plain/plainRecords.js';
import type { TargetBatch } from './targetBatch.js';
import { writeReject } from './targetReject.js';

export interface TargetBatchOptions extends Omit<BatchOptions, 'emails'> {
  /** Says which rows may be loaded out of file order; undefined if each may depend on all before it. */
  apart: RowsApart | undefined;
  /** The table whose keys a record may repeat. */
  target: Target;
  /** The format of the file's text; undefined if each of its records must be read here. */
  text?: PlainFormat | undefined;
  /** The first N records each become a batch of their own. */
  singles?: number | undefined;
}

export class TargetSink implements Sink<TargetBatch, TargetHeader> {
  readonly #options: TargetBatchOptions;
  readonly #memory: PayloadMemory;
  readonly #suspects = new NumberedRows();
  readonly #texts = new CopyText();
  readonly #rejects: ReportRows;
  /** Undefined if PostgreSQL has nothing to add about a rejected record. */
  #doubtful: CopyText | undefined;
  readonly #kept = new RecordKeeper();
  #rows!: RecordReader;
  #columns: TargetHeader['plan']['columns'] = [];
  #keys!: KeyHashes;
  #watch: Watch | undefined;
  #plain: PlainRecords | undefined;
  /** Whether rows that need a check are set apart and loaded after the others. */
  #apart = false;
  #reasons: Record<string, number> = {};
  #assumed: Record<string, number> = {};
  #waits: TargetBatch['waits'] = 'nothing';
  #count = 0;
  /** Number of records that make a full batch. */
  #most: number;

  constructor(options: TargetBatchOptions) {
    this.#options = options;
    this.#memory = options.memory ?? new PayloadMemory();
    this.#rejects = new ReportRows(options.jobId);
    this.#most = options.singles ? 1 : this.#firstRows;
  }

  get full(): boolean {
    if (this.#count >= this.#most) return true;
    return this.#bytes + this.#kept.length + this.#keys.length >= this.#options.batchBytes;
  }

  /** Bytes so far, without those that each record has. */
  get #bytes(): number {
    const rows = this.#rows.length + this.#suspects.length + this.#texts.length;
    return rows + this.#rejects.length + (this.#doubtful?.length ?? 0);
  }

  get empty(): boolean {
    return this.#count === 0;
  }

  begin(found: TargetHeader): void {
    const { apart, jobId } = this.#options;
    const header = withOrigin(found, jobId);
    const { plan, customers } = header;
    this.#columns = plan.columns;
    this.#rows = createRecordReader(header);
    // PostgreSQL's findings are added to structured reasons; rejects of customers have only a message.
    if (!customers && hasMoreToSay(this.#options.target, plan)) this.#doubtful = new CopyText();
    const hashed = hashedKeys(this.#options.target, plan);
    this.#keys = new KeyHashes(hashed, plan.columns, (fields, at) => this.#rows.value(fields, at));
    if (apart?.key) this.#watch = this.#rows.watch(apart.key, hashed, this.#keys);
    this.#apart = apart !== undefined && this.#rows.writes && this.#watch?.exact !== false;
    const { text } = this.#options;
    const layout = this.#rows.plainRows?.layout;
    if (text && layout && (!this.#watch || (this.#watch.exact && this.#watch.seeHashed)))
      this.#plain = openPlainRecords(text, header.cells, layout, this.#keys.keys);
  }

  isSound(fields: Fields): boolean {
    return this.#rows.judge(fields).faults === undefined;
  }

  addPlain(text: UnreadText, { rowNumber, line, most }: PlainPlace): number {
    const plain = this.#plain;
    const rows = this.#rows.plainRows;
    if (!plain || !rows) return 0;
    plain.read(text, Math.min(most, this.#most - this.#count));
    const { batchBytes } = this.#options;
    const room = batchBytes - this.#bytes - this.#kept.length - this.#keys.length;
    const count = plain.takeFitting(room, PLACE_BYTES + PAIR_BYTES * this.#keys.keys.length);
    if (count === 0) return 0;
    text.at = plain.at;
    this.#keys.addHashed(plain.pairs);
    const { suspects } = plain;
    this.#watch?.seeHashed?.(plain.pairs, count, suspects);
    addRecords(plain, text.bytes, { rowNumber, line }, this.#kept, {
      rows,
      isSuspect: (index) => suspects[index] === 1 && this.#note('suspect'),
      addSuspect: (row) => this.#suspects.add(this.#numberOfLast(), row),
    });
    this.#count += count;
    return count;
  }

  add(rowNumber: number, line: number, fields: Fields, record: SoundRecord): boolean {
    this.#count++;
    if (this.#rows.write(fields, rowNumber)) {
      this.#keys.add(fields);
      const row = this.#isSuspect(fields) ? this.#rows.takeLast() : undefined;
      this.#kept.add(rowNumber, line, record, row ? 0 : this.#rows.length);
      if (row) this.#suspects.add(this.#numberOfLast(), row);
      this.#assume();
      return true;
    }
    const { faults, values } = this.#rows.judge(fields, rowNumber);
    if (faults) {
      const reject = this.#rows.refused(faults, { rowNumber, line });
      const row = (into: ReportRows) => this.#rows.writeRow(into, fields);
      writeReject(this.#rejects, this.#reasons, { ...reject, row, original: record });
      this.#keys.skip();
      this.#doubt(rowNumber, faults, values);
      return false;
    }
    this.#keys.add(fields);
    this.#assume();
    this.#isSuspect(fields);
    this.#kept.add(rowNumber, line, record, 0);
    this.#texts.texts(this.#rows.writes ? [String(this.#numberOfLast()), ...values] : values);
    this.#texts.endRow();
    return true;
  }

  /** Counts what was assumed about the last record. */
  #assume(): void {
    for (const sentence of this.#rows.assumed) this.#assumed[sentence] = (this.#assumed[sentence] ?? 0) + 1;
  }

  /** Returns whether a row's key must be checked, and notes what the batch must wait for. */
  #isSuspect(fields: Fields): boolean {
    return this.#note(this.#watch?.see(fields) ?? 'free');
  }

  #note(seen: KeySeen): boolean {
    if (seen === 'free') return false;
    if (seen === 'unknown' || !this.#apart) this.#waits = 'all';
    else if (this.#waits === 'nothing') this.#waits = 'aside';
    return seen === 'suspect' && this.#apart;
  }

  /**
   * Returns the stage number of the last kept record: between those of the binary rows before and after it, and unique
   * by its index.
   */
  #numberOfLast(): number {
    return this.#rows.count * STAGE_STEP + this.#kept.count;
  }

  reject(reject: Reject, fields: Fields | undefined, raw: Buffer): void {
    this.#count++;
    this.#keys.skip();
    const values = { ...(fields && this.#rows.shown(fields)), raw: shownText(raw) };
    const row = (into: ReportRows) => into.json(JSON.stringify(values));
    const original = { bytes: raw, start: 0, end: raw.length };
    writeReject(this.#rejects, this.#reasons, {
      ...reject,
      reasons: undefined,
      row,
      original,
    });
  }

  take(checkpoint: Checkpoint): TargetBatch {
    const { count, rows } = this.#rows;
    const batch = {
      rows: takeBinary(this.#memory, count, rows),
      suspects: this.#suspects.take(this.#memory),
      texts: this.#texts.take(this.#memory),
      numbered: this.#rows.writes,
      rejects: this.#rejects.take(this.#memory),
      doubtful: this.#doubtful?.take(this.#memory) ?? { count: 0, copy: this.#memory.take(0) },
      reasons: this.#reasons,
      assumed: this.#assumed,
      keys: this.#keys.take(this.#memory),
      kept: this.#kept.take(this.#memory),
      apart: this.#apart,
      waits: this.#waits,
      checkpoint,
    };
    this.#rows.clear();
    this.#reasons = {};
    this.#assumed = {};
    this.#waits = 'nothing';
    this.#count = 0;
    this.#most = this.#mostBehind(checkpoint);
    this.#watch?.endBatch();
    return batch;
  }

  get #firstRows(): number {
    const { batchRows, firstRows = batchRows } = this.#options;
    return Math.min(batchRows, firstRows);
  }

  #mostBehind({ rowNumber }: Checkpoint): number {
    const { batchRows, singles = 0 } = this.#options;
    if (rowNumber < singles) return 1;
    return rowNumber === singles ? this.#firstRows : Math.min(batchRows, 2 * this.#most);
  }

  #doubt(rowNumber: number, faults: readonly TargetReason[], values: readonly (string | null)[]): void {
    if (!this.#doubtful) return;
    const atFault = this.#columns.flatMap(({ column, lookup }, at) =>
      faults.some((fault) => fault.column === (lookup ?? column)) ? [at] : [],
    );
    if (atFault.length === this.#columns.length) return;
    this.#doubtful.texts([String(-rowNumber), ...values, `{${atFault.join()}}`]);
    this.#doubtful.endRow();
  }
}
