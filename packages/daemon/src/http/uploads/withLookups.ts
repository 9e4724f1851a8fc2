/**
 * The tables in which a spec looks up values: checks that the caller may read their rows, and that they can
 * be read.
 */
import {
  byName,
  foldName,
  mayMean,
  type ProblemCode,
  type Spec,
  type TableName,
  type Target,
  writeTableName,
} from '@csvjobs/shared';
import type { Caller } from '../../access/access.js';
import type { TableAccess } from '../../access/tables.js';
import { Failure } from '../../failure.js';
import type { Pool } from '../../sql/pool.js';
import { isReferenced, readLookups } from '../../sql/target/lookupTables.js';
import { locateTable, similarTables } from '../findTable.js';
import { refuse } from '../problems.js';

/**
 * Returns the spec with full names of the tables of its lookups. A lookup reveals which rows another table
 * has. So it may look where a foreign key of the column points, because any loader could find out those
 * values by trying; otherwise only into tables that the caller may load into.
 * @throws {Failure} `spec_mismatch` if a table or a column is missing, `table_no_rights` if the right to read it is, and
 * the other failures of `findTable`
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
  const full: typeof lookup = byName();
  for (const [name, each] of Object.entries(lookup)) {
    const column = columnNamed(target, name);
    const found =
      referenced(target, column, each) ??
      (await locateTable(pool, access, caller, each.table, 'to read').catch((error) => {
        if (!(error instanceof Failure)) throw error;
        const likely = NOT_FOUND.has(error.code)
          ? similarTables(each.table, keyTables(target, column, each))
          : undefined;
        throw ofLookup(name, likely ?? error);
      }));
    const named = { ...each, table: writeTableName(found) };
    full[name] = named;
    const by = Object.keys(each.by).map((part) => ({ column: part, input: part }));
    const wanted = [{ ...named, column, by }];
    await readLookups(pool, target, wanted, 'upload the file again').catch((error) => {
      if (!(error instanceof Failure)) throw error;
      throw refuse(error.code === 'target_denied' ? 'table_no_rights' : 'spec_mismatch', error.message);
    });
  }
  return { ...spec, csvjobs: { ...spec.csvjobs, lookup: full } };
}

/** A name that means none of the tables that the caller may read. */
const NOT_FOUND = new Set<string>(['table_not_found', 'table_not_allowed'] satisfies ProblemCode[]);

/** The same failure about a table that the spec names, not about that of the upload. */
function ofLookup(name: string, { code, message }: Failure): Failure {
  const asked = code as ProblemCode;
  return refuse(
    asked === 'table_not_found' ? 'spec_mismatch' : asked,
    `csvjobs.lookup of ${name}: ${message}`,
  );
}

/**
 * The column that a name in a spec means; an unknown name is refused later, with everything else that does
 * not fit.
 */
function columnNamed({ columns }: Target, name: string): string {
  const exact = columns.find((column) => column.name === name);
  return (exact ?? columns.find((column) => foldName(column.name) === foldName(name)))?.name ?? name;
}

function referenced(
  target: Target,
  column: string,
  { table, value }: { table: string; value: string },
): TableName | undefined {
  return keyTables(target, column, { value }).find((each) => mayMean(table, each));
}

/** The tables to which foreign keys of the column point: anyone may look there. */
function keyTables(target: Target, column: string, { value }: { value: string }): TableName[] {
  const tables = target.foreignKeys.map(({ references }) => references);
  return tables.filter((each) => isReferenced(target, column, each, value));
}
