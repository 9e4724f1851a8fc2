/**
 * Rows that an undo has restored, and triggers of the table have changed on the way: one that sets `updated_at` does
 * so in an undo, too.
 */
import { type Altered, quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { type BroughtBack, broughtBack } from './bringBack.js';
import { hasTriggers } from './changedOthers.js';
import { keyColumns } from './journal.js';
import { isRestored } from './owners.js';
import type { ForeignKey } from './references.js';
import { BACK } from './removedRows.js';
import type { Restored } from './restore.js';
import type { UndoTarget } from './target.js';
import { type UpdatedRows, WAS } from './updatedRows.js';

export interface RestoredRows {
  rows: UpdatedRows | null;
  updates: Restored;
  back: BroughtBack;
}

/**
 * Compares the texts of all values that the journal has. Must be called when all is done, deferred triggers too.
 * @param keys the foreign keys that reference the table
 * @returns null if nothing differs
 */
export async function alteredRows(
  db: Db,
  target: UndoTarget,
  { rows, updates, back }: RestoredRows,
  keys: readonly ForeignKey[],
): Promise<Altered | null> {
  const mayDiffer =
    keys.some(({ toItself, followsUpdates }) => toItself && followsUpdates) ||
    (await hasTriggers(db, target.relation));
  if (!mayDiffer || updates.restored + back.restored === 0) return null;
  const columns = await comparable(db, target);
  const parts: Altered[] = [{ rows: updates.unfound, columns: [] }];
  for (const [at, { among, row }] of (rows?.ways ?? []).entries()) {
    const entries = `${among} and w.csvjobs$entry in (${updates.done[at]})`;
    const joined = `${WAS} w join ${target.rows} t on ${row('t')} where ${entries}`;
    const { found: _, ...part } = await compare(db, columns, joined, (name) => `w.${quoteIdentifier(name)}`);
    parts.push(part);
  }
  if (back.restored > 0) parts.push(await alteredReturned(db, target, columns, back));
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

/** SQL for the value of an old row `w`. */
type Old = (name: string) => string;

const textNow = ({ name }: Column) => `t.${quoteIdentifier(name)}::text`;
const textThen = ({ name, type }: Column, old: Old) => `(${old(name)})::${type}::text`;

/** Compares each row `w` with the row `t` that it is joined with. */
async function compare(
  db: Db,
  columns: readonly Column[],
  joined: string,
  old: Old,
): Promise<Altered & { found: number }> {
  const differs = columns.map((column) => `${textNow(column)} is distinct from ${textThen(column, old)}`);
  const { rows } = await db.query<{ found: number; rows: number; changed: (boolean | null)[] }>(
    `select count(*) as found, count(*) filter (where ${differs.join(' or ')}) as rows,
       array[${differs.map((each) => `bool_or(${each})`).join(', ')}] as changed from ${joined}`,
  );
  const { found, rows: count, changed } = rows[0]!;
  return { found, rows: count, columns: columns.filter((_, at) => changed[at]).map(({ name }) => name) };
}

/** Rows that a replacement had removed: found by their key, if the job has kept one and no row has a NULL in it. */
async function alteredReturned(
  db: Db,
  target: UndoTarget,
  columns: readonly Column[],
  back: BroughtBack,
): Promise<Altered> {
  const entries = `w.csvjobs$entry in (${back.done.join(' union all ')})`;
  const key = (await keyColumns(db, target.jobId, true)).map(quoteIdentifier);
  const old: Old = (name) => broughtBack(target, name);
  const { rows } = await db.query(
    `select from ${BACK} w where ${key.map((each) => `(w.csvjobs$row).${each} is null`).join(' or ') || 'true'} limit 1`,
  );
  if (rows.length > 0) return compareAll(db, target, columns, { was: `${BACK} w where ${entries}`, old });
  const same = key.map((each) => `t.${each} = (w.csvjobs$row).${each}`).join(' and ');
  const joined = `${BACK} w join ${target.rows} t on ${same} where ${entries}`;
  const { found, ...part } = await compare(db, columns, joined, old);
  return { ...part, rows: part.rows + Math.max(0, back.restored - found) };
}

/** Compares all rows that came back with all that were to come back, if nothing tells which is which. */
async function compareAll(
  db: Db,
  { table }: UndoTarget,
  columns: readonly Column[],
  { was, old }: { was: string; old: Old },
): Promise<Altered> {
  const texts = (text: (column: Column) => string) => `array[${columns.map(text).join(', ')}] as texts`;
  // Columns with the same values have the same sum, in whatever order.
  const sums = (side: string) =>
    `select place, sum(hashtextextended(value, 0)) as sum from ${side}, unnest(texts) with ordinality each (value, place) group by place`;
  const { rows } = await db.query<{ rows: number; places: number[] }>(
    `with now as materialized (select ${texts(textNow)} from ${table} t where ${isRestored('removed', 't')}),
       was as materialized (select ${texts((column) => textThen(column, old))} from ${was})
     select (select count(*) from (select texts from was except all select texts from now) differing) as rows,
       array(select place from (${sums('was')}) was_sums join (${sums('now')}) now_sums using (place)
         where was_sums.sum is distinct from now_sums.sum
           and (select count(*) from was) = (select count(*) from now) order by place) as places`,
  );
  const { rows: count, places } = rows[0]!;
  return { rows: count, columns: places.map((place) => columns[place - 1]!.name) };
}
