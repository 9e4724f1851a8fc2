/** The tables that csvjobs keeps its own work in: nothing is loaded into them. */
import type { TableName } from '@csvjobs/shared';
import type { Db } from './pool.js';

/** All but customers, which is a target. */
const OWN_TABLES = ['jobs', 'job_errors', 'api_tokens', 'daemons', 'database_identity', 'pgmigrations'];

/** Whether a table is one of csvjobs' own: in the schema where csvjobs is at home, which the search_path of `db` finds. */
export async function isOwnTable(db: Db, { schema, name }: TableName): Promise<boolean> {
  const { rows } = await db.query<{ own: boolean }>(
    `select exists (
       select from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relname = $2
         and c.oid in (select to_regclass(name) from unnest($3::text[]) as name)) as own`,
    [schema, name, OWN_TABLES],
  );
  return rows[0]!.own;
}
