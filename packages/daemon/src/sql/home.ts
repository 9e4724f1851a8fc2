import type { Db } from './pool.js';

/** The schemas that a bare name is looked up in, in this order; the first is that of csvjobs' own tables. */
export async function homeSchemas(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ path: string[] }>('select current_schemas(false)::text[] as path');
  return rows[0]!.path;
}
