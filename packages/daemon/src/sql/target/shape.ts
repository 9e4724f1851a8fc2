/**
 * Whether a table is still the one that a load has planned for. Between two batches anything may be altered; from the first
 * row that a transaction writes until its end, the columns cannot be.
 */
import type { TableName } from '@csvjobs/shared';
import type { Db } from '../pool.js';

/**
 * What a payload in binary form relies on: the table itself and its columns with their types. A column of another type of
 * the same size would take the bytes for something else, without an error. Null where there is no such table.
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
