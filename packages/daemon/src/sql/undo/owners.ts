/**
 * Finds the job that wrote a version of a row, by its `xmin`, and restores rows on behalf of the job that wrote them
 * before. Each such job's rows are written in a subtransaction of their own, whose id is stored with that job, so
 * that it finds them as if nothing had happened in between.
 */
import type { Db } from '../pool.js';
import type { UndoTarget } from './target.js';
import { CURRENT, filesOf, wholeId, XMIN_BITS } from './transactionIds.js';

/** Columns: `id`, of the type of xmin, and `job_id`. Has no rows for versions that no job wrote. */
export const OWNERS = 'pg_temp.csvjobs_owners';

/** Number of jobs from which an index pays off, because all rows are searched for each job. */
const MANY = 8;

/**
 * Creates the table of owners.
 * @param versions a query with one column `id`: values of xmin as bigint
 * @returns the jobs, each once
 */
export async function findOwners(db: Db, target: UndoTarget, versions: string): Promise<string[]> {
  await db.query(`drop table if exists ${OWNERS}`);
  await db.query(`create temporary table csvjobs_owners on commit drop as ${ownersOf(target, versions)}`);
  await db.query(`analyze ${OWNERS}`);
  const { rows } = await db.query<{ id: string }>(
    `select job_id as id from ${OWNERS} group by job_id order by job_id`,
  );
  return rows.map(({ id }) => id);
}

/**
 * The ids of other jobs on the same table are ranges that do not overlap. In the order of all ids, a version belongs
 * to the last range that starts before it, unless that range has ended.
 */
function ownersOf({ jobId, relation }: UndoTarget, versions: string): string {
  return `
    with whole as (
      select k.job_id, k.xid as first, k.xid as last, k.others
      from job_transactions k join jobs on jobs.id = k.job_id
      where k.job_id <> '${jobId}' and k.relation = ${relation}::oid and jobs.deleted_at is null and jobs.undo_swept_at is null
        and k.database = (select oid from pg_database where datname = current_database())
        and k.cluster is not distinct from csvjobs_cluster() and ${CURRENT} - k.xid < 2147483648),
    each as (
      select job_id, first, last from whole
      union select job_id, lower(range), upper(range) - 1 from whole, unnest(others) range),
    bits as (
      select job_id, first & ${XMIN_BITS} as first, (first & ${XMIN_BITS}) + last - first as last from each),
    ranges as (
      select job_id, first, least(last, ${XMIN_BITS}) as last from bits
      union all select job_id, 0, last - ${XMIN_BITS} - 1 from bits where last > ${XMIN_BITS}),
    marks as (
      select first as at, 0 as kind, job_id, last from ranges
      union all select distinct id, 1, null::uuid, null::bigint from (${versions}) versions),
    numbered as (
      select *, count(*) filter (where kind = 0) over (order by at, kind, job_id rows unbounded preceding) as place from marks)
    select version.at::text::xid as id, range.job_id
    from numbered version join numbered range using (place)
    where version.kind = 1 and range.kind = 0 and version.at <= range.last`;
}

export interface Restoring {
  /** A temporary table with the rows; its column `csvjobs$was` has the previous version of each. */
  table: string;
  /** Writes the rows that meet a condition on a row `w` of that table. If it returns null, `otherwise` is called. */
  work(condition: string): Promise<number | null>;
  otherwise?(condition: string): Promise<number>;
}

/**
 * Restores rows, those of each job in a subtransaction whose id is stored with that job.
 * @returns how many rows were written, and the ids of these subtransactions and of the current one, as in `xmin`
 */
export async function restoreByOwner(
  db: Db,
  { relation }: UndoTarget,
  owners: readonly string[],
  { table, work, otherwise }: Restoring,
): Promise<{ rows: number; ids: string[] }> {
  if (owners.length >= MANY) await db.query(`create index on ${table} (csvjobs$was)`);
  const ids = [await currentId(db)];
  let rows = 0;
  for (const owner of [null, ...owners]) {
    const condition = owners.length === 0 ? '' : ofOwner(owner);
    const within = owner !== null || otherwise !== undefined;
    if (within) await db.query('savepoint csvjobs_restored');
    let written = await work(condition);
    if (written === null && otherwise) {
      await db.query('rollback to savepoint csvjobs_restored');
      written = await otherwise(condition);
    }
    if (owner !== null && written) ids.push(await keepRestored(db, owner, relation));
    if (within) await db.query('release savepoint csvjobs_restored');
    rows += written ?? 0;
  }
  return { rows, ids };
}

function ofOwner(owner: string | null): string {
  return owner === null
    ? `and not exists (select from ${OWNERS} o where o.id = w.csvjobs$was)`
    : `and w.csvjobs$was in (select o.id from ${OWNERS} o where o.job_id = '${owner}')`;
}

/** Adds an entry for the job. It is written in the subtransaction, so its xmin has the id to store. */
async function keepRestored(db: Db, jobId: string, relation: number): Promise<string> {
  await db.query(
    `insert into job_transactions (job_id, xid, inserted, updated, cluster, database, relation, files)
     values ($1, 0, 0, 0, csvjobs_cluster(), (select oid from pg_database where datname = current_database()), $2::oid,
       ${filesOf('$2::oid::regclass')})`,
    [jobId, relation],
  );
  const { rows } = await db.query<{ id: string }>(
    `update job_transactions set xid = ${wholeId('xmin')} where job_id = $1 and xid = 0
     returning (xid & ${XMIN_BITS})::text as id`,
    [jobId],
  );
  return rows[0]!.id;
}

/** Returns the id that rows get now: within a savepoint, that of its subtransaction. */
async function currentId(db: Db): Promise<string> {
  await db.query('create temporary table if not exists csvjobs_current (here int) on commit drop');
  const { rows } = await db.query<{ id: string }>(
    'insert into pg_temp.csvjobs_current values (1) returning xmin::text as id',
  );
  return rows[0]!.id;
}
