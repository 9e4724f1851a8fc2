/**
 * Records of a table → its rows: of `customers`, whose values are cleaned before the rules of the shipped spec are asked of them, and of any
 * other table as its plan says.
 */
import {
  CUSTOMER_COLUMNS,
  CUSTOMERS_SPEC,
  CUSTOMERS_TARGET,
  type CustomerColumn,
  isCustomerColumn,
  type TargetReason,
} from '@csvjobs/shared';
import type { PlanColumn } from '../../rows/planColumn.js';
import { rowPlan } from '../../rows/rowPlan.js';
import { createRowReader, type RowReader, type RowVerdict } from '../../rows/rowReader.js';
import type { WatchedKey } from '../../sql/target/sideBySide.js';
import type { CopyText } from '../batch/copyText.js';
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

/** A `RowReader` for whole records, with what is said of those that it refuses. */
export interface RecordReader
  extends Pick<RowReader, 'rows' | 'count' | 'length' | 'writes' | 'takeLast' | 'clear'> {
  write(fields: Fields, rowNumber?: number): boolean;
  judge(fields: Fields, rowNumber?: number): RowVerdict;
  /** The text that a column of the plan is to store of a record without faults. */
  value(fields: Fields, at: number): string | null;
  /** What was assumed of the values of the record that was looked at last. */
  readonly assumed: readonly string[];
  /**
   * Watches a key of the records that are written or judged.
   * @param hashed the keys that `hashes` has, in their order: of each record, before the watch sees it
   */
  watch(key: WatchedKey, hashed: readonly FileKey[], hashes: KeyHashes): Watch;
  /** The values of a record as a report shows them. */
  shown(fields: Fields): Record<string, string>;
  /** Writes the same as a JSON field of a reject. */
  writeRow: WriteRow;
  /** What is said of a record with what is wrong with it. */
  refused(reasons: readonly TargetReason[], place: Pick<Reject, 'rowNumber' | 'line'>): RefusalWords;
}

/** @param emailKey of customers: the key by which two of them are the same, where duplicates are found */
export function createRecordReader(
  { plan, customers }: Pick<TargetHeader, 'plan' | 'customers'>,
  emailKey?: string,
): RecordReader {
  return customers ? new CustomerReader(plan, customers, emailKey) : plainReader(plan);
}

function plainReader(plan: TargetHeader['plan']): RecordReader {
  const { columns } = plan;
  return Object.assign(createRowReader(plan), {
    assumed: NONE,
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
  /** Of the record that was looked at last. */
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
    this.assumed = assumed;
    this.#values = read;
    const { faults: found = [], values } = this.#rows.judge(read, rowNumber);
    const all = [...found, ...faults];
    return all.length > 0 ? { faults: all, values } : { values };
  }

  value(fields: Fields, at: number): string | null {
    return this.#rows.value(this.#clean(fields).values, at);
  }

  /** @param _ the key of the e-mails, which is the only one that is watched */
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

  writeRow(into: CopyText, fields: Fields): void {
    into.texts([JSON.stringify(this.shown(fields))]);
  }

  refused(reasons: readonly TargetReason[], place: Pick<Reject, 'rowNumber' | 'line'>): RefusalWords {
    return refusedCustomer(reasons, place, this.#emailKey);
  }
}

/** The columns of a plan as they are read from records that were cleaned: customers' own by the rules of the shipped spec. */
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

/** The rules of the shipped spec for values that are trimmed already: blanks are looked for once. */
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
