import { isUuid } from '@csvjobs/shared';
import type { Context } from 'koa';
import { visibleTo } from '../access/tables.js';
import { tableOfJob } from '../sql/jobTable.js';
import type { Db } from '../sql/pool.js';
import { refuse } from './problems.js';

/**
 * Returns the `:id` of a path in a form that PostgreSQL takes. Every call about a job gets its id here, so
 * that no call can forget to check who may see the job; a job's table never changes, so one check is enough.
 * @throws {Failure} `job_not_found` if it is not a UUID, or the caller may not see the job: the same answer
 * as for a job that does not exist
 */
export async function jobIdOf(ctx: Context & { params: Record<string, string> }, db: Db): Promise<string> {
  const id = ctx.params.id ?? '';
  if (!isUuid(id) || !(await seesJob(ctx, db, id))) throw noSuchJob(id);
  return id.toLowerCase();
}

/**
 * Whether the caller may see the job with this id, a UUID; also true for a missing job if the caller sees
 * all.
 */
export async function seesJob(ctx: Context, db: Db, id: string): Promise<boolean> {
  const { caller } = ctx.state;
  if (caller.tables === null) return true;
  const table = await tableOfJob(db, id);
  return table !== null && visibleTo(caller, table);
}

export function noSuchJob(id: string): Error {
  return refuse('job_not_found', `there is no job ${JSON.stringify(id)}; GET /api/jobs lists all jobs`);
}
