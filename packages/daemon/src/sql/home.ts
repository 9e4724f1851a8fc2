import type { Db } from './pool.js';

/** Columns of job_errors since the first release, by which the tables of a csvjobs are known. */
const OF_JOB_ERRORS = ['job_id', 'row_number', 'line', 'code', 'message', 'row'];

/** Returns the schemas of this database in which another csvjobs has its tables, as of a daemon with another DB_SCHEMA. */
export async function otherHomes(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ schema: string }>(
    `select n.nspname::text as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relname = 'job_errors' and c.relkind in ('r', 'p') and n.nspname <> all(current_schemas(false))
       and array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) @> $1`,
    [OF_JOB_ERRORS],
  );
  return rows.map(({ schema }) => schema);
}

/** Returns the schemas that an unqualified name is looked up in, in order; the first has csvjobs' own tables. */
export async function homeSchemas(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ path: string[] }>('select current_schemas(false)::text[] as path');
  return rows[0]!.path;
}
