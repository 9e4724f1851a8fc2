/**
 * The rows that a job updates or removes, as they were before (docs/decisions/0034-undo.md). Updated rows are kept in
 * groups: a row of job_journal for each would cost more than half as much as the update itself.
 */
import type { Client, Db } from '../pool.js';
import { literal } from '../target/literal.js';
import { STAGE_STEP } from '../target/stageStep.js';
import { xidNumber } from './transactionIds.js';

/**
 * How far apart the numbers of groups are. Those of the entries of a group start at `job_journal.entry`, so it must not have more
 * entries.
 */
const GROUP = 65_536;

/** Of these, consecutive rows of the stage, and consecutive rows between two of them. */
const ROWS = 512;
const BETWEEN = GROUP / ROWS;

/** The longest text of a row that shares a group, in bytes. It limits the size of a group, which PostgreSQL holds in memory. */
const LONGEST = 1_024;

/**
 * SQL for the group of an entry. Groups of 64 KiB, counted in a window, took 3% more of the whole update.
 * @param row its number on the stage
 */
function groupOf(row: string, before: string): string {
  const group = `${row} / ${ROWS * STAGE_STEP} * ${STAGE_STEP / BETWEEN} + ${row} % ${STAGE_STEP} / ${BETWEEN}`;
  return `case when octet_length(${before}) > ${LONGEST} then -${row} else ${group} end`;
}

/** Journal entries one by one: `from ${ENTRIES} where j.job_id = … order by j.entry, e.place`. */
export const ENTRIES = entriesOf('job_journal j');
/** The number of an entry: a later one of the same job has a higher number. */
export const ENTRY = '(j.entry + e.place - 1)';

/** @param groups rows of the journal as `j` */
function entriesOf(groups: string): string {
  return `${groups} cross join lateral unnest(j.was, j.before) with ordinality e (was, before, place)`;
}

/**
 * Returns the columns that identify the rows that a job has updated, or removed; none if there are no such rows, or the
 * file had no key of the table.
 */
export async function keyColumns(db: Db, jobId: string, removed: boolean): Promise<string[]> {
  const { rows } = await db.query<{ key: string[] }>(
    'select key_columns as key from job_journal where job_id = $1 and removed = $2 order by entry limit 1',
    [jobId, removed],
  );
  return rows[0]?.key ?? [];
}

/** Condition: an entry comes after another. It spares the groups before that one. @param entry SQL for a number */
export function isAfter(entry: string): string {
  return `j.entry > ${entry} - ${GROUP} and ${ENTRY} > ${entry}`;
}

/**
 * Builds a statement that stores rows before the job updates them. It must run in the transaction of the update, or
 * as part of the update's statement: `with …, journalled as (<this>) …`. A row is stored each time that the job
 * updates it, even if the job has inserted it; `was` shows whose version it was. The undo uses only versions that are
 * not the job's own.
 *
 * @param jobId a UUID
 * @param key columns that identify the row: a unique key of the table whose values the update does not change
 * @param rows a query with three columns: `row`, the number of its record on the stage, `before`, the text of the whole row as a
 * value of the table's row type (`select t::text as before`), and `was`, its xmin
 */
export function journalStatement(jobId: string, key: readonly string[], rows: string): string {
  return `insert into job_journal (job_id, was, key_columns, before)
    select '${jobId}', array_agg(${xidNumber('was')}), ${columns(key)}, array_agg(before) from (${rows}) rows
    group by ${groupOf('row', 'before')}`;
}

/** The same for a single row, with both values as SQL expressions. */
export function journalOne(jobId: string, key: readonly string[], before: string, was: string): string {
  return `insert into job_journal (job_id, was, key_columns, before)
    values ('${jobId}', array[${was}::text::bigint], ${columns(key)}, array[${before}])`;
}

/**
 * Stores rows before the job removes them, each in a group of its own: `xmin` of that shows who has removed it
 * (removedAgain.ts), also after an undo of others.
 * @param key columns that identify such a row; empty if the file has no key of the table
 * @param rows the part of the query after the select list, with the rows of the table as `t`
 */
export async function keepRemoved(
  client: Client,
  jobId: string,
  key: readonly string[],
  rows: string,
): Promise<void> {
  await client.query(
    `insert into job_journal (job_id, was, key_columns, before, removed)
     select '${jobId}', array[t.xmin::text::bigint], ${columns(key)}, array[(t.*)::text], true ${rows}`,
  );
}

/**
 * Removes entries of a job. The others of their groups keep their order.
 * @param entries a query for their numbers, as `entry`
 */
export async function removeEntries(db: Db, jobId: string, entries: string): Promise<void> {
  await db.query(
    `with done as materialized (${entries}),
       j as (delete from job_journal j
         where job_id = '${jobId}' and entry in (select entry / ${GROUP} * ${GROUP} from done) returning *)
     insert into job_journal (job_id, entry, was, key_columns, before, removed) overriding system value
     select job_id, j.entry, array_agg(e.was order by place), key_columns, array_agg(e.before order by place), removed
     from ${entriesOf('j')}
     where not exists (select from done where done.entry = ${ENTRY})
     group by job_id, j.entry, key_columns, removed`,
  );
}

function columns(key: readonly string[]): string {
  return `array[${key.map(literal).join(', ')}]::text[]`;
}
