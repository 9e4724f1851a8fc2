/** Describes the columns and keys of a plan to the kernel, which then reads its records; undefined for a plan that it cannot read. */
import type { ColumnSource, RowLayout } from '../../../rows/rowWriter.js';
import { BY_RULE, TEXT } from '../../../rows/types/kernelKinds.js';
import type { TypeRule } from '../../../rows/types/typeRule.js';
import type { HashedKey } from '../../keys/keyHashes.js';
import * as layout from './memoryLayout.js';

/** Any length. */
const NO_LIMIT = 0xffff_ffff;

/** Returns whether the kernel can write the rows of a layout and the hashes of its keys. */
export function isForKernel({ columns }: RowLayout, keys: readonly HashedKey[]): boolean {
  const positions = new Set(columns.map(({ position }) => position));
  // A row gets room for the size of its record, so each field may be written only once.
  if (positions.size < columns.length) return false;
  return keys.every(({ parts }) =>
    parts.every(({ text, position }) => position !== undefined && text.kernel !== undefined),
  );
}

/** Bytes that the tables of a layout take. */
export function tableBytes({ columns, constants }: RowLayout, keys: readonly HashedKey[]): number {
  const parts = keys.reduce((sum, key) => sum + key.parts.length, 0);
  const replaced = columns.reduce((sum, { empty }) => sum + roomFor(empty?.length ?? 0), 0);
  return (
    columns.length * layout.COLUMN_BYTES +
    keys.length * layout.KEY_BYTES +
    parts * layout.PART_BYTES +
    replaced +
    roomFor(constants.length)
  );
}

/** The kernel copies whole vectors. */
function roomFor(length: number): number {
  return length + layout.SLACK;
}

/** Writes the tables from `at` on. Returns where each is. */
export function writeTables(
  { columns, constants }: RowLayout,
  keys: readonly HashedKey[],
  view: DataView,
  at: number,
): { columns: number; constants: number; keys: number } {
  const keysAt = at + columns.length * layout.COLUMN_BYTES;
  let free = keysAt + keys.length * layout.KEY_BYTES;
  for (const [index, key] of keys.entries()) {
    writeWords(view, keysAt + index * layout.KEY_BYTES, [
      key.parts.length,
      key.nullsNotDistinct ? 1 : 0,
      free,
    ]);
    for (const { position, text, trims } of key.parts) {
      writeWords(view, free, [position!, text.kernel!, trims ? 1 : 0]);
      free += layout.PART_BYTES;
    }
  }
  const put = (bytes: Uint8Array) => {
    new Uint8Array(view.buffer).set(bytes, free);
    const start = free;
    free += roomFor(bytes.length);
    return start;
  };
  const constantsAt = put(constants);
  for (const [index, column] of columns.entries())
    writeColumn(view, at + index * layout.COLUMN_BYTES, column, column.empty ? put(column.empty) : 0);
  return { columns: at, constants: constantsAt, keys: keysAt };
}

function writeColumn(
  view: DataView,
  at: number,
  { position, rule, nullable, empty }: ColumnSource,
  emptyAt: number,
): void {
  const { kind, limit = NO_LIMIT, scale = 0, shown = 0 } = rule.kernel ?? asItIs(rule.verbatim);
  view.setUint8(at, kind);
  view.setUint8(
    at + layout.COLUMN_FLAGS,
    (rule.trims ? layout.TRIMS : 0) |
      (rule.takesEmpty ? layout.TAKES_EMPTY : 0) |
      (nullable ? layout.NULLABLE : 0),
  );
  view.setUint32(at + layout.COLUMN_POSITION, position, true);
  view.setUint32(at + layout.COLUMN_LIMIT, Math.min(limit, NO_LIMIT), true);
  view.setUint32(at + layout.COLUMN_SCALE, scale, true);
  view.setUint32(at + layout.COLUMN_SHOWN, shown, true);
  view.setUint32(at + layout.COLUMN_EMPTY, emptyAt, true);
  view.setUint32(at + layout.COLUMN_EMPTY_LENGTH, empty?.length ?? 0, true);
}

/** @param most maximum length of values that are copied unchanged; undefined if none are */
function asItIs(most: number | undefined): NonNullable<TypeRule['kernel']> {
  return most === undefined ? { kind: BY_RULE } : { kind: TEXT, limit: most };
}

function writeWords(view: DataView, at: number, words: readonly number[]): void {
  for (const [index, word] of words.entries()) view.setUint32(at + 4 * index, word, true);
}
