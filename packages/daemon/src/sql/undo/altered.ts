/**
 * Rows that an undo has restored, and triggers of the table have changed on the way: one that sets `updated_at` does
 * so in an undo, too.
 */
import { type Altered, quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { type BroughtBack, broughtBack } from './bringBack.js';
import { hasTriggers } from './changedOthers.js';
import { isRestored } from './owners.js';
import type { ForeignKey } from './references.js';
import { BACK } from './removedRows.js';
import type { Restored } from './restore.js';
import type { UndoTarget } from './target.js';
import { WAS } from './updatedRows.js';

/**
 * Compares the texts of all values; a removed row has no key by which it is found, so that both parts are compared as
 * a whole. Must be called while the rows are as the undo has written them.
 * @param keys the foreign keys that reference the table
 * @returns null if nothing differs
 */
export async function alteredRows(
  db: Db,
  target: UndoTarget,
  { updates, back }: { updates: Restored; back: BroughtBack },
  keys: readonly ForeignKey[],
): Promise<Altered | null> {
  const mayDiffer =
    keys.some(({ toItself, followsUpdates }) => toItself && followsUpdates) ||
    (await hasTriggers(db, target.relation));
  if (!mayDiffer || updates.restored + back.restored === 0) return null;
  const columns = await comparable(db, target);
  const parts: Altered[] = [];
  if (updates.restored > 0)
    parts.push(
      await compare(db, columns, {
        now: `${target.table} t where ${isRestored('updated', 't')}`,
        was: `${WAS} w where w.csvjobs$entry in (${updates.done.join(' union all ')})`,
        old: (name) => `w.${quoteIdentifier(name)}`,
      }),
    );
  if (back.restored > 0)
    parts.push(
      await compare(db, columns, {
        now: `${target.table} t where ${isRestored('removed', 't')}`,
        was: `${BACK} w where w.csvjobs$entry in (${back.done.join(' union all ')})`,
        old: (name) => broughtBack(target, name),
      }),
    );
  return parts.reduce<Altered | null>(bothAltered, null);
}

/** Returns the sum of two parts of an undo, or of two undos of a job. */
export function bothAltered(one: Altered | null, other: Altered | null): Altered | null {
  const rows = (one?.rows ?? 0) + (other?.rows ?? 0);
  if (rows === 0) return null;
  return { rows, columns: [...new Set([...(one?.columns ?? []), ...(other?.columns ?? [])])] };
}

interface Column {
  name: string;
  /** Its type now, for a cast. */
  type: string;
}

/** Returns the columns whose old values are kept and that take a value, in the order of the table. */
async function comparable(db: Db, { relation, columns }: UndoTarget): Promise<Column[]> {
  const { rows } = await db.query<Column>(
    `select attname::text as name, format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = $1::oid and attnum > 0 and not attisdropped and attgenerated = '' and attname = any ($2)
     order by attnum`,
    [relation, columns!.map(({ name }) => name)],
  );
  return rows;
}

interface Sides {
  /** The rows `t` as they are now, after `from`. */
  now: string;
  /** The rows `w` as they were. */
  was: string;
  /** SQL for an old value. */
  old(name: string): string;
}

async function compare(db: Db, columns: readonly Column[], { now, was, old }: Sides): Promise<Altered> {
  const values = (value: (column: Column) => string) =>
    `array[${columns.map((column) => `(${value(column)})::text`).join(', ')}]`;
  // Columns with the same values have the same sum, in whatever order.
  const sums = (side: string) =>
    `select place, sum(hashtextextended(value, 0)) as sum from ${side}, unnest(texts) with ordinality each (value, place) group by place`;
  const { rows } = await db.query<{ rows: number; places: number[] }>(
    `with now as materialized (select ${values(({ name }) => `t.${quoteIdentifier(name)}`)} as texts from ${now}),
       was as materialized (select ${values(({ name, type }) => `(${old(name)})::${type}`)} as texts from ${was})
     select (select count(*) from (select texts from was except all select texts from now) differing) as rows,
       array(select place from (${sums('was')}) was_sums join (${sums('now')}) now_sums using (place)
         where was_sums.sum is distinct from now_sums.sum order by place) as places`,
  );
  const { rows: count, places } = rows[0]!;
  return { rows: count, columns: places.map((place) => columns[place - 1]!.name) };
}
