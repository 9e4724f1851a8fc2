/**
 * Determines which rows of a batch the table has unchanged, which differ and which are new, and updates those that differ.
 * Unchanged rows are only read: they get no new version, and no trigger fires.
 */
import type { Client } from '../../pool.js';
import { journalStatement } from '../../undo/journal.js';
import { attemptRows } from '../../undo/transactionIds.js';
import { keyRange } from './keyRange.js';
import { mergeFound, mergePays, noteOutcome } from './merge.js';
import { type Keyed, openPending, PENDING, type Pending, type Updated } from './pending.js';
import { mergesNewest, returnsOld, serverVersion } from './serverVersion.js';
import { assignments, isChanged, isSameRow, stagedRows, tableAsT, type UpsertPlan } from './statements.js';
import { plansToAvoid, withPlans } from './withPlans.js';

/**
 * Finds the rows that must be written. The table has all others unchanged or, if such rows are skipped, has their
 * key.
 */
export async function findPending(
  client: Client,
  plan: UpsertPlan,
  { rows, mayRepeat }: Keyed,
): Promise<Pending> {
  const again = await openPending(client, plan, mayRepeat);
  const range = await keyRange(client, plan, rows);
  const found = foundRows(plan, again > 0, range);
  const list = `insert into ${PENDING} select csvjobs$row, csvjobs$at, false from (${found}) found`;
  await withPlans(client, plansToAvoid(range), list);
  const counted = await client.query<Pending>(
    `select count(at) as known, count(*) - count(at) - ${again} as fresh, ${again} as again from ${PENDING}`,
  );
  return counted.rows[0]!;
}

/**
 * The staged rows that are new or differ, with the place of the row in the table as `csvjobs$at`.
 * @param repeats whether rows with a repeated key are already in the list
 * @param range of the table, as `keyRange` returns it
 */
function foundRows(plan: UpsertPlan, repeats: boolean, range: string | undefined): string {
  const written = plan.conflict.onConflict === 'skip' ? 'false' : isChanged(plan, 's');
  const alone = repeats ? `s.csvjobs$row not in (select row from ${PENDING}) and` : '';
  return `select s.*, t.ctid as csvjobs$at from ${stagedRows(plan)} s left join ${tableAsT(plan)} on ${isSameRow(plan, range)}
      where ${alone} (t.ctid is null or ${written})`;
}

/**
 * Updates the rows that the table has and that differ, by one statement. Rows that another session has changed meanwhile may be
 * left to do.
 * @returns how many were updated, and what is left; undefined, with nothing done, if PostgreSQL refuses a row
 */
export async function updateFound(
  client: Client,
  plan: UpsertPlan,
  jobId: string,
  staged: Keyed,
): Promise<Updated | undefined> {
  const merges = mergePays(plan) && mergesNewest(await serverVersion(client));
  const merged = merges ? await mergeFound(client, plan, jobId, staged) : undefined;
  const done = merged ?? (await listAndUpdate(client, plan, jobId, staged));
  if (done) noteOutcome(plan, staged.rows, done);
  return done;
}

/** Lists the rows that must be written and updates those that the table has, in one statement. */
function listAndUpdate(
  client: Client,
  plan: UpsertPlan,
  jobId: string,
  { rows, mayRepeat }: Keyed,
): Promise<Updated | undefined> {
  return attemptRows(client, async () => {
    const again = await openPending(client, plan, mayRepeat);
    const range = await keyRange(client, plan, rows);
    const found = { rows: foundRows(plan, again > 0, range), range };
    const returns = returnsOld(await serverVersion(client));
    const statement = updateStatement(plan, jobId, found, returns);
    const [done] = await withPlans<Omit<Pending, 'again'> & { updated: number }>(
      client,
      plansToAvoid(range),
      statement,
    );
    const { updated, ...left } = done!;
    return { updated, left: { ...left, again } };
  });
}

/**
 * Keeps rows as they were. Since PostgreSQL 18 the update returns the old version; before that, rows are locked and
 * read first. A row that another session has changed since it was found is at another place, so it is left alone.
 */
function updateStatement(
  plan: UpsertPlan,
  jobId: string,
  { rows, range }: { rows: string; range: string | undefined },
  returns: boolean,
): string {
  const key = plan.conflict.undoKey;
  // All places at once: with the second condition alone, a hash join would read the whole table to find them.
  const places = range === undefined ? '' : 't.ctid = any (array(select csvjobs$at from found)) and ';
  const there = `${places}t.ctid = s.csvjobs$at`;
  const found = `found as materialized (${rows})`;
  const locked = `locked as materialized (select s.*, t.xmin as csvjobs$was, (t.*)::text as csvjobs$before
      from found s join ${tableAsT(plan)} on ${there} for update of t)`;
  const before = returns
    ? 'returning with (old as csvjobs$old) s.csvjobs$row as row, (csvjobs$old.*)::text as before, csvjobs$old.xmin as was'
    : 'returning s.csvjobs$row as row, s.csvjobs$before as before, s.csvjobs$was as was';
  // Spares the search for rows that were left alone where there are none.
  const missed = '(select count(*) from went) < (select count(csvjobs$at) from found)';
  return `with ${returns ? found : `${found}, ${locked}`},
      went as (update ${tableAsT(plan)} set ${assignments(plan, 's')} from ${returns ? 'found' : 'locked'} s
        where ${there} ${before}),
      journalled as (${journalStatement(jobId, key, 'select row, before, was from went')}),
      undone as (insert into ${PENDING} select csvjobs$row, csvjobs$at, false from found
        where csvjobs$at is null or (${missed} and csvjobs$row not in (select row from went)) returning at)
    select (select count(*) from went) as updated, count(at) as known, count(*) - count(at) as fresh from undone`;
}
