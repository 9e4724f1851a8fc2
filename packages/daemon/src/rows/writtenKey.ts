/**
 * The key of a record in a form that is the same for equal values, whatever their texts (`07` and `7`): the bytes that the
 * binary format has for it. So two records with the same key are seen without a look into the table.
 */
import type { PlanColumn } from './planColumn.js';
import { RowReader } from './rowReader.js';
import type { RecordFields } from './rowWriter.js';

/** Types whose equal values have equal bytes. Text is equal by its bytes where its collation is deterministic. */
const SAME_BYTES = new Set(
  'int2 int4 int8 bool text varchar bpchar bytea uuid date time timestamp timestamptz macaddr'.split(' '),
);
/** Its equal values may differ in how many decimals they show, and so in bytes 6 and 7 (numeric_send). */
const NUMERIC = 'numeric';
const DECIMALS_AT = 6;

/** Whether equal values of all these columns are seen. Not those of float8 (`-0`), inet, jsonb, arrays or of other types. */
export function isWritten(columns: readonly PlanColumn[]): boolean {
  return columns.every(
    ({ type }) =>
      type.kind === 'enum' || (type.system && (SAME_BYTES.has(type.name) || type.name === NUMERIC)),
  );
}

/** Whether a record has a key: not where a part of it is NULL, and not to be known where one is doubted. */
export type KeyFound = 'key' | 'none' | 'unknown';

export class WrittenKey {
  /** Of the last key that was found: 32 bits each. */
  hash = 0;
  other = 0;
  readonly #reader: RowReader;
  readonly #isNumeric: readonly boolean[];
  readonly #nullsNotDistinct: boolean;

  /** @param columns those of the key that have fields, of types that `isWritten` knows */
  constructor(columns: readonly PlanColumn[], nullsNotDistinct: boolean) {
    this.#reader = new RowReader(columns);
    this.#isNumeric = columns.map(({ type }) => type.name === NUMERIC);
    this.#nullsNotDistinct = nullsNotDistinct;
  }

  /** Keys can be found at all: not where a part of them is a type that only PostgreSQL reads. */
  get writes(): boolean {
    return this.#reader.writes;
  }

  /** Finds the key of a record, and hashes it. */
  find(fields: RecordFields): KeyFound {
    const reader = this.#reader;
    reader.clear();
    if (!reader.write(fields)) return 'unknown';
    const bytes = reader.memory;
    let hash = 0x811c9dc5 | 0;
    let other = 0x2f0b4c47 | 0;
    let at = 2;
    for (let column = 0; column < this.#isNumeric.length; column++) {
      const length = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
      at += 4;
      if (length === -1 && !this.#nullsNotDistinct) return 'none';
      const passed = this.#isNumeric[column] ? at + DECIMALS_AT : -1;
      for (const end = at + Math.max(0, length); at < end; at++) {
        if (at === passed || at === passed + 1) continue;
        hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
        other = Math.imul(other ^ bytes[at]!, 0x5bd1e995);
      }
      // So that `1,23` and `12,3` are two keys.
      hash = Math.imul(hash ^ length ^ 0x1ff, 0x01000193);
      other = Math.imul(other ^ length ^ 0x1ff, 0x5bd1e995);
    }
    this.hash = hash ^ (hash >>> 15);
    this.other = other ^ (other >>> 13);
    return 'key';
  }
}
