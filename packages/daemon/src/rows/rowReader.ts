/** The records of a file by a plan: written straight where nothing is doubted, else judged whole. */
import type { TargetReason } from '@csvjobs/shared';
import { isBlank } from './blanks.js';
import { type ColumnReader, type ColumnVerdict, createColumnReader } from './columnReader.js';
import { createGather, decode, fieldText, type Gather } from './gather.js';
import type { PlanColumn, RowPlan } from './planColumn.js';
import { type IsMissing, missingWords } from './readings/missing.js';
import { encodeField, type RecordFields, RowWriter } from './rowWriter.js';
import { MOST_GROWTH, type TypeRule } from './types/typeRule.js';

/**
 * The texts of a record's columns in the order of the plan, null for NULL; and all that is wrong with it: then the columns
 * that are at fault are null.
 */
export type RowVerdict =
  | { faults: TargetReason[]; values: (string | null)[] }
  | { values: (string | null)[]; faults?: undefined };

export function createRowReader(plan: RowPlan): RowReader {
  return new RowReader(plan.columns, plan.numbered !== undefined);
}

export class RowReader {
  readonly #columns: readonly PlanColumn[];
  readonly #readers: readonly ColumnReader[];
  /** What means no value in a part of a column that several fields fill. */
  readonly #missing: readonly IsMissing[];
  readonly #gather: Gather | undefined;
  /** A record with fewer fields than this is doubted. */
  readonly #width: number;
  /** Undefined where each row has a value that only PostgreSQL can read. */
  readonly #writer: RowWriter | undefined;

  readonly #isNumbered: boolean;

  /** @param isNumbered behind the columns, each row has the number of its record */
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

  /** The rows so far as RowWriter has them: binary COPY without its signature and trailer, until the next `write`. */
  get rows(): Uint8Array {
    return this.#writer?.rows ?? new Uint8Array();
  }
  /** The memory that they stand in, from its start on. */
  get memory(): Uint8Array {
    return this.#writer?.memory ?? new Uint8Array();
  }
  get count(): number {
    return this.#writer?.count ?? 0;
  }
  get length(): number {
    return this.#writer?.length ?? 0;
  }

  /** Some rows can be written straight: not so where each has a value that only PostgreSQL can read. */
  get writes(): boolean {
    return this.#writer !== undefined;
  }

  /** Appends the row of a record. Returns false, and writes nothing, where one of its values is doubted. */
  write(fields: RecordFields, rowNumber?: number): boolean {
    const writer = this.#writer;
    if (writer === undefined || fields.count < this.#width) return false;
    return writer.add(this.#gather === undefined ? fields : this.#gather(fields), rowNumber);
  }

  /** Takes away the last row that was written, and gives its bytes until the next `write`. */
  takeLast(): Uint8Array {
    return this.#writer?.takeLast() ?? new Uint8Array();
  }

  /** Looks at all values of a record that `write` doubts. What only PostgreSQL can judge is no fault. */
  judge(fields: RecordFields, rowNumber?: number): RowVerdict {
    const faults: TargetReason[] = [];
    const values: (string | null)[] = [];
    for (const [at, column] of this.#columns.entries()) {
      const verdict = this.#judgeColumn(fields, at);
      if ('faults' in verdict) {
        const name = column.lookup ?? column.column;
        faults.push(...verdict.faults.map((fault) => ({ ...fault, column: name })));
        values.push(null);
      } else values.push(verdict.text);
    }
    if (this.#isNumbered) values.push(String(rowNumber));
    return faults.length > 0 ? { faults, values } : { values };
  }

  /** The text that a column is to store of a record without faults, null for NULL. @param at its place in the plan */
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
    if (from.kind === 'constant') return { text: from.text };
    const { plain } = this.#readers[at]!;
    const text = plain && from.kind === 'field' ? acceptedText(plain, fields, from.position) : undefined;
    if (text !== undefined) return { text };
    return this.#readers[at]!.judge(fieldText(fields, from, this.#missing[at]!));
  }
}

/** Longer values are judged at once: their rule may need as many bytes. */
const LONGEST = 64;
const scratch = new DataView(new ArrayBuffer(LONGEST + MOST_GROWTH));

/** The text of a field that its rule writes straight, which `judge` would have nothing against. */
function acceptedText(rule: TypeRule, fields: RecordFields, position: number): string | undefined {
  if (position >= fields.count) return undefined;
  const { bytes } = fields;
  const start = fields.starts[position]!;
  const end = fields.ends[position]!;
  if (start === end || end - start > LONGEST || (rule.growth ?? 0) > MOST_GROWTH) return undefined;
  // The rule of jsonb takes blanks around a value; as a text it has none.
  if (rule.trims && (isBlank(bytes[start]!) || isBlank(bytes[end - 1]!))) return undefined;
  return rule.write(bytes, start, end, scratch, 0) < 0 ? undefined : decode(bytes, start, end);
}

/** @param positions of the columns that have fields, which stand before those with a constant */
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
      // A default that cannot be written straight is no NULL: such a record is judged.
      sources.push({ position: positions[at]!, rule, nullable: nullable && filled === undefined, empty });
      continue;
    }
    const constant = encodeField(stored, from.text);
    if (!constant) return undefined;
    constants.push(constant);
  }
  return new RowWriter(sources, constants, isNumbered);
}
