/**
 * Checks whether a table is still the one that a load was planned for. Between two batches anything may be altered;
 * the columns cannot, from the first row that a transaction writes until its end.
 */
import type { TableName } from '@csvjobs/shared';
import type { Db } from '../pool.js';

/**
 * Hashes what a binary payload relies on: the table itself and its columns with their types. A column whose type
 * changed to another of the same size would misread the bytes without an error. Returns null if there is no such table.
 */
export async function shapeOf(db: Db, { schema, name }: TableName): Promise<string | null> {
  const { rows } = await db.query<{ shape: string }>(
    `select md5(c.oid || string_agg(format('%s %s %s %s', a.attnum, a.attname, a.atttypid, a.atttypmod), ',' order by a.attnum))
       as shape
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname = $1 and c.relname = $2 group by c.oid`,
    [schema, name],
  );
  return rows[0]?.shape ?? null;
}

/** Returns whether a table has a unique key, by the name of its index. */
export async function hasKey(db: Db, { schema, name }: TableName, key: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `select from pg_index i join pg_class k on k.oid = i.indexrelid
       join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and k.relname = $3 and i.indisunique and i.indisvalid`,
    [schema, name, key],
  );
  return rowCount === 1;
}
