/** The tables in which a spec looks values up: who may ask for their rows, and that they can be read. */
import { foldName, mayMean, type Spec, type TableName, type Target, writeTableName } from '@csvjobs/shared';
import type { Caller } from '../../access/access.js';
import type { TableAccess } from '../../access/tables.js';
import { Failure } from '../../failure.js';
import type { Pool } from '../../sql/pool.js';
import { isReferenced, readLookups } from '../../sql/target/lookupTables.js';
import { locateTable } from '../findTable.js';
import { refuse } from '../problems.js';

/**
 * The spec with the tables of its lookups written in full. A lookup tells which rows another table has. So it may look where a
 * foreign key of the column does, whose value anybody who loads could find out by trying; else only into tables that the caller
 * may load into.
 * @throws {Failure} `spec_mismatch` where a table, a column or the right to read it is lacking, and as `findTable` does
 */
export async function withLookups(
  pool: Pool,
  access: TableAccess,
  caller: Pick<Caller, 'tables'>,
  target: Target,
  spec: Spec,
): Promise<Spec> {
  const { lookup } = spec.csvjobs ?? {};
  if (!lookup) return spec;
  const full: typeof lookup = {};
  for (const [name, each] of Object.entries(lookup)) {
    const column = columnNamed(target, name);
    const found = referenced(target, column, each) ?? (await locateTable(pool, access, caller, each.table));
    full[name] = { ...each, table: writeTableName(found) };
    const by = Object.keys(each.by).map((part) => ({ column: part, input: part }));
    await readLookups(pool, target, [{ ...full[name], column, by }]).catch((error) => {
      throw error instanceof Failure ? refuse('spec_mismatch', error.message) : error;
    });
  }
  return { ...spec, csvjobs: { ...spec.csvjobs, lookup: full } };
}

/** What a name in a spec means; one that means nothing is refused with all else that does not fit. */
function columnNamed({ columns }: Target, name: string): string {
  const exact = columns.find((column) => column.name === name);
  return (exact ?? columns.find((column) => foldName(column.name) === foldName(name)))?.name ?? name;
}

function referenced(
  target: Target,
  column: string,
  { table, value }: { table: string; value: string },
): TableName | undefined {
  const tables = target.foreignKeys.map(({ references }) => references);
  return tables.find((each) => mayMean(table, each) && isReferenced(target, column, each, value));
}
