/** The jobs table, as a list of many: pages of it, counts, and what is old enough to go. */
import type { Job, JobStatus, JobSummary } from '@csvjobs/shared';
import { JOB_COLUMNS, type JobRow, SUMMARY_COLUMNS, type SummaryRow, toJob, toSummary } from './jobs.js';
import type { Db } from './pool.js';

/** A place in the list, between two jobs. `at` is the time as PostgreSQL writes it: to the microsecond. */
export interface Cursor {
  at: string;
  id: string;
}

export interface JobPage<Shown = Job> {
  jobs: Shown[];
  /** Where the next page begins, or undefined on the last one. */
  next: Cursor | undefined;
}

export interface PageQuery {
  limit: number;
  /** Only jobs that are in one of these. */
  status?: readonly JobStatus[] | undefined;
  after?: Cursor | undefined;
}

/** A page of jobs, newest first, along an index: it costs the same whatever comes before and after it. */
export async function listJobs(db: Db, query: PageQuery): Promise<JobPage> {
  const { rows, next } = await page<JobRow>(db, JOB_COLUMNS, query);
  return { jobs: rows.map(toJob), next };
}

/** As `listJobs`, with what a list shows only: the rejects, up to 100 a job, PostgreSQL keeps apart and need not read. */
export async function listSummaries(db: Db, query: PageQuery): Promise<JobPage<JobSummary>> {
  const { rows, next } = await page<SummaryRow>(db, SUMMARY_COLUMNS, query);
  return { jobs: rows.map(toSummary), next };
}

async function page<Row extends SummaryRow>(
  db: Db,
  columns: string,
  { limit, status, after }: PageQuery,
): Promise<{ rows: Row[]; next: Cursor | undefined }> {
  const newest = (of: string) => `
    select ${columns} from jobs
    where deleted_at is null and ${of} and ($2::timestamptz is null or (created_at, id) < ($2::timestamptz, $3::uuid))
    order by created_at desc, id desc limit $1`;
  // A page of each status, of which the newest make the page: `status in (…)` would sort all that there are.
  const from =
    status === undefined
      ? newest('true')
      : `select * from unnest($4::text[]) wanted cross join lateral (${newest('status = wanted')}) each
         order by created_at desc, id desc limit $1`;
  const { rows } = await db.query<Row & { at: string }>(
    `select ${columns}, created_at::text as at from (${from}) page order by created_at desc, id desc`,
    [limit + 1, after?.at ?? null, after?.id ?? null, ...(status === undefined ? [] : [status])],
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: shown, next: more ? { at: last.at, id: last.id } : undefined };
}

/** How many jobs wait or are worked on; counts no further than `most`. Served by the index jobs_unfinished. */
export async function countUnfinished(db: Db, most: number): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*) as n from (select from jobs where status in ('pending', 'processing') limit $1) unfinished`,
    [most],
  );
  return rows[0]!.n;
}

/** Of these jobs, those that ended longer ago than so many milliseconds. */
export async function endedOf(db: Db, ids: readonly string[], olderThanMs: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from jobs where id = any($1) and status in ('completed', 'failed', 'cancelled')
       and completed_at < now() - $2 * interval '1 ms'`,
    [ids, olderThanMs],
  );
  return rows.map((row) => row.id);
}

/** Some jobs that ended longer ago than so many milliseconds. */
export async function someEnded(db: Db, olderThanMs: number, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from jobs where status in ('completed', 'failed', 'cancelled')
       and deleted_at is null and completed_at < now() - $1 * interval '1 ms' limit $2`,
    [olderThanMs, limit],
  );
  return rows.map((row) => row.id);
}
