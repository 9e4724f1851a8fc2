/**
 * The table that an upload is for, by its name and its spec: found, allowed, and read from the catalog. What cannot be
 * loaded into is refused before anything is made of the file, and says which command helps.
 */
import {
  CUSTOMERS,
  foldName,
  isMisspelt,
  quoteIdentifier,
  quoteTableName,
  readTableName,
  type Spec,
  type TableName,
  type Target,
  type WrittenName,
  writeTableName,
} from '@csvjobs/shared';
import { mayLoadInto } from '../../access/mayLoadInto.js';
import type { JobTarget } from '../../sql/jobProgress.js';
import type { Pool } from '../../sql/pool.js';
import { readTarget } from '../../sql/target/catalog.js';
import { findTable, insertableTables, ownSchema } from '../../sql/target/findTable.js';
import { refuse } from '../problems.js';

/** So many tables are suggested for a name that there is none of. */
const SUGGESTIONS = 3;

/**
 * The table of an upload; undefined for `customers`, which is also where neither names one.
 * @param into the name of `?into=`
 * @throws {Failure} `bad_request`, `table_unknown`, `table_denied`, `table_takes_no_rows`, `spec_invalid`
 */
export async function intoTable(
  pool: Pool,
  into: string | undefined,
  spec: Spec | undefined,
): Promise<JobTarget | undefined> {
  const named = spec?.csvjobs?.into;
  if (into !== undefined && named !== undefined && !sameName(into, named)) {
    const detail = `the upload is for ${into}, but csvjobs.into of its spec says ${named}; leave one of them out`;
    throw refuse('spec_invalid', detail);
  }
  const text = into ?? named ?? CUSTOMERS;
  const written = readTableName(text);
  if (!written) {
    const detail = `${JSON.stringify(text)} is no name of a table; write it as sales.orders, or "Sales"."Orders" with capitals or other characters`;
    throw refuse('bad_request', detail);
  }
  const own = await ownSchema(pool);
  if (isCustomers(written, own)) {
    if (spec) throw specForCustomers();
    return undefined;
  }
  return { target: await readInto(pool, written, text, own), spec };
}

function sameName(one: string, other: string): boolean {
  const [a, b] = [readTableName(one), readTableName(other)];
  return a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

function isCustomers({ schema, name }: WrittenName, own: string): boolean {
  return name.text === CUSTOMERS && (schema === undefined || schema.text === own);
}

function specForCustomers() {
  return refuse(
    'spec_invalid',
    `${CUSTOMERS} takes no spec yet: its columns, header names and rules are built in. Upload the file without the spec, or give another table (?into=sales.orders, csvjobs upload --into sales.orders)`,
  );
}

async function readInto(pool: Pool, written: WrittenName, text: string, own: string): Promise<Target> {
  const asWritten = { schema: written.schema?.text ?? own, name: written.name.text };
  // Before the catalog is asked: nobody learns whether such a table is there.
  if (!mayLoadInto(asWritten, own)) throw notAllowed(text);
  const found = await findTable(pool, written);
  if (!found) throw await unknown(pool, written, text, own);
  const name = writeTableName(found.table);
  if (!mayLoadInto(found.table, own)) throw notAllowed(name);
  if (!['table', 'partitioned table', 'view', 'foreign table'].includes(found.kind))
    throw takesNoRows(`${name} is a ${found.kind}`);
  if (!found.schemaUsable)
    throw await roleLacks(pool, found.table, 'USAGE', `SCHEMA ${quoteIdentifier(found.table.schema)}`);
  if (!found.insertable) throw await roleLacks(pool, found.table, 'INSERT', quoteTableName(found.table));
  const target = await readTarget(pool, found.table);
  if (!target) throw await unknown(pool, written, text, own);
  if (!target.columns.some(({ insertable }) => insertable)) throw takesNoRows(whyNone(target, name));
  return target;
}

function whyNone({ kind }: Target, name: string): string {
  if (kind === 'view')
    return `${name} is a view that PostgreSQL cannot insert into; give it an INSTEAD OF INSERT trigger, or load into a table that it reads`;
  if (kind === 'foreign table') return `${name} is a foreign table whose server takes no rows`;
  return `${name} has no column that takes a value from a file`;
}

function takesNoRows(why: string) {
  return refuse('table_takes_no_rows', `${why}; csvjobs tables lists the tables that take rows`);
}

function notAllowed(name: string) {
  return refuse(
    'table_denied',
    `csvjobs loads nothing into ${name}; csvjobs tables lists the tables that files may be loaded into`,
  );
}

async function roleLacks(pool: Pool, table: TableName, right: string, on: string) {
  const { rows } = await pool.query<{ role: string }>('select current_user as role');
  const role = rows[0]!.role;
  return refuse(
    'table_denied',
    `the database role ${role} may not insert into ${writeTableName(table)}; its owner can allow it: GRANT ${right} ON ${on} TO ${quoteIdentifier(role)}`,
  );
}

async function unknown(pool: Pool, written: WrittenName, text: string, own: string) {
  const there = (await insertableTables(pool)).filter((table) => mayLoadInto(table, own));
  const close = there.filter((table) => isClose(written, table)).slice(0, SUGGESTIONS);
  const meant = close.length === 0 ? '' : ` Did you mean ${close.map(writeTableName).join(' or ')}?`;
  return refuse(
    'table_unknown',
    `there is no table ${text}.${meant} csvjobs tables lists the tables there are; csvjobs create-table <file> --into ${text} makes one from a file`,
  );
}

/** The same name in another schema, or a slip of the pen in either part. */
function isClose({ schema, name }: WrittenName, table: TableName): boolean {
  const close = (one: string, other: string) =>
    foldName(one) === foldName(other) || isMisspelt(foldName(one), foldName(other));
  if (foldName(name.text) === foldName(table.name)) return true;
  return close(name.text, table.name) && (schema === undefined || close(schema.text, table.schema));
}
