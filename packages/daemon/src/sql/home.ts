import type { Db } from './pool.js';

/** Returns the schemas that an unqualified name is looked up in, in order; the first has csvjobs' own tables. */
export async function homeSchemas(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ path: string[] }>('select current_schemas(false)::text[] as path');
  return rows[0]!.path;
}
