/** Records → batches for a table other than customers: binary rows, texts for PostgreSQL to read, and rejects. */
import type { Target, TargetReason } from '@csvjobs/shared';
import { createRowReader, type RowReader } from '../../rows/rowReader.js';
import { STAGE_STEP } from '../../sql/target/stageStep.js';
import { CopyText } from '../batch/copyText.js';
import { PayloadMemory } from '../batch/memory.js';
import { shownText } from '../batch/shown.js';
import type { BatchOptions, CopyRows } from '../batch.js';
import type { Checkpoint } from '../checkpoint.js';
import type { TargetHeader } from '../header.js';
import { RecordKeeper } from '../keptRecords.js';
import { fileKeys } from '../keys/fileKeys.js';
import { KeyHashes } from '../keys/keyHashes.js';
import type { Fields } from '../parse/fields.js';
import type { SoundRecord } from '../parse.js';
import type { Reject, Sink } from '../sink.js';
import { hasMoreToSay } from './moreToSay.js';
import { RecentKeys } from './recentKeys.js';
import type { TargetBatch } from './targetBatch.js';
import { rawRow, refusedFor, writeReject } from './targetReject.js';

export interface TargetBatchOptions extends Omit<BatchOptions, 'emails'> {
  /** The columns of the key by which a record may wait for an earlier one; none where batches are loaded one by one. */
  keyColumns: readonly string[] | undefined;
  /** The table, by whose keys a record may repeat another. */
  target: Target;
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TRAILER = Buffer.from([0xff, 0xff]);

export class TargetSink implements Sink<TargetBatch, TargetHeader> {
  readonly #options: TargetBatchOptions;
  readonly #memory: PayloadMemory;
  readonly #texts = new CopyText();
  readonly #rejects = new CopyText();
  /** Undefined where there is nothing more that PostgreSQL could say of a rejected record. */
  #doubtful: CopyText | undefined;
  readonly #kept = new RecordKeeper();
  #rows!: RowReader;
  #columns: TargetHeader['plan']['columns'] = [];
  #keys!: KeyHashes;
  #recent: RecentKeys | undefined;
  #reasons: Record<string, number> = {};
  #mustWait = false;
  #count = 0;
  #most: number;

  constructor(options: TargetBatchOptions) {
    this.#options = options;
    this.#memory = options.memory ?? new PayloadMemory();
    this.#most = Math.min(options.batchRows, options.firstRows ?? options.batchRows);
  }

  get full(): boolean {
    const bytes =
      this.#rows.length +
      this.#texts.length +
      this.#rejects.length +
      this.#kept.length +
      this.#keys.length +
      (this.#doubtful?.length ?? 0);
    return this.#count >= this.#most || bytes >= this.#options.batchBytes;
  }

  get empty(): boolean {
    return this.#count === 0;
  }

  begin({ plan }: TargetHeader): void {
    const { keyColumns } = this.#options;
    this.#columns = plan.columns;
    this.#rows = createRowReader(plan);
    if (hasMoreToSay(this.#options.target, plan)) this.#doubtful = new CopyText();
    const { compared } = fileKeys(this.#options.target, plan.columns);
    this.#keys = new KeyHashes(compared, plan.columns, (fields, at) => this.#rows.value(fields, at));
    const fields = keyColumns?.map((name) => plan.columns.find(({ column }) => column === name)?.from);
    const positions = fields?.flatMap((from) => (from?.kind === 'field' ? [from.position] : []));
    if (positions?.length) this.#recent = new RecentKeys(positions);
  }

  isSound(fields: Fields): boolean {
    return this.#rows.judge(fields).faults === undefined;
  }

  add(rowNumber: number, line: number, fields: Fields, record: SoundRecord): boolean {
    this.#count++;
    if (this.#recent?.add(fields)) this.#mustWait = true;
    if (this.#rows.write(fields)) {
      this.#kept.add(rowNumber, line, record, false);
      this.#keys.add(fields);
      return true;
    }
    const { faults, values } = this.#rows.judge(fields);
    if (faults) {
      const reject = refusedFor(faults, { rowNumber, line }, rawRow(this.#columns, fields));
      writeReject(this.#rejects, this.#reasons, this.#options.jobId, { ...reject, original: record });
      this.#keys.skip();
      this.#doubt(rowNumber, faults, values);
      return false;
    }
    this.#kept.add(rowNumber, line, record, true);
    this.#keys.add(fields);
    // Between the binary row before it and the next one; by its index it is found again.
    const number = this.#rows.count * STAGE_STEP + this.#kept.count;
    this.#texts.texts(this.#rows.writes ? [String(number), ...values] : values);
    this.#texts.endRow();
    return true;
  }

  reject(reject: Reject, fields: Fields | undefined, raw: Buffer): void {
    this.#count++;
    this.#keys.skip();
    const row = { ...(fields && rawRow(this.#columns, fields)), raw: shownText(raw) };
    const original = { bytes: raw, start: 0, end: raw.length };
    writeReject(this.#rejects, this.#reasons, this.#options.jobId, {
      ...reject,
      reasons: undefined,
      row,
      original,
    });
  }

  take(checkpoint: Checkpoint): TargetBatch {
    const batch = {
      rows: this.#takeRows(),
      texts: this.#texts.take(this.#memory),
      numbered: this.#rows.writes,
      rejects: this.#rejects.take(this.#memory),
      doubtful: this.#doubtful?.take(this.#memory) ?? { count: 0, copy: this.#memory.take(0) },
      reasons: this.#reasons,
      keys: this.#keys.take(this.#memory),
      kept: this.#kept.take(this.#memory),
      mustWait: this.#mustWait,
      checkpoint,
    };
    this.#reasons = {};
    this.#mustWait = false;
    this.#count = 0;
    this.#most = Math.min(this.#options.batchRows, 2 * this.#most);
    this.#recent?.endBatch();
    return batch;
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

  #takeRows(): CopyRows {
    const { count, length } = this.#rows;
    if (count === 0) return { count, copy: this.#memory.take(0) };
    const copy = this.#memory.take(SIGNATURE.length + length + TRAILER.length);
    copy.set(SIGNATURE);
    copy.set(this.#rows.rows, SIGNATURE.length);
    copy.set(TRAILER, SIGNATURE.length + length);
    this.#rows.clear();
    return { count, copy };
  }
}
