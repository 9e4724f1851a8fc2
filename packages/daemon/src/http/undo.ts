/** POST /api/jobs/{id}/undo: removes the rows that a job has loaded. */
import { paths, progressOf, readWrittenTable } from '@csvjobs/shared';
import type Router from 'koa-router';
import { findJob } from '../sql/jobs.js';
import { tableOfJob } from '../sql/jobTable.js';
import { undoJob } from '../sql/undo/undoJob.js';
import { assertAllowed } from './assertAllowed.js';
import type { AppDeps } from './deps.js';
import { jobIdOf } from './jobId.js';
import { nameOf } from './nameOf.js';
import { refuse } from './problems.js';

export function undoRoutes(router: Router, deps: AppDeps): void {
  const { pool, publish, log } = deps;
  router.post(paths.undo(':id'), async (ctx) => {
    const id = await jobIdOf(ctx, pool);
    const { dryRun = 'false' } = ctx.query;
    if (dryRun !== 'true' && dryRun !== 'false') throw refuse('bad_request', 'dryRun must be true or false');
    const table = readWrittenTable((await tableOfJob(pool, id)) ?? '');
    if (table) assertAllowed(deps.tables, ctx.state.caller, table);
    const by = nameOf(ctx.state.caller);
    const result = await undoJob(pool, id, { by, dryRun: dryRun === 'true' });
    const { removed, restored } = result;
    if (!result.dryRun && removed + restored > 0) {
      log.info({ requestId: ctx.state.requestId, jobId: id, by, removed, restored }, 'job undone');
      const job = await findJob(pool, id);
      if (job) publish(progressOf(job));
    }
    ctx.body = result;
  });
}
