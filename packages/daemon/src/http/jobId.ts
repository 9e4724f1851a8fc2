import { isUuid } from '@csvjobs/shared';
import type { Context } from 'koa';
import { visibleTo } from '../access/tables.js';
import { tableOfJob } from '../sql/jobTable.js';
import type { Db } from '../sql/pool.js';
import { refuse } from './problems.js';

/**
 * The `:id` of a path as PostgreSQL takes it. Every call about one job gets its id here, so that none can forget who sees
 * which jobs; a job's table never changes, so it is enough to look once.
 * @throws {Failure} `job_not_found` where it is not a UUID, or the caller does not see the job: the same answer as to a job
 *   that is not there
 */
export async function jobIdOf(ctx: Context & { params: Record<string, string> }, db: Db): Promise<string> {
  const id = ctx.params.id ?? '';
  if (!isUuid(id) || !(await seesJob(ctx, db, id))) throw noSuchJob(id);
  return id.toLowerCase();
}

/** Whether the caller sees the job of an id, a UUID; also where there is none and the caller sees all. */
export async function seesJob(ctx: Context, db: Db, id: string): Promise<boolean> {
  const { caller } = ctx.state;
  if (caller.tables === null) return true;
  const table = await tableOfJob(db, id);
  return table !== null && visibleTo(caller, table);
}

export function noSuchJob(id: string): Error {
  return refuse(
    'job_not_found',
    `there is no job ${JSON.stringify(id)}; GET /api/jobs lists the jobs there are`,
  );
}
