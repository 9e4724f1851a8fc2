/** Finds the unique keys of a table by which the records of a file can be compared without the database. */
import type { Target, TargetKey } from '@csvjobs/shared';
import { changesRows, partColumns } from '@csvjobs/shared/reading';
import { type KeyText, keyTextOf } from '../../rows/keys/keyText.js';
import type { PlanColumn, RowPlan } from '../../rows/rowPlan.js';

export interface FileKey extends Pick<TargetKey, 'name' | 'columns' | 'nullsNotDistinct'> {
  parts: {
    column: string;
    /** The index of the column in the plan. */
    at: number;
    text: KeyText;
  }[];
}

export interface FileKeys {
  /** In the order of the target: a record that repeats several keys is rejected for the first. */
  compared: FileKey[];
  /** Keys by which two records may collide, but only the database can decide whether they do. */
  left: TargetKey[];
}

/**
 * Returns no keys if the plan skips or updates rows: a record with the key of another is then not a duplicate, and may
 * free another key.
 */
export function fileKeys(
  target: Target,
  { columns, conflict }: Pick<RowPlan, 'columns' | 'conflict'>,
): FileKeys {
  const found: FileKeys = { compared: [], left: [] };
  if (conflict) return found;
  for (const key of target.keys) {
    if (neverCollides(target, columns, key)) continue;
    const compared = key.predicate === null && !changesKeys(target) ? comparedKey(key, columns) : undefined;
    if (compared) found.compared.push(compared);
    else found.left.push(key);
  }
  return found;
}

/**
 * Returns the keys that are hashed: those that are compared. If the plan skips or updates rows, only the key by which
 * it finds them: it shows that two records may belong to the same row, and is not logged. A partial key may cover only one of
 * them.
 */
export function hashedKeys(
  target: Target,
  { columns, conflict }: Pick<RowPlan, 'columns' | 'conflict'>,
): FileKey[] {
  if (!conflict) return fileKeys(target, { columns }).compared;
  const key = target.keys.find(({ name }) => name === conflict.key)!;
  const compared = changesKeys(target) ? undefined : comparedKey(key, columns);
  return compared ? [compared] : [];
}

/** Triggers and rewrite rules may give a row a different key from the file's. */
function changesKeys(target: Target): boolean {
  return changesRows(target) || target.rules.length > 0;
}

function comparedKey(key: TargetKey, columns: readonly PlanColumn[]): FileKey | undefined {
  const parts = key.parts.map(({ column, deterministic }) => {
    const at = columns.findIndex((each) => each.column === column && each.lookup === undefined);
    const text = at < 0 || !deterministic ? undefined : keyTextOf(columns[at]!.type);
    return text && { column: column!, at, text };
  });
  if (!parts.every((part) => part !== undefined)) return undefined;
  return { name: key.name, columns: partColumns(key), nullsNotDistinct: key.nullsNotDistinct, parts };
}

/** Returns whether the table fills the whole key (a serial number), or the key contains NULL, which equals nothing. */
function neverCollides(target: Target, columns: readonly PlanColumn[], key: TargetKey): boolean {
  const lacking = target.columns.filter(
    ({ name }) =>
      key.columns.includes(name) && !columns.some(({ column, lookup }) => (lookup ?? column) === name),
  );
  if (lacking.some(({ generated }) => generated !== null)) return false;
  if (lacking.length === key.columns.length) return true;
  const isNull = lacking.some(({ default: filled, identity }) => filled === null && identity === null);
  return isNull && !key.nullsNotDistinct && key.predicate === null && key.parts.every(({ column }) => column);
}
