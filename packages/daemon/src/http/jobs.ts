/** Jobs: list, show, cancel, retry, delete. */
import {
  CUSTOMERS,
  failsAgain,
  hasLoaded,
  isFinal,
  isUuid,
  type Job,
  type JobStatus,
  jobsQuerySchema,
  paths,
  progressOf,
  readTableName,
  readWrittenTable,
  writeTableName,
} from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { visibleTables } from '../access/tables.js';
import { NONE_LOADED, SOME_LOADED } from '../failure.js';
import { deleteJob } from '../sql/deletedJobs.js';
import { findChain } from '../sql/jobFixes.js';
import { type Cursor, listJobs, listSummaries, type PageQuery } from '../sql/jobList.js';
import { cancelJob, findJob, retryJob } from '../sql/jobs.js';
import { tableOfJob } from '../sql/jobTable.js';
import { startAgain } from '../sql/undo/startAgain.js';
import { assertAllowed } from './assertAllowed.js';
import type { AppDeps } from './deps.js';
import { enqueueSoon } from './enqueue.js';
import { isFresh } from './fresh.js';
import { discard } from './held.js';
import { jobIdOf, noSuchJob } from './jobId.js';
import { refuse } from './problems.js';
import { refuseHold } from './uploads/refuseWhenFull.js';
import { withAdvice } from './withAdvice.js';
import { withReading } from './withReading.js';

export function jobRoutes(router: Router, deps: AppDeps): void {
  const { pool, storage, publish, subscriptions, log } = deps;

  router.get(paths.jobs, async (ctx) => {
    const wanted = pageOf(ctx);
    const { jobs, next } = await (wanted.summary ? listSummaries : listJobs)(pool, {
      ...wanted,
      tables: visibleTables(ctx.state.caller),
    });
    // RFC 8288. The body stays a plain array; clients that want all jobs follow the links.
    if (next) ctx.set('Link', `<${nextPage(ctx, next)}>; rel="next"`);
    ctx.body = jobs.map((job) => withReading(subscriptions, job));
  });

  router.get(paths.job(':id'), async (ctx) => {
    const id = await jobIdOf(ctx, pool);
    const job = await findJob(pool, id);
    if (!job) throw noSuchJob(id);
    ctx.status = 200;
    const chain = await findChain(pool, id);
    const advised = await withAdvice(pool, job);
    const shown: Job = chain ? { ...advised, chain } : advised;
    if (isFresh(ctx, isFinal(job.status) && shown)) return;
    ctx.body = withReading(subscriptions, shown);
  });

  router.post(paths.cancel(':id'), async (ctx) => {
    const id = await jobIdOf(ctx, pool);
    const job =
      (await cancelJob(pool, id)) ?? (await discard(deps, ctx, id)) ?? (await conflict(id, 'cancelled'));
    log.info({ requestId: ctx.state.requestId, jobId: id }, 'job cancelled');
    publish(progressOf(job));
    ctx.body = job;
  });

  router.delete(paths.job(':id'), async (ctx) => {
    const id = await jobIdOf(ctx, pool);
    if (!(await deleteJob(pool, id))) await conflict(id, 'deleted');
    await storage.remove(id);
    log.info({ requestId: ctx.state.requestId, jobId: id }, 'job deleted');
    ctx.status = 204;
  });

  router.post(paths.retry(':id'), async (ctx) => {
    const id = await jobIdOf(ctx, pool);
    const table = readWrittenTable((await tableOfJob(pool, id)) ?? '');
    if (table) assertAllowed(deps.tables, ctx.state.caller, table);
    await mustGetFurther(id);
    await mustHaveFile(id);
    await refuseHold(deps, (await findJob(pool, id))?.mode);
    const job = (await retryJob(pool, id)) ?? (await restart(id)) ?? (await conflict(id, 'retried'));
    log.info({ requestId: ctx.state.requestId, jobId: id }, 'job requeued for a retry');
    publish(progressOf(job));
    await enqueueSoon(deps, id);
    ctx.status = 202;
    ctx.set('Location', paths.job(id));
    ctx.body = job;
  });

  /** A job that was undone starts from scratch, without what was recorded about its file. */
  async function restart(id: string): Promise<Job | null> {
    if ((await findJob(pool, id))?.status !== 'undone') return null;
    await storage.forgetEmails(id);
    return startAgain(pool, id);
  }

  /** Explains why a job could not change its state: it does not exist, or its state does not allow it. */
  async function conflict(id: string, wanted: 'cancelled' | 'retried' | 'deleted'): Promise<Job> {
    const job = await findJob(pool, id);
    if (!job) throw noSuchJob(id);
    throw refuse('job_state_conflict', `the job is ${job.status} ${WHY_NOT[wanted][job.status]}`);
  }

  /** A job that failed because of its file would only fail again, with the same messages. */
  async function mustGetFurther(id: string): Promise<void> {
    const job = await findJob(pool, id);
    if (job?.status !== 'failed' || !job.failure) return;
    const { code, message } = job.failure;
    const why = failsAgain(code);
    if (why)
      throw refuse('job_state_conflict', `the job would fail again (${code}: ${message}); ${INSTEAD[why]}`);
  }

  /** Files of finished jobs are removed after a while; a job cannot continue without its file. */
  async function mustHaveFile(id: string): Promise<void> {
    const job = await findJob(pool, id);
    if (!job || !['failed', 'cancelled', 'undone'].includes(job.status)) return;
    await storage.head(id, 1).catch(async (error) => {
      if (error.code !== 'ENOENT') throw error;
      await storage.present();
      const detail = `the file of the job was removed (RETAIN_FILES). ${hasLoaded(job) ? SOME_LOADED : NONE_LOADED}`;
      throw refuse('file_gone', detail, error);
    });
  }
}

/** What to do instead of a retry. */
const INSTEAD = {
  file: 'correct the file and upload it again',
  reading: 'upload the file again with its encoding or delimiter (?encoding=, ?delimiter=)',
  spec: 'upload the file again with a spec that fits',
};

/** @throws {Failure} `bad_request` if the query is not a valid page of jobs */
function pageOf({ query }: Context): Omit<PageQuery, 'tables'> & { summary: boolean } {
  const parsed = jobsQuerySchema.safeParse(query);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw refuse('bad_request', wrong.join('; '));
  }
  const { limit, status, table, summary, cursor } = parsed.data;
  const of = table === undefined ? undefined : listedTable(table);
  return { limit, status, summary, table: of, after: cursor === undefined ? undefined : readCursor(cursor) };
}

/** @throws {Failure} `bad_request` if the text is not the full name of a table */
function listedTable(text: string): string {
  const written = readTableName(text);
  if (written?.schema) return writeTableName({ schema: written.schema.text, name: written.name.text });
  if (written?.name.text === CUSTOMERS) return CUSTOMERS;
  const detail = `table must be a name with its schema, as in a job: sales.orders; or ${CUSTOMERS}`;
  throw refuse('bad_request', detail);
}

function nextPage(ctx: Context, { at, id }: Cursor): string {
  const query = new URLSearchParams(ctx.querystring);
  query.set('cursor', Buffer.from(`${at}|${id}`).toString('base64url'));
  return `${paths.jobs}?${query}`;
}

/**
 * @throws {Failure} `bad_request` unless it has two valid parts: a number that PostgreSQL's time can hold,
 * and a UUID
 */
function readCursor(text: string): Cursor {
  const [, micros = '', id = ''] =
    /^(-?\d{1,16})\|([^|]*)$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  const at = Number(micros);
  // As microseconds, safe integers cover the years 1684 to 2255.
  if (micros === '' || !Number.isSafeInteger(at) || !isUuid(id)) {
    throw refuse('bad_request', 'the cursor is not from a Link header of this list');
  }
  return { at, id };
}

const WHY_NOT: Record<'cancelled' | 'retried' | 'deleted', Record<JobStatus, string>> = {
  cancelled: {
    pending: 'and was changed at the same moment; try again',
    processing: 'and was changed at the same moment; try again',
    held: 'and was accepted: its rows are being committed; watch it',
    completed: 'already: its rows are loaded, there is nothing left to cancel',
    failed: 'already: nothing is working on it, there is nothing to cancel',
    cancelled: 'already; to continue it, retry it',
    undone: 'already: none of its rows is loaded, there is nothing to cancel',
  },
  deleted: {
    pending: 'and waits to be loaded; cancel it first',
    processing: 'and being loaded; cancel it first',
    held: 'and waits to be accepted; accept or discard it first',
    completed: 'and was changed at the same moment; try again',
    failed: 'and was changed at the same moment; try again',
    cancelled: 'and was changed at the same moment; try again',
    undone: 'and was changed at the same moment; try again',
  },
  retried: {
    pending: 'and will start on its own; watch it instead',
    processing: 'and being worked on; watch it, or cancel it first',
    held: 'and only needs to be accepted or discarded',
    completed: 'and has nothing left to do; to load the file again, upload it again',
    failed: 'and was changed at the same moment; try again',
    cancelled: 'and was changed at the same moment; try again',
    undone: 'and was changed at the same moment; try again',
  },
};
