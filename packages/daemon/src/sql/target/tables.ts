/** The tables that the database role may load into. */
import type { TableName, TableSummary } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { INSERTABLE, KIND } from './catalogQuery.js';

/** For a table that was never analysed, or a view, PostgreSQL has -1 or 0 (pg_class.reltuples). */
const ROW_ESTIMATE = `case when c.relkind in ('v', 'f') and c.reltuples <= 0 or c.reltuples < 0 then null
  else round(c.reltuples) end::float8`;

/** Columns of the primary key; otherwise of the first unique index by name with only columns and for all rows. */
const KEY = `(
  select array(
    select a.attname::text from unnest(i.indkey[:i.indnkeyatts - 1]) with ordinality k (attnum, place)
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
    order by k.place)
  from pg_index i join pg_class ic on ic.oid = i.indexrelid
  where i.indrelid = c.oid and i.indisunique and i.indisvalid and not i.indisexclusion
    and i.indpred is null and i.indexprs is null
  order by not i.indisprimary, ic.relname limit 1)`;

const SOME_COLUMN = `exists (
  select from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and ${INSERTABLE})`;

/** The role may update rows of a table: enough for files that insert none. */
const UPDATABLE = `(c.relkind in ('r', 'p') and has_any_column_privilege(c.oid, 'UPDATE'))`;

const LOADABLE = `c.relkind in ('r', 'p', 'v', 'f') and (${SOME_COLUMN} or ${UPDATABLE})`;
const READABLE = `c.relkind in ('r', 'p', 'v', 'm', 'f') and has_any_column_privilege(c.oid, 'SELECT')`;

/** Number of tables that one statement reads. */
const PORTION = 1_000;

/**
 * Lists tables after a given one, by schema and name, if the role may insert into at least one of their columns, or update it.
 * Leaves out partitions: their rows are loaded through the parent table.
 * @param allows which of these tables to return
 * @param readable instead, lists what the role may read, in which a spec may look up values
 */
export async function listTables(
  db: Db,
  {
    after,
    limit,
    allows,
    readable = false,
  }: {
    after?: TableName | undefined;
    limit: number;
    allows: (table: TableName) => boolean;
    readable?: boolean;
  },
): Promise<{ tables: TableSummary[]; more: boolean }> {
  const tables: TableSummary[] = [];
  let last = after;
  while (true) {
    const portion = await portionAfter(db, last, readable);
    for (const table of portion) {
      if (!allows(table)) continue;
      if (tables.length === limit) return { tables, more: true };
      tables.push(table);
    }
    if (portion.length < PORTION) return { tables, more: false };
    last = portion.at(-1);
  }
}

async function portionAfter(
  db: Db,
  after: TableName | undefined,
  readable: boolean,
): Promise<TableSummary[]> {
  const { rows } = await db.query<TableSummary>(
    `select n.nspname::text as schema, c.relname::text as name, ${KIND} as kind,
       ${ROW_ESTIMATE} as "rowEstimate", ${KEY} as key
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where ${readable ? READABLE : `${LOADABLE} and not c.relispartition`}
       and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
       and has_schema_privilege(n.oid, 'USAGE')
       and ($1::text is null or (n.nspname, c.relname) > ($1::text collate "C", $2::text collate "C"))
     order by n.nspname, c.relname limit ${PORTION}`,
    [after?.schema ?? null, after?.name ?? null],
  );
  return rows;
}

/** What the catalog has under a name, whether the role may use it or not. */
export interface NamedRelation extends TableName {
  /** Its kind, for people: `table`, `sequence`. */
  what: string;
  /** It is of a kind that takes rows: a table, a view or a foreign table. */
  takesRows: boolean;
  /** The role may use its schema. */
  usage: boolean;
  /** The role may insert into at least one column. */
  granted: boolean;
  /** At least one column takes a value from the role: the role has the right, and the relation takes rows. */
  insertable: boolean;
  /** It is a table of which the role may update at least one column. */
  updatable: boolean;
  rowEstimate: number | null;
  /** Name of the role, for a GRANT statement. */
  role: string;
}

/** Returns relations with these names, in these schemas; if undefined, in all but PostgreSQL's own. */
export async function relationsNamed(
  db: Db,
  names: readonly string[],
  schemas: readonly string[] | undefined,
): Promise<NamedRelation[]> {
  const { rows } = await db.query<NamedRelation>(
    `select n.nspname::text as schema, c.relname::text as name, current_user::text as role,
       case c.relkind when 'S' then 'sequence' when 'm' then 'materialized view' when 'i' then 'index'
         when 'I' then 'index' when 'c' then 'type' when 't' then 'TOAST table' else ${KIND} end as what,
       c.relkind in ('r', 'p', 'v', 'f') as "takesRows",
       has_schema_privilege(n.oid, 'USAGE') as usage,
       c.relkind in ('r', 'p', 'v', 'f') and has_any_column_privilege(c.oid, 'INSERT') as granted,
       c.relkind in ('r', 'p', 'v', 'f') and has_schema_privilege(n.oid, 'USAGE') and ${SOME_COLUMN} as insertable,
       has_schema_privilege(n.oid, 'USAGE') and ${UPDATABLE} as updatable,
       ${ROW_ESTIMATE} as "rowEstimate"
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relname = any($1) and case when $2::text[] is null
       then n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%' else n.nspname = any($2) end
     order by n.nspname, c.relname`,
    [names, schemas ?? null],
  );
  return rows;
}
