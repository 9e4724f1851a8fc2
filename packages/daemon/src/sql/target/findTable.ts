/** Tables by the names that people write: looked up as PostgreSQL would, and guessed at where there is none. */
import type { TableName, WrittenName } from '@csvjobs/shared';
import type { Db } from '../pool.js';

/** What a name stands for; `takes` says whether it can take rows, whoever asks. */
export interface FoundTable {
  table: TableName;
  /** What it is, in words: `view`, `sequence`, … */
  kind: string;
  /** Whether this role may use its schema, and insert into at least one of its columns. */
  schemaUsable: boolean;
  insertable: boolean;
}

/** The parts of a name in the order in which they are tried: as written, then in lower case unless it was quoted. */
const spellings = ({ text, quoted }: WrittenName['name']) =>
  quoted || text === text.toLowerCase() ? [text] : [text, text.toLowerCase()];

/** The first relation that a name stands for: one without a schema is looked up along the search path. */
export async function findTable(db: Db, { schema, name }: WrittenName): Promise<FoundTable | undefined> {
  const { rows } = await db.query<{ schema: string; name: string } & Omit<FoundTable, 'table'>>(
    `select n.nspname as schema, c.relname as name,
       case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
         when 'f' then 'foreign table' when 'm' then 'materialized view' when 'S' then 'sequence' else 'relation' end as kind,
       has_schema_privilege(n.oid, 'USAGE') as "schemaUsable",
       c.relkind in ('r', 'p', 'v', 'f') and has_any_column_privilege(c.oid, 'INSERT') as insertable
     from unnest(coalesce($1::text[], current_schemas(false)::text[])) with ordinality s (name, place)
       cross join unnest($2::text[]) with ordinality t (name, place)
       join pg_namespace n on n.nspname = s.name
       join pg_class c on c.relnamespace = n.oid and c.relname = t.name and c.relkind in ('r', 'p', 'v', 'f', 'm', 'S')
     order by s.place, t.place limit 1`,
    [schema === undefined ? null : spellings(schema), spellings(name)],
  );
  const [found] = rows;
  if (!found) return undefined;
  const { schema: foundSchema, name: foundName, ...rest } = found;
  return { table: { schema: foundSchema, name: foundName }, ...rest };
}

/** The schema of csvjobs' own tables. */
export async function ownSchema(db: Db): Promise<string> {
  const { rows } = await db.query<{ schema: string }>(
    `select n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.oid = 'jobs'::regclass`,
  );
  return rows[0]!.schema;
}

/** More tables than this are not looked through for a name that is close. */
const LOOKED_THROUGH = 10_000;

/** The tables that this role may insert into, without partitions and PostgreSQL's own, in the order of their names. */
export async function insertableTables(db: Db): Promise<TableName[]> {
  const { rows } = await db.query<TableName>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'f') and not c.relispartition
       and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and has_schema_privilege(n.oid, 'USAGE') and has_any_column_privilege(c.oid, 'INSERT')
     order by 1, 2 limit ${LOOKED_THROUGH}`,
  );
  return rows;
}
