/** Which tables files may be loaded into. */
import { type TableName, writeTableName } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import { isOwnTable } from '../sql/ownTables.js';
import type { Db } from '../sql/pool.js';

/** The schemas of PostgreSQL itself (manual, section 5.10.5): its names begin with pg_. */
const SYSTEM_SCHEMA = /^(pg_|information_schema$)/;

/**
 * Lets a table pass, whether it is there or not. The tables of PostgreSQL and those that csvjobs works with are never
 * loaded into.
 * @throws {Failure} `table_forbidden`
 */
export async function mayLoadInto(db: Db, table: TableName): Promise<void> {
  const shown = writeTableName(table);
  if (SYSTEM_SCHEMA.test(table.schema))
    throw new Failure('table_forbidden', `${shown} is in a schema of PostgreSQL itself; name another schema`);
  if (await isOwnTable(db, table))
    throw new Failure('table_forbidden', `${shown} is a table that csvjobs works with; name another table`);
}
