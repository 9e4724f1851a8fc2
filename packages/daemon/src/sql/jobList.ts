/** Lists of jobs: pages, counts, and jobs old enough to be removed. */
import type { Job, JobStatus, JobSummary } from '@csvjobs/shared';
import {
  COLUMN_ORDER,
  JOB_COLUMNS,
  type JobRow,
  SUMMARY_COLUMNS,
  type SummaryRow,
  toJob,
  toSummary,
} from './jobRow.js';
import { jobVisible } from './jobTable.js';
import type { Db } from './pool.js';

/**
 * A position in the list, between two jobs: an id, and microseconds since 1970, the precision of PostgreSQL's times.
 */
export interface Cursor {
  at: number;
  id: string;
}

export interface JobPage<Shown = Job> {
  jobs: Shown[];
  /** Where the next page starts; undefined on the last one. */
  next: Cursor | undefined;
}

export interface PageQuery {
  limit: number;
  /** Only jobs with one of these statuses. */
  status?: readonly JobStatus[] | undefined;
  /** Only jobs into this table, as jobs name it. */
  table?: string | undefined;
  after?: Cursor | undefined;
  /** Only jobs of tables that match this regular expression (access/tables.ts); null for all. */
  tables: string | null;
}

/**
 * Bytes of a page, plus its last job. A typical job has about 700, so the largest page (1,000 jobs) is not cut. A job
 * with long names of ignored columns and a long failure has 10,000.
 */
const PAGE_BYTES = 2 * 1024 * 1024;

/** All columns except the preview of rejects (up to 126 MB for 500 jobs), the spec, and rows of tables. */
const LISTED_COLUMNS = JOB_COLUMNS.replace(/\berrors\b/, `'[]'::jsonb as errors`)
  .replace(/\bspec\b/, 'null::jsonb as spec')
  .replace(/\bheld_rows\b/, 'null::json as held_rows')
  .replace(/\bremoved_rows\b/, 'null::json as removed_rows')
  .replace(COLUMN_ORDER, 'null as column_order');

/** Upper estimate of a job's size in a list, in bytes; each kind of text has its own limit. */
const JOB_BYTES = `600 + octet_length(filename) + octet_length(reasons::text) + octet_length(notices::text)
  + coalesce(octet_length(failure_message), 0)`;

/** Returns a page of jobs, newest first, without reject previews. Reads along an index: every page costs the same. */
export async function listJobs(db: Db, query: PageQuery): Promise<JobPage> {
  const { rows, next } = await page<JobRow>(db, LISTED_COLUMNS, query);
  return { jobs: rows.map(toJob), next };
}

/** Like `listJobs`, but with only the parts of each job that a list shows. */
export async function listSummaries(db: Db, query: PageQuery): Promise<JobPage<JobSummary>> {
  const { rows, next } = await page<SummaryRow>(db, SUMMARY_COLUMNS, query);
  return { jobs: rows.map(toSummary), next };
}

async function page<Row extends SummaryRow>(
  db: Db,
  columns: string,
  { limit, status, table, after, tables }: PageQuery,
): Promise<{ rows: Row[]; next: Cursor | undefined }> {
  const values: unknown[] = [limit + 1, after?.at ?? null, after?.id ?? null, PAGE_BYTES, tables];
  const given = (value: unknown) => `$${values.push(value)}`;
  const ofTable = table === undefined ? 'true' : `target_table = ${given(table)}`;
  const at = `timestamptz 'epoch' + $2::bigint * interval '1 microsecond'`;
  const newest = (of: string) => `
    (select * from jobs
    where deleted_at is null and ${of} and ${ofTable} and ${jobVisible('$5')} and ($2::bigint is null or (created_at, id) < (${at}, $3::uuid))
    order by created_at desc, id desc limit $1)`;
  // Merges one page per status into the page: `status in (…)` would sort all matching jobs. The planner must see each
  // status: it takes one that it does not see for a usual one, and reads the whole table for a rare one.
  const from =
    status === undefined
      ? newest('true')
      : [...new Set(status)].map((each) => newest(`status = ${given(each)}`)).join(' union all ');
  // A limit, not `place < $1`: PostgreSQL 16 makes that a run condition, and returned one job too many with some plans.
  const { rows } = await db.query<Row & { at: number; more: boolean }>(
    `select ${columns}, (extract(epoch from created_at) * 1000000)::bigint as at, candidates > place as more
     from (
       select *, count(*) over () as candidates, row_number() over newest_first as place,
         sum(${JOB_BYTES}) over (newest_first rows unbounded preceding) - (${JOB_BYTES}) as bytes_before
       from (select * from (${from}) each order by created_at desc, id desc limit $1) candidate window newest_first as (order by created_at desc, id desc)
     ) sized
     where bytes_before < $4 order by created_at desc, id desc limit $1::bigint - 1`,
    values,
  );
  const last = rows.at(-1);
  return { rows, next: last?.more ? { at: last.at, id: last.id } : undefined };
}

/** Counts pending and processing jobs; stops counting at `most`. Uses the index jobs_unfinished. */
export async function countUnfinished(db: Db, most: number): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*) as n from (select from jobs where status in ('pending', 'processing') limit $1) unfinished`,
    [most],
  );
  return rows[0]!.n;
}

/** Returns those of the given jobs that finished more than `olderThanMs` ago. */
export async function endedOf(db: Db, ids: readonly string[], olderThanMs: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from jobs where id = any($1) and status in ('completed', 'failed', 'cancelled', 'undone')
       and completed_at < now() - $2 * interval '1 ms'`,
    [ids, olderThanMs],
  );
  return rows.map((row) => row.id);
}

/** Returns up to `limit` jobs that finished more than `olderThanMs` ago. */
export async function someEnded(db: Db, olderThanMs: number, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from jobs where status in ('completed', 'failed', 'cancelled', 'undone')
       and deleted_at is null and completed_at < now() - $1 * interval '1 ms' limit $2`,
    [olderThanMs, limit],
  );
  return rows.map((row) => row.id);
}
