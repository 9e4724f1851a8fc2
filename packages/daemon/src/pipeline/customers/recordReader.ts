/**
 * Turns records of a table into its rows. Values of `customers` are cleaned before the rules of the shipped spec apply;
 * any other table is read as its plan says.
 */
import type { CustomerColumn, TargetReason } from '@csvjobs/shared';
import {
  CUSTOMER_COLUMNS,
  CUSTOMERS_SPEC,
  CUSTOMERS_TARGET,
  isCustomerColumn,
} from '@csvjobs/shared/reading';
import type { PlanColumn } from '../../rows/planColumn.js';
import { rowPlan } from '../../rows/rowPlan.js';
import { createRowReader, type RowReader, type RowVerdict } from '../../rows/rowReader.js';
import type { WatchedKey } from '../../sql/target/sideBySide.js';
import type { ReportRows } from '../batch/reportRows.js';
import type { CustomerValues, TargetHeader } from '../header.js';
import type { FileKey } from '../keys/fileKeys.js';
import type { KeyHashes } from '../keys/keyHashes.js';
import { Fields } from '../parse/fields.js';
import type { Reject } from '../sink.js';
import { KeyWatch, type Watch } from '../target/keyWatch.js';
import { createRowJson, type WriteRow } from '../target/rowJson.js';
import { type RefusalWords, rawRow, refusedFor } from '../target/targetReject.js';
import { type Cleaner, createCleaner } from './clean.js';
import { EmailWatch } from './emailWatch.js';
import { refusedCustomer } from './words.js';

/** A `RowReader` for whole records, which also words the reasons of those that it refuses. */
export interface RecordReader
  extends Pick<RowReader, 'rows' | 'count' | 'length' | 'writes' | 'assumed' | 'takeLast' | 'clear'> {
  write(fields: Fields, rowNumber?: number): boolean;
  judge(fields: Fields, rowNumber?: number): RowVerdict;
  /** Returns the text that a record without faults stores in a column of the plan. */
  value(fields: Fields, at: number): string | null;
  /** The rows themselves, if the kernel may add some (target/plain). Undefined if each record must be read here. */
  readonly plainRows?: RowReader | undefined;
  /**
   * Watches a key of the records that are written or judged.
   * @param hashed the keys that `hashes` has, in order; it must hash each record before the watch sees it
   */
  watch(key: WatchedKey, hashed: readonly FileKey[], hashes: KeyHashes): Watch;
  /** Returns a record's values as a report shows them. */
  shown(fields: Fields): Record<string, string>;
  /** Writes the same as a JSON field of a reject. */
  writeRow: WriteRow;
  /** Words the refusal of a record for the given reasons. */
  refused(reasons: readonly TargetReason[], place: Pick<Reject, 'rowNumber' | 'line'>): RefusalWords;
}

/** @param emailKey for customers: the key that identifies a customer, if duplicates are detected */
export function createRecordReader(
  { plan, customers }: Pick<TargetHeader, 'plan' | 'customers'>,
  emailKey?: string,
): RecordReader {
  return customers ? new CustomerReader(plan, customers, emailKey) : plainReader(plan);
}

function plainReader(plan: TargetHeader['plan']): RecordReader {
  const { columns } = plan;
  const reader = createRowReader(plan);
  return Object.assign(reader, {
    plainRows: reader,
    watch: (key: WatchedKey, hashed: readonly FileKey[], hashes: KeyHashes) =>
      new KeyWatch(key, columns, hashed, hashes),
    shown: (fields: Fields) => rawRow(columns, fields),
    writeRow: createRowJson(columns),
    refused: refusedFor,
  });
}

const NONE: readonly string[] = [];

class CustomerReader implements RecordReader {
  assumed: readonly string[] = NONE;
  readonly #rows: RowReader;
  readonly #clean: Cleaner;
  readonly #further: readonly PlanColumn[];
  readonly #email: number;
  readonly #emailKey: string | undefined;
  /** The values of the last record. */
  #values = new Fields();

  constructor(plan: TargetHeader['plan'], values: CustomerValues, emailKey: string | undefined) {
    this.#rows = createRowReader({ ...plan, columns: readColumns(plan.columns, values) });
    this.#clean = createCleaner(values);
    this.#further = plan.columns.filter(({ column }) => !isCustomerColumn(column));
    this.#email = values.positions.email;
    this.#emailKey = emailKey;
  }

  get rows(): Uint8Array {
    return this.#rows.rows;
  }
  get count(): number {
    return this.#rows.count;
  }
  get length(): number {
    return this.#rows.length;
  }
  get writes(): boolean {
    return this.#rows.writes;
  }

  write(fields: Fields, rowNumber?: number): boolean {
    const { values, faults, assumed } = this.#clean(fields);
    this.assumed = assumed;
    this.#values = values;
    return faults.length === 0 && this.#rows.write(values, rowNumber);
  }

  judge(fields: Fields, rowNumber?: number): RowVerdict {
    const { values: read, faults, assumed } = this.#clean(fields);
    this.#values = read;
    const { faults: found = [], values } = this.#rows.judge(read, rowNumber);
    this.assumed = [...assumed, ...this.#rows.assumed];
    const all = [...found, ...faults];
    return all.length > 0 ? { faults: all, values } : { values };
  }

  value(fields: Fields, at: number): string | null {
    return this.#rows.value(this.#clean(fields).values, at);
  }

  /** @param _ always the key of the e-mails, because no other is watched */
  watch(_: WatchedKey): Watch {
    return new EmailWatch(() => this.#values, this.#email);
  }

  takeLast(): Uint8Array {
    return this.#rows.takeLast();
  }

  clear(): void {
    this.#rows.clear();
  }

  shown(fields: Fields): Record<string, string> {
    return { ...rawRow(this.#further, fields), ...this.#clean.shown(fields) };
  }

  writeRow(into: ReportRows, fields: Fields): void {
    into.json(JSON.stringify(this.shown(fields)));
  }

  refused(reasons: readonly TargetReason[], place: Pick<Reject, 'rowNumber' | 'line'>): RefusalWords {
    return refusedCustomer(reasons, place, this.#emailKey);
  }
}

/**
 * Returns the columns of a plan as they are read from cleaned records: customers' own by the rules of the shipped spec.
 */
function readColumns(columns: readonly PlanColumn[], { positions, made }: CustomerValues): PlanColumn[] {
  return columns.map((each, at) => {
    if (!isCustomerColumn(each.column))
      return made && each.from.kind !== 'constant'
        ? { ...each, from: { kind: 'field', position: at } }
        : each;
    const { nullable, reading } = OWN_RULES[each.column];
    const { column, type } = each;
    return { column, type, nullable, reading, from: { kind: 'field', position: positions[each.column] } };
  });
}

/** The rules of the shipped spec for values that are already trimmed, so that blanks are searched for only once. */
const OWN_RULES = Object.fromEntries(
  rowPlan(CUSTOMERS_TARGET, CUSTOMERS_SPEC, [...CUSTOMER_COLUMNS]).columns.map(
    ({ column, nullable, reading }) => [column, { nullable, reading: untrimmed(reading) }],
  ),
) as Record<CustomerColumn, Pick<PlanColumn, 'nullable' | 'reading'>>;

function untrimmed(reading: PlanColumn['reading']): PlanColumn['reading'] {
  if (!reading) return undefined;
  const { form, limits } = reading;
  return (form ?? limits) ? { ...reading, trim: false } : undefined;
}
