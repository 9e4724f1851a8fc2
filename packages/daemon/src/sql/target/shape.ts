/**
 * Checks whether a table is still the one that a load was planned for. Between two batches anything may be altered;
 * the columns cannot, from the first row that a transaction writes until its end.
 */
import type { TableName } from '@csvjobs/shared';
import type { Db } from '../pool.js';

/** What a load relies on, as hashes. */
export interface Shape {
  /**
   * The table itself and its columns with their types: a binary payload relies on these. A column whose type changed to another of
   * the same size would misread the bytes without an error.
   */
  columns: string;
  /** The definitions of its valid unique keys, without their names and included columns, by the name of the index. */
  keys: Record<string, string>;
}

/** Returns the shape of a table; undefined if there is no such table. It waits for no lock. */
export async function shapeOf(db: Db, { schema, name }: TableName): Promise<Shape | undefined> {
  const { rows } = await db.query<Shape>(
    `select md5(c.oid || string_agg(format('%s %s %s %s', a.attnum, a.attname, a.atttypid, a.atttypmod), ',' order by a.attnum))
       as columns,
       (select coalesce(json_object_agg(k.relname, md5(concat_ws('/', (i.indkey::int2[])[0:i.indnkeyatts - 1], i.indclass, i.indcollation,
           i.indexprs, 'where ' || i.indpred::text, i.indimmediate, to_jsonb(i) -> 'indnullsnotdistinct'))), '{}')
         from pg_index i join pg_class k on k.oid = i.indexrelid
         where i.indrelid = c.oid and i.indisunique and i.indisvalid) as keys
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname = $1 and c.relname = $2 group by c.oid`,
    [schema, name],
  );
  return rows[0];
}

export function hasSameColumns(now: Shape | undefined, planned: Shape | undefined): boolean {
  return now?.columns === planned?.columns;
}

/** Whether a table still has a key, perhaps under another name. @param key its name when the load was planned */
export function hasSameKey(now: Shape | undefined, planned: Shape | undefined, key: string): boolean {
  const wanted = planned?.keys[key];
  return wanted !== undefined && Object.values(now?.keys ?? {}).includes(wanted);
}
