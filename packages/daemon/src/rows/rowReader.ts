/**
 * Reads the records of a file by a plan: writes a row directly if no value is in doubt, otherwise judges the whole
 * record.
 */
import type { TargetReason } from '@csvjobs/shared';
import { isBlank } from './blanks.js';
import { type ColumnReader, type ColumnVerdict, createColumnReader } from './columnReader.js';
import { createGather, decode, fieldText, type Gather } from './gather.js';
import type { PlanColumn, RowPlan } from './planColumn.js';
import { isQuotedEmpty } from './quotedEmpty.js';
import { type IsMissing, missingWords } from './readings/missing.js';
import { encodeField, type RecordFields, type RowLayout, RowWriter } from './rowWriter.js';
import { MOST_GROWTH, type TypeRule } from './types/typeRule.js';

/**
 * The texts of a record's columns in the order of the plan, null for NULL. If the record has faults, all of them, and
 * null for the faulty columns.
 */
export type RowVerdict =
  | { faults: TargetReason[]; values: (string | null)[] }
  | { values: (string | null)[]; faults?: undefined };

export function createRowReader(plan: RowPlan): RowReader {
  return new RowReader(plan.columns, plan.numbered !== undefined);
}

const NOTHING: readonly string[] = [];

export class RowReader {
  readonly #columns: readonly PlanColumn[];
  readonly #readers: readonly ColumnReader[];
  /** For each column: recognizes a missing value in one of its fields. */
  readonly #missing: readonly IsMissing[];
  readonly #gather: Gather | undefined;
  /** A record with fewer fields than this is in doubt. */
  readonly #width: number;
  /** Undefined if each row has a value that only PostgreSQL can read. */
  readonly #writer: RowWriter | undefined;

  readonly #isNumbered: boolean;
  /** What was assumed about the values of the record that was written or judged last, one sentence for each value. */
  assumed: readonly string[] = NOTHING;

  /** @param isNumbered each row ends with the number of its record */
  constructor(columns: readonly PlanColumn[], isNumbered = false) {
    this.#columns = columns;
    this.#isNumbered = isNumbered;
    this.#readers = columns.map(createColumnReader);
    this.#missing = columns.map(({ reading }) => missingWords(reading?.missing ?? ['']));
    const { gather, positions, width } = createGather(columns, this.#missing);
    this.#gather = gather;
    this.#width = width;
    this.#writer = createWriter(columns, this.#readers, positions, isNumbered);
  }

  /** The rows so far, as binary COPY without signature and trailer; valid until the next `write`. */
  get rows(): Uint8Array {
    return this.#writer?.rows ?? new Uint8Array();
  }
  /** The memory whose start contains these rows. */
  get memory(): Uint8Array {
    return this.#writer?.memory ?? new Uint8Array();
  }
  get count(): number {
    return this.#writer?.count ?? 0;
  }
  get length(): number {
    return this.#writer?.length ?? 0;
  }

  /** Whether rows can be written directly: false if each has a value that only PostgreSQL can read. */
  get writes(): boolean {
    return this.#writer !== undefined;
  }

  /** The layout of its rows; undefined unless they consist of one field of the record, or a constant, for each column. */
  get layout(): RowLayout | undefined {
    return this.#gather || this.#isNumbered ? undefined : this.#writer?.layout;
  }

  /** Adds rows of this layout that were written elsewhere. */
  append(rows: Uint8Array, count: number): void {
    this.#writer?.append(rows, count);
  }

  /** Appends the row of a record. Returns false, and writes nothing, if one of its values is in doubt. */
  write(fields: RecordFields, rowNumber?: number): boolean {
    this.assumed = NOTHING;
    const writer = this.#writer;
    if (writer === undefined || fields.count < this.#width) return false;
    return writer.add(this.#gather === undefined ? fields : this.#gather(fields), rowNumber);
  }

  /** Removes the last row and returns its bytes, which are valid until the next `write`. */
  takeLast(): Uint8Array {
    return this.#writer?.takeLast() ?? new Uint8Array();
  }

  /** Judges all values of a record that `write` has refused. Values that only PostgreSQL can judge are not faults. */
  judge(fields: RecordFields, rowNumber?: number): RowVerdict {
    const faults: TargetReason[] = [];
    const values: (string | null)[] = [];
    const assumed: string[] = [];
    for (const [at, column] of this.#columns.entries()) {
      const verdict = this.#judgeColumn(fields, at);
      const name = column.lookup ?? column.column;
      if ('faults' in verdict) {
        faults.push(...verdict.faults.map((fault) => ({ ...fault, column: name })));
        values.push(null);
      } else {
        values.push(verdict.text);
        if (verdict.rounded) assumed.push(`${name}: a value rounded to ${verdict.rounded}`);
      }
    }
    this.assumed = assumed;
    if (this.#isNumbered) values.push(String(rowNumber));
    return faults.length > 0 ? { faults, values } : { values };
  }

  /**
   * Returns the text to store in a column for a record without faults, null for NULL.
   * @param at its index in the plan
   */
  value(fields: RecordFields, at: number): string | null {
    const verdict = this.#judgeColumn(fields, at);
    if ('faults' in verdict) throw new TypeError('the record has faults');
    return verdict.text;
  }

  /** Forgets the rows so far. */
  clear(): void {
    this.#writer?.clear();
  }

  #judgeColumn(fields: RecordFields, at: number): ColumnVerdict {
    const { from } = this.#columns[at]!;
    const reader = this.#readers[at]!;
    if (from.kind === 'constant') return reader.judgeStored(from.text);
    const { plain } = reader;
    const accepted = plain && from.kind === 'field' ? acceptedText(plain, fields, from.position) : undefined;
    if (accepted !== undefined) return { text: accepted };
    const text = fieldText(fields, from, this.#missing[at]!);
    return reader.judge(text, from.kind === 'field' && hasQuotes(fields, from.position));
  }
}

/** Whether a field is empty and has quotes in the file. */
function hasQuotes({ bytes, count, starts, ends }: RecordFields, position: number): boolean {
  return position < count && isQuotedEmpty(bytes, starts[position]!, ends[position]!);
}

/** Longer values skip the fast path, because their rule may need more memory than `scratch` has. */
const LONGEST = 64;
const scratch = new DataView(new ArrayBuffer(LONGEST + MOST_GROWTH));

/** Returns the text of a field if its rule writes it directly, so that `judge` would accept it too. */
function acceptedText(rule: TypeRule, fields: RecordFields, position: number): string | undefined {
  if (position >= fields.count) return undefined;
  const { bytes } = fields;
  const start = fields.starts[position]!;
  const end = fields.ends[position]!;
  if (start === end || end - start > LONGEST || (rule.growth ?? 0) > MOST_GROWTH) return undefined;
  // The rule of jsonb accepts blanks around a value, but the text to store has none.
  if (rule.trims && (isBlank(bytes[start]!) || isBlank(bytes[end - 1]!))) return undefined;
  return rule.write(bytes, start, end, scratch, 0) < 0 ? undefined : decode(bytes, start, end);
}

/** @param positions of the columns that have fields, which come before those with a constant */
function createWriter(
  columns: readonly PlanColumn[],
  readers: readonly ColumnReader[],
  positions: readonly number[],
  isNumbered: boolean,
): RowWriter | undefined {
  const sources = [];
  const constants = [];
  for (const [at, { from, nullable, default: filled }] of columns.entries()) {
    const { rule, stored, empty } = readers[at]!;
    if (!rule || !stored) return undefined;
    if (from.kind !== 'constant') {
      // A default that cannot be written directly must not become NULL, so such a record is judged.
      sources.push({ position: positions[at]!, rule, nullable: nullable && filled === undefined, empty });
      continue;
    }
    const constant = encodeField(stored, from.text);
    if (!constant) return undefined;
    constants.push(constant);
  }
  return new RowWriter(sources, constants, isNumbered);
}
