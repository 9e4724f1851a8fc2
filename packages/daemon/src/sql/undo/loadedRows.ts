/**
 * The rows that a job has loaded, as they are now. Reads the table in parts by its pages, each part in its own
 * statement: no transaction stays open while a slow client reads, and only one part is in memory.
 */
import { quoteIdentifier, ROW_MARKS } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import { changedUpdates } from './changedUpdates.js';
import type { UndoTarget } from './target.js';
import { FIRST_ROWS, PART_BYTES, rowsAfter, textBytes } from './textBytes.js';
import { filesOf, partsOf, XMIN_BITS } from './transactionIds.js';

/** Pages (8 KiB) that one statement scans: about 300,000 rows at most. */
const PAGES = 1_024;

export interface LoadedRows {
  /** The columns of the table, in order. */
  columns: string[];
  /** Rows as texts of their values, null for NULL. As JSON, each row is one text. */
  parts: AsyncGenerator<(string | null)[][], void>;
}

/**
 * @param marked puts the ROW_MARKS columns before the columns of each row, and adds the rows that the job has updated
 * and others have changed since, found by their keys
 * @throws {Failure} `undo_impossible`, from the parts too, if the table was rewritten meanwhile
 */
export async function loadedRows(
  db: Db,
  target: UndoTarget,
  as: 'values' | 'json',
  marked = false,
): Promise<LoadedRows> {
  const ids = await idRanges(db, target.jobId);
  const columns = await columnsOf(db, target.relation);
  const wanted = { ids, columns, as, marked, size: await textBytes(db, target.relation) };
  return { columns: marked ? [...ROW_MARKS, ...columns] : columns, parts: readAll(db, target, wanted) };
}

/** Returns how many rows a job has inserted or updated, each counted once. */
export async function loadedCount(db: Db, { jobId, inserted, updated }: UndoTarget): Promise<number> {
  if (updated === 0) return inserted;
  const { rows } = await db.query<{ n: number }>(
    'select count(*) as n from job_journal, unnest(was) version where job_id = $1 and not removed and not $2::int8multirange @> version',
    [jobId, await idRanges(db, jobId)],
  );
  return inserted + rows[0]!.n;
}

async function* readAll(
  db: Db,
  target: UndoTarget,
  wanted: Wanted,
): AsyncGenerator<(string | null)[][], void> {
  yield* readParts(db, target, wanted);
  if (wanted.marked)
    yield* changedUpdates(db, target, { ...wanted, content: contentOf(target, wanted, `'changed'`) });
}

interface Wanted {
  ids: string;
  columns: readonly string[];
  as: 'values' | 'json';
  marked: boolean;
  /** SQL for the bytes of a row `t`. */
  size: string;
}

/** SQL for the content of a row `t`. @param state an expression of type text */
function contentOf({ jobId }: UndoTarget, { columns, as, marked }: Wanted, state: string): string {
  if (as === 'values') {
    const names = columns.map((name) => `t.${quoteIdentifier(name)}`).join(', ');
    return marked ? `'${jobId}', ${state}, ${names}` : names;
  }
  const row = 'row_to_json(t.*)::text';
  if (!marked) return row;
  const [job, as_] = ROW_MARKS;
  return `'{"${job}":"${jobId}","${as_}":"' || ${state} || '",' || substr(${row}, 2)`;
}

async function* readParts(
  db: Db,
  target: UndoTarget,
  wanted: Wanted,
): AsyncGenerator<(string | null)[][], void> {
  const { table, relation, isCustomers, jobId } = target;
  const { ids, size } = wanted;
  const loaded = hasIdOf(ids);
  const state = `case when ${loaded} then 'loaded' else 'changed' end`;
  const content = contentOf(target, wanted, state);
  const own = isCustomers ? `or t.job_id = '${jobId}'` : '';
  const inPages = 't.ctid >= $1::tid and t.ctid < $2::tid';
  const isOwn = `(${loaded} ${own})`;
  // Only rows within the limit are measured, because measuring may have to read them.
  const statement = `
    with found as materialized (
      select rel, tid from (
        select csvjobs$rel as rel, csvjobs$tid as tid,
          sum(${size}) over (order by csvjobs$rel, csvjobs$tid rows unbounded preceding) - (${size}) as before
        from (select t.tableoid as csvjobs$rel, t.ctid as csvjobs$tid, t.* from ${table} t
              where ${inPages} and ${isOwn} and (t.tableoid, t.ctid) > ($3::oid, $4::tid)
              order by 1, 2 limit $5) t
      ) sized where before < ${PART_BYTES})
    select t.tableoid::text, t.ctid::text, ${content} from found join ${table} t on t.tableoid = found.rel and t.ctid = found.tid
    where ${inPages} and ${isOwn}
    order by found.rel, found.tid`;
  const begun = await stateOf(db, relation);
  for (let page = 0; page < begun.pages; page += PAGES) {
    let last = { rel: '0', tid: `(${page},0)` };
    let limit = FIRST_ROWS;
    while (true) {
      const { rows } = await db.query<(string | null)[]>({
        text: statement,
        values: [`(${page},0)`, `(${page + PAGES},0)`, last.rel, last.tid, limit],
        rowMode: 'array',
        types: AS_TEXT,
      });
      const [rel, tid] = rows.at(-1) ?? [];
      if (!rel || !tid) break;
      last = { rel, tid };
      limit = rowsAfter(rows.length);
      yield rows.map(([, , ...values]) => values);
    }
  }
  if ((await stateOf(db, relation)).files !== begun.files)
    throw new Failure(
      'undo_impossible',
      `${table} was rewritten while its rows were read; request them again`,
    );
}

/** Leaves values as PostgreSQL writes them. */
const AS_TEXT = { getTypeParser: () => (value: string) => value };

async function stateOf(db: Db, relation: number): Promise<{ pages: number; files: number | null }> {
  const { rows } = await db.query<{ pages: number; files: number | null }>(
    `select ${filesOf('$1::oid::regclass')} as files,
       (select coalesce(max(pg_relation_size(relid) / 8192), 0) from ${partsOf('$1::oid::regclass')} where isleaf) as pages`,
    [relation],
  );
  return rows[0]!;
}

export async function columnsOf(db: Db, relation: number): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select attname::text as name from pg_attribute where attrelid = $1::oid and attnum > 0 and not attisdropped order by attnum`,
    [relation],
  );
  return rows.map(({ name }) => name);
}

/** Maximum number of ids that a statement lists. */
const LISTED = 10_000;

/**
 * SQL for whether a row `t` has one of these ids as its xmin. PostgreSQL looks up an xid in a list by its hash; it can compare xids
 * with ranges only as text, which takes four times as long.
 * @param ids as a multirange: `{[5,7),[9,10)}`
 */
function hasIdOf(ids: string): string {
  const ranges = [...ids.matchAll(/\[(\d+),(\d+)\)/g)].map(
    ([, first, end]) => [Number(first), Number(end)] as const,
  );
  const count = ranges.reduce((sum, [first, end]) => sum + end - first, 0);
  if (count > LISTED) return `'${ids}'::int8multirange @> t.xmin::text::bigint`;
  const all = ranges.flatMap(([first, end]) => Array.from({ length: end - first }, (_, at) => first + at));
  return `t.xmin = any('{${all.join(',')}}'::xid[])`;
}

/** Returns the job's ids as in xmin, 32 bits each, as a multirange. */
export async function idRanges(db: Db, jobId: string): Promise<string> {
  const { rows } = await db.query<{ ids: string }>(
    `with whole as (
       select range_agg(each) as ids from (
         select int8range(xid, xid + 1) as each from job_transactions where job_id = $1
         union all select unnest(others) from job_transactions where job_id = $1) all_ids),
     cut as (
       select (lower(each) & ${XMIN_BITS}) as first, upper(each) - lower(each) as length from whole, unnest(ids) each)
     select coalesce(range_agg(part), '{}')::text as ids from cut, lateral (
       values (int8range(first, least(first + length, ${XMIN_BITS} + 1::bigint))),
         (int8range(0, greatest(0, first + length - ${XMIN_BITS} - 1)))) parts (part)`,
    [jobId],
  );
  return rows[0]!.ids;
}
