/**
 * Finds the job that wrote a version of a row, by its `xmin`, and restores rows on behalf of the job that wrote them
 * before. Each such job's rows are written in a subtransaction of their own, whose id is stored with that job, so
 * that it finds them as if nothing had happened in between.
 */
import type { Db } from '../pool.js';
import { changesOf } from './changedOthers.js';
import type { Part } from './refusals.js';
import type { UndoTarget } from './target.js';
import { CURRENT, filesOf, wholeId, XMIN_BITS } from './transactionIds.js';

/** Columns: `id`, of the type of xmin, and `job_id`. Has no rows for versions that no job wrote. */
export const OWNERS = 'pg_temp.csvjobs_owners';

/**
 * Marks of the subtransactions that restore rows, each written in its subtransaction: its xmin is theirs. Columns:
 * `owner`, the job that the rows belong to again, or null; `part` of the undo; `rows`, how many were restored; `changed`, how many rows triggers have
 * changed there besides, null if that is unknown.
 */
const RESTORED = 'pg_temp.csvjobs_restored';

/** A part of the undo that restores rows. */
type Restores = Exclude<Part, 'inserted'>;

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
 * to the last range that starts before it, unless that range has ended. Not by a join: rows loaded one by one have an id each, and
 * PostgreSQL expects so few that it would compare each with each.
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
      select *, count(*) filter (where kind = 0) over (order by at, kind, job_id rows unbounded preceding) as place from marks),
    placed as (
      select at, kind, first_value(job_id) over of_range as job_id, first_value(last) over of_range as last from numbered
      window of_range as (partition by place order by at, kind, job_id))
    select at::text::xid as id, job_id from placed where kind = 1 and at <= last`;
}

/** Prepares a transaction for restoring rows. */
export async function openRestored(db: Db): Promise<void> {
  await db.query(
    'create temporary table csvjobs_restored (owner uuid, part text, rows bigint, changed bigint) on commit drop',
  );
}

/** Statement that marks the subtransaction that has restored rows. All but `part` are SQL expressions. */
export function markRestored(part: Restores, owner: string, rows: string, changed = 'null'): string {
  return `insert into ${RESTORED} values (${owner}, '${part}', ${rows}, ${changed})`;
}

/** Condition on the row with this alias: the undo has restored it, in this part. */
export function isRestored(part: Restores, alias: string): string {
  return `${alias}.xmin in (select m.xmin from ${RESTORED} m where m.part = '${part}')`;
}

/** Returns how many rows a part of the undo has restored, found or not. */
export async function countWritten(db: Db, part: Restores): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select coalesce(sum(rows), 0)::bigint as n from ${RESTORED} where part = '${part}'`,
  );
  return rows[0]!.n;
}

export interface Restoring {
  part: Restores;
  /** A temporary table with the rows; its column `csvjobs$was` has the previous version of each. */
  table: string;
  /** Writes the rows that meet a condition on a row `w` of that table, and returns how many. */
  work(condition: string): Promise<number>;
}

/**
 * Restores rows, those of each job in a subtransaction of their own.
 * @param owners all that the rows have; null for rows that belonged to no job
 * @returns how many rows were written
 */
export async function restoreByOwner(
  db: Db,
  { relation }: Pick<UndoTarget, 'relation'>,
  owners: readonly (string | null)[],
  { part, table, work }: Restoring,
): Promise<number> {
  if (owners.length > MANY)
    await db.query(`create index if not exists csvjobs_${part}_by_owner on ${table} (csvjobs$was)`);
  let rows = 0;
  for (const owner of owners) {
    const which = owners.length === 1 ? '' : ofOwner(owner);
    // A statement for no rows calls triggers that may change others.
    const { rowCount: some } = await db.query(`select from ${table} w where true ${which} limit 1`);
    if (some === 0) continue;
    await db.query('savepoint csvjobs_restored');
    const changes = changesOf(`${relation}`);
    const { rows: before } = await db.query<{ n: number | null }>(`select ${changes} as n`);
    const written = await work(which);
    const own = part === 'updated' ? written : 0;
    const changed = before[0]!.n === null ? 'null' : `${changes} - ${before[0]!.n} - ${own}`;
    if (written > 0)
      await db.query(markRestored(part, owner === null ? 'null' : `'${owner}'`, `${written}`, changed));
    await db.query('release savepoint csvjobs_restored');
    rows += written;
  }
  return rows;
}

function ofOwner(owner: string | null): string {
  return owner === null
    ? `and not exists (select from ${OWNERS} o where o.id = w.csvjobs$was)`
    : `and w.csvjobs$was in (select o.id from ${OWNERS} o where o.job_id = '${owner}')`;
}

/** Stores the ids that restored rows have with the jobs that the rows belong to again. */
export async function keepRestored(db: Db, { relation }: UndoTarget): Promise<void> {
  await db.query(
    `with ids as (select owner, ${wholeId('xmin')} as id, changed from ${RESTORED} where owner is not null)
     insert into job_transactions (job_id, xid, others, inserted, updated, cluster, database, relation, files, changed_others)
     select owner, min(id), range_agg(int8range(id, id + 1)), 0, 0, csvjobs_cluster(),
       (select oid from pg_database where datname = current_database()), $1::oid, ${filesOf('$1::oid::regclass')},
       case when count(*) = count(changed) then sum(changed) end
     from ids group by owner`,
    [relation],
  );
}
