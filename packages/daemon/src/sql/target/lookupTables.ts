/**
 * Checks the tables in which a spec looks up values: they and their columns must exist and be readable for this role.
 */
import {
  listed,
  quoteIdentifier,
  quoteTableName,
  readWrittenTable,
  type TableName,
  type Target,
  type TargetType,
  writeTableName,
} from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { JobInto } from '../jobTarget.js';
import type { Db } from '../pool.js';
import { TYPE } from './catalogQuery.js';
import type { Lookup } from './loadPlan.js';
import { lookupDenied } from './lookups.js';
import { nested, type ReadType } from './parts.js';

type Again = 'retry the job' | 'upload the file again';

/** A lookup in a spec, with the full table name (`writeTableName`). */
export interface WantedLookup {
  column: string;
  table: string;
  value: string;
  by: readonly { column: string; input: string }[];
}

/**
 * Returns whether the target itself says that a column has its values from that table: by a foreign key of this
 * column alone. Anyone who may load into the target may look up rows of that table.
 */
export function isReferenced(
  { foreignKeys }: Target,
  column: string,
  table: TableName,
  value: string,
): boolean {
  return foreignKeys.some(
    ({ columns, references, referencedColumns }) =>
      columns.length === 1 &&
      columns[0] === column &&
      references.schema === table.schema &&
      references.name === table.name &&
      referencedColumns[0] === value,
  );
}

/**
 * Reads what the join of each lookup needs.
 * @param again what to do once the cause of a failure is removed
 * @throws {Failure} `target_missing`, `target_denied`, or `spec_mismatch` if the table has no such column
 */
export async function readLookups(
  db: Db,
  target: Target,
  wanted: readonly WantedLookup[],
  again: Again = 'retry the job',
): Promise<Lookup[]> {
  const lookups: Lookup[] = [];
  for (const each of wanted) lookups.push(await readLookup(db, target, each, again));
  return lookups;
}

async function readLookup(
  db: Db,
  target: Target,
  { column, table: text, value, by }: WantedLookup,
  again: Again,
): Promise<Lookup> {
  const table = readWrittenTable(text);
  if (!table)
    throw mismatch(
      `csvjobs.lookup of ${column}: write the table with its schema (schema.table), not ${text}`,
    );
  if (writeTableName(table) === writeTableName(target.table))
    throw mismatch(`csvjobs.lookup of ${column}: ${text} is the table that is loaded; name another one`);
  const columns = await columnsOf(db, table);
  const shown = writeTableName(table);
  if (columns.size === 0) {
    throw new Failure(
      'target_missing',
      `${shown}, in which ${column} is looked up, does not exist, or the database role has no access to its schema; restore it and ${again}`,
    );
  }
  const names = [...new Set([value, ...by.map((part) => part.column)])];
  const unknown = names.filter((name) => !columns.has(name));
  if (unknown.length > 0)
    throw mismatch(
      `csvjobs.lookup of ${column}: ${shown} has no column ${listed(unknown)}; it has ${listed([...columns.keys()])}`,
    );
  const denied = names.filter((name) => !columns.get(name)!.readable);
  if (denied.length > 0) {
    const { rows } = await db.query<{ role: string }>('select current_user::text as role');
    const right = `select (${denied.map(quoteIdentifier).join(', ')})`;
    const grant = `grant ${right} on ${quoteTableName(table)} to ${quoteIdentifier(rows[0]!.role)}`;
    throw lookupDenied(
      shown,
      column,
      `no right to ${listed(denied)}`,
      `its owner can grant it: ${grant}; then ${again}`,
    );
  }
  return { column, table, value, by: by.map((part) => ({ ...part, type: columns.get(part.column)!.type })) };
}

function mismatch(message: string): Failure {
  return new Failure('spec_mismatch', `${message}. Correct the spec and upload the file again`);
}

/** Adds the types of the natural keys of a spec. A table that cannot be read has none; its lookup is refused later. */
export async function withKeyTypes<Into extends JobInto>(db: Db, into: Into): Promise<Into> {
  const wanted = Object.values(into?.spec?.csvjobs?.lookup ?? {});
  if (!into?.target || wanted.length === 0) return into;
  const keyTypes: Record<string, Record<string, TargetType>> = {};
  for (const { table: text, by } of wanted) {
    const table = readWrittenTable(text);
    const columns = table ? await columnsOf(db, table) : new Map<string, never>();
    const types = Object.keys(by).flatMap((name) => {
      const found = columns.get(name);
      return found ? [[name, withoutModifier(found)] as const] : [];
    });
    keyTypes[text] = { ...keyTypes[text], ...Object.fromEntries(types) };
  }
  return { ...into, keyTypes };
}

function withoutModifier({ type, described }: { type: string; described: TargetType }): TargetType {
  return { ...described, sql: type, base: type, typmod: -1, domain: null };
}

/** Returns each column's type below all domains, without modifier: a natural key must not be cut or rounded to fit. */
async function columnsOf(
  db: Db,
  { schema, name }: TableName,
): Promise<Map<string, { type: string; described: TargetType; readable: boolean }>> {
  const { rows } = await db.query<{ name: string; type: string; described: ReadType; readable: boolean }>(
    `select a.attname as name, has_column_privilege(c.oid, a.attnum, 'SELECT') as readable,
       (${TYPE}) as described, format_type((
         with recursive layers as (
           select a.atttypid as oid, 0 as depth
           union all select t.typbasetype, depth + 1 from layers l join pg_type t on t.oid = l.oid where t.typtype = 'd'
         ) select oid from layers order by depth desc limit 1), -1) as type
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')
       and has_schema_privilege(n.oid, 'USAGE')
     order by a.attnum`,
    [schema, name],
  );
  return new Map(
    rows.map(({ name: column, described, ...rest }) => [column, { ...rest, described: nested(described) }]),
  );
}
