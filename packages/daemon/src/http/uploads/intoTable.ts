/**
 * The table that an upload is for, by its name and its spec: found, allowed, and read from the catalog. A
 * table that cannot be loaded into is refused before the file is processed; the message names the command
 * that helps.
 */
import { CUSTOMERS, readTableName, type Spec, type TableName, writeTableName } from '@csvjobs/shared';
import type { Caller } from '../../access/access.js';
import { hasMoreColumns } from '../../sql/customers.js';
import { type JobInto, jobTarget } from '../../sql/jobTarget.js';
import type { Pool } from '../../sql/pool.js';
import { readTargetSoon } from '../../sql/target/catalog.js';
import { withKeyTypes } from '../../sql/target/lookupTables.js';
import { assertAllowed } from '../assertAllowed.js';
import type { AppDeps } from '../deps.js';
import { findTable, type Writes } from '../findTable.js';
import { refuse } from '../problems.js';
import { withLookups } from './withLookups.js';

/**
 * Returns the table of an upload, with its spec. The default, `customers`, has a target only if its built-in
 * rules are not enough.
 * @param into the name of `?into=`
 * @throws {Failure} `spec_invalid`, and the failures of `findTable`
 */
export async function intoTable(
  { pool, tables }: Pick<AppDeps, 'pool' | 'tables'>,
  caller: Pick<Caller, 'tables'>,
  into: string | undefined,
  spec: Spec | undefined,
): Promise<JobInto> {
  const named = spec?.csvjobs?.into;
  const writes = spec?.csvjobs?.updateOnly ? 'updates' : 'inserts';
  const find = (text: string) => findInto({ pool, tables }, caller, text, writes);
  const found = await find(into ?? named ?? CUSTOMERS);
  if (named !== undefined && writeTableName(await find(named)) !== writeTableName(found)) {
    const detail = `the upload is for ${into}, but csvjobs.into of its spec says ${named}; leave one of them out`;
    throw refuse('spec_invalid', detail);
  }
  if (found.schema === tables.home && found.name === CUSTOMERS) return await intoCustomers(pool, found, spec);
  const target = await readTargetSoon(pool, found);
  if (!target)
    throw refuse('table_not_found', `the table ${writeTableName(found)} was dropped at the same moment`);
  const full = spec && (await withLookups(pool, tables, caller, target, spec));
  return await withKeyTypes(pool, jobTarget(target, full));
}

/**
 * Returns the table of an upload whose spec has not arrived yet, as jobs store its name.
 * @throws {Failure} those of `findTable`
 */
export async function tableNamed(
  deps: Pick<AppDeps, 'pool' | 'tables'>,
  caller: Pick<Caller, 'tables'>,
  into = CUSTOMERS,
): Promise<string> {
  const found = await findInto(deps, caller, into, 'unknown');
  const isCustomers = found.schema === deps.tables.home && found.name === CUSTOMERS;
  return isCustomers ? CUSTOMERS : writeTableName(found);
}

async function findInto(
  { pool, tables }: Pick<AppDeps, 'pool' | 'tables'>,
  caller: Pick<Caller, 'tables'>,
  text: string,
  writes: Writes,
): Promise<TableName> {
  if (!namesCustomers(text, tables.home)) return await findTable(pool, tables, caller, text, writes);
  const customers = { schema: tables.home, name: CUSTOMERS };
  assertAllowed(tables, caller, customers);
  return customers;
}

/** Read from the catalog if its owner has added columns, or rows go in other than by default. */
async function intoCustomers(pool: Pool, table: TableName, spec: Spec | undefined): Promise<JobInto> {
  const { mode = 'reject', replace = false } = spec?.csvjobs ?? {};
  const isDefault = mode === 'reject' && !replace;
  if (isDefault && !(await hasMoreColumns(pool))) return { spec };
  const target = await readTargetSoon(pool, table);
  return target ? jobTarget(target, spec, true) : { spec };
}

function namesCustomers(text: string, home: string): boolean {
  const written = readTableName(text);
  if (written?.name.text !== CUSTOMERS) return false;
  return written.schema === undefined || written.schema.text === home;
}
