/**
 * Samples the rows that a job has inserted or changed, before and after, inside its still open transaction. Changed
 * rows have their old values in the job's journal. New rows are found by their transaction id (sql/undo), starting
 * where the table ended before the job, because most of them are there. A connection that does not see the job's rows
 * determines which of them already existed.
 */
import { type ChangedRow, FIRST_ROWS, quoteIdentifier, type ShownRow } from '@csvjobs/shared';
import type { Client, Db } from './pool.js';
import { ENTRIES, ENTRY } from './undo/journal.js';
import { columnsOf, idRanges } from './undo/loadedRows.js';
import { partsOf, XMIN_BITS } from './undo/transactionIds.js';

/** Maximum length of a shown value, in characters. */
const VALUE_LENGTH = 200;
export const MOST_BYTES = 64 * 1024;
/** Journal entries to read: a row that was updated several times has several. */
const MOST_ENTRIES = 1_000;
/** Maximum number of the job's rows to check for being new. */
const CANDIDATES = 200;
/** Pages (8 KiB) that one statement reads, and the maximum number of pages to read: 512 MiB. */
const PAGES = 256;
const MOST_PAGES = 65_536;

interface Table {
  relation: number;
  /** Quoted for SQL. */
  table: string;
  /** Its rows that a key of it covers. */
  keyed: string;
  columns: string[];
}

type Values = (string | null)[];

/** Returns the end of a job's table, in pages; 0 if it is not a table. Waits for locks that block reading the table. */
export async function tableEnd(db: Db, jobId: string): Promise<number> {
  const { rows } = await db.query<{ pages: number }>(
    `select coalesce((select min(pg_relation_size(relid) / 8192) from ${partsOf('to_regclass(target_table)')} where isleaf), 0)
       as pages from jobs where id = $1`,
    [jobId],
  );
  return rows[0]?.pages ?? 0;
}

/**
 * Returns at most FIRST_ROWS rows, changed ones first, and both kinds if there are both. Returns none for a view or a
 * foreign table.
 * @param inside the connection that has the job's transaction open
 * @param outside a connection that does not see its rows
 * @throws if the role may not read the table
 */
export async function firstRows(
  inside: Client,
  outside: Db,
  { jobId, inserted, end }: { jobId: string; inserted: number; end: number },
): Promise<ChangedRow[]> {
  const table = await readTable(inside, jobId);
  if (!table) return [];
  const ids = await idRanges(inside, jobId);
  const key = await journalKey(inside, jobId);
  const changed = key ? await changedRows(inside, table, { jobId, ids, key }) : [];
  const candidates =
    inserted > 0 ? await ownRows(inside, table, ids, { end, most: key ? CANDIDATES : FIRST_ROWS }) : [];
  const fresh = key ? await newOnes(outside, table, key, candidates) : candidates;
  const half = FIRST_ROWS / 2;
  const added = fresh.slice(0, Math.max(half, FIRST_ROWS - changed.length));
  const { columns } = table;
  const rows = [
    ...changed.slice(0, FIRST_ROWS - added.length),
    ...added.map((row): ChangedRow => ({ old: null, new: named(columns, row) })),
  ];
  return within(rows, MOST_BYTES);
}

async function readTable(db: Db, jobId: string): Promise<Table | undefined> {
  const { rows } = await db.query<{ relation: number; name: string; keyed: string }>(
    `select c.oid as relation, format('%I.%I', n.nspname, c.relname) as name,
       format(case c.relkind when 'p' then '%I.%I' else 'only %I.%I' end, n.nspname, c.relname) as keyed
     from jobs j join pg_class c on c.oid = to_regclass(j.target_table) join pg_namespace n on n.oid = c.relnamespace
     where j.id = $1 and c.relkind in ('r', 'p')`,
    [jobId],
  );
  const [found] = rows;
  if (!found) return undefined;
  const { relation, name: table, keyed } = found;
  return { relation, table, keyed, columns: await columnsOf(db, relation) };
}

/** Returns the columns that identify rows in the job's journal; undefined if the job has no journal. */
async function journalKey(db: Db, jobId: string): Promise<string[] | undefined> {
  const { rows } = await db.query<{ key: string[] }>(
    'select key_columns as key from job_journal where job_id = $1 order by entry limit 1',
    [jobId],
  );
  return rows[0]?.key;
}

async function changedRows(
  client: Client,
  { table, keyed, columns }: Table,
  { jobId, ids, key }: { jobId: string; ids: string; key: readonly string[] },
): Promise<ChangedRow[]> {
  const same = key
    .map((name) => `t.${quoteIdentifier(name)} = (e.old).${quoteIdentifier(name)}`)
    .join(' and ');
  const values = [...texts('(e.old)', columns), ...texts('t', columns)].join(', ');
  const { rows } = await client.query<Values>({
    text: `with entries as materialized (
        select ${ENTRY} as entry, e.was, e.before::${table} as old from ${ENTRIES}
        where j.job_id = $1 order by j.entry, e.place limit ${MOST_ENTRIES})
      select ${values} from entries e join ${keyed} t on ${same}
      where not $2::int8multirange @> (e.was & ${XMIN_BITS})
        and not exists (select from entries earlier where earlier.entry < e.entry
          and ${key.map((name) => `(earlier.old).${quoteIdentifier(name)} = (e.old).${quoteIdentifier(name)}`).join(' and ')})
      order by e.entry limit ${FIRST_ROWS}`,
    values: [jobId, ids],
    rowMode: 'array',
  });
  const width = columns.length;
  return rows.map((row) => ({
    old: named(columns, row.slice(0, width)),
    new: named(columns, row.slice(width)),
  }));
}

/** Returns rows that the job has written, in table order: first from the table's previous end, then from its start. */
async function ownRows(
  client: Client,
  { relation, table, columns }: Table,
  ids: string,
  { end, most }: { end: number; most: number },
): Promise<Values[]> {
  const { rows: size } = await client.query<{ pages: number }>(
    `select coalesce(max(pg_relation_size(relid) / 8192), 0) as pages from ${partsOf('$1::oid::regclass')} where isleaf`,
    [relation],
  );
  const { pages } = size[0]!;
  // The last page may have had room left.
  const start = Math.max(0, Math.min(end - 1, pages));
  const text = `select ${texts('t', columns).join(', ')} from ${table} t
    where t.ctid >= $1::tid and t.ctid < $2::tid and $3::int8multirange @> t.xmin::text::bigint
    order by t.tableoid, t.ctid limit $4`;
  const found: Values[] = [];
  let left = MOST_PAGES;
  for (const [from, to] of [
    [start, pages],
    [0, start],
  ] as const) {
    for (let page = from; page < to && left > 0 && found.length < most; page += PAGES, left -= PAGES) {
      const last = Math.min(to, page + PAGES);
      const values = [`(${page},0)`, `(${last},0)`, ids, most - found.length];
      const { rows } = await client.query<Values>({ text, values, rowMode: 'array' });
      found.push(...rows);
    }
  }
  return found;
}

/** Returns the candidates that other transactions cannot see. */
async function newOnes(
  outside: Db,
  { relation, keyed, columns }: Table,
  key: readonly string[],
  candidates: readonly Values[],
): Promise<Values[]> {
  if (candidates.length === 0) return [];
  const { rows: types } = await outside.query<{ type: string }>(
    `select format_type(atttypid, atttypmod) as type from unnest($2::text[]) with ordinality wanted (name, at)
     join pg_attribute on attrelid = $1::oid and attname = name order by at`,
    [relation, key],
  );
  const same = key
    .map((name, at) => `t.${quoteIdentifier(name)} = (c.key ->> ${at})::${types[at]!.type}`)
    .join(' and ');
  const places = key.map((name) => columns.indexOf(name));
  const { rows } = await outside.query<{ at: number }>(
    `select at::int from jsonb_array_elements($1::jsonb) with ordinality c (key, at)
     where exists (select from ${keyed} t where ${same})`,
    [JSON.stringify(candidates.map((row) => places.map((place) => row[place] ?? null)))],
  );
  const known = new Set(rows.map(({ at }) => at - 1));
  return candidates.filter((_, at) => !known.has(at));
}

/** SQL for the values of a row as text, each with one character more than is shown. */
export function texts(row: string, columns: readonly string[]): string[] {
  return columns.map((name) => `left(${row}.${quoteIdentifier(name)}::text, ${VALUE_LENGTH + 1})`);
}

/** Converts a row that was read with `texts`. */
export function named(columns: readonly string[], values: readonly (string | null)[]): ShownRow {
  return Object.fromEntries(columns.map((name, at) => [name, cut(values[at] ?? null)]));
}

function cut(value: string | null): string | null {
  if (value === null || value.length <= VALUE_LENGTH) return value;
  return `${value.slice(0, VALUE_LENGTH - 1)}…`;
}

/** Returns the first rows whose JSON fits into the given number of bytes. */
export function within<Row>(rows: readonly Row[], bytes: number): Row[] {
  let left = bytes;
  const first = rows.findIndex((row) => {
    left -= Buffer.byteLength(JSON.stringify(row));
    return left < 0;
  });
  return first < 0 ? [...rows] : rows.slice(0, first);
}
