/**
 * POST /api/jobs/:id/load: a job that loads the file of a dry run with the same spec, without uploading the
 * file again. It is a separate job, so that the dry run and its report stay unchanged. There is one for each
 * dry run: a repeated call gets the same answer, as after an answer that was lost. Once it is deleted,
 * another can be created.
 */
import { randomUUID } from 'node:crypto';
import { type Job, paths, type Spec, tableOfJob, type Uploaded, writeTableName } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { modeFor } from '../../intake/mode.js';
import { type DryRun, findDryRun } from '../../sql/dryRuns.js';
import { findJob, tableOf } from '../../sql/jobs.js';
import { hasSameRules } from '../../sql/target/catalog.js';
import type { AppDeps } from '../deps.js';
import { enqueueSoon } from '../enqueue.js';
import { jobIdOf, noSuchJob, seesJob } from '../jobId.js';
import { refuse } from '../problems.js';
import { acceptJob } from './acceptJob.js';
import { intoTable } from './intoTable.js';
import { refuseWhenFull } from './refuseWhenFull.js';

export function loadRoute(router: Router, deps: AppDeps): void {
  const { pool, storage, log } = deps;

  router.post(paths.load(':id'), async (ctx) => {
    const dryRunId = await jobIdOf(ctx, pool);
    const job = await findJob(pool, dryRunId);
    if (!job) throw noSuchJob(dryRunId);
    const dryRun = await findDryRun(pool, dryRunId);
    if (!dryRun) throw refuse('job_state_conflict', `job ${dryRunId} is not a dry run: ${whatItIs(job)}`);
    if (job.status !== 'completed') throw refuse('job_state_conflict', notEnded(job));
    const spec = withoutDryRun(dryRun.into.spec);
    await sameTable(ctx, job, dryRun, spec);
    await refuseWhenFull(deps);

    const id = randomUUID();
    await shareFile(dryRunId, id);
    const { filename, sizeBytes, sha256, overrides, into, origin, parent } = dryRun;
    const accepted = await acceptJob(
      deps,
      {
        ...{ id, filename, sizeBytes, sha256, overrides, dryRunId, origin, parent },
        idempotencyKey: `load ${dryRunId}`,
        into: { ...into, spec } as DryRun['into'],
        mode: modeFor(spec, into?.target),
      },
      false,
      (other) => seesJob(ctx, pool, other),
    );
    if (accepted.jobId === id) {
      const table = tableOf(into);
      log.info({ requestId: ctx.state.requestId, jobId: id, dryRunId, filename, table }, 'dry run loaded');
      await enqueueSoon(deps, id);
    }
    const body: Uploaded = accepted;
    ctx.status = 202;
    ctx.set('Location', paths.job(accepted.jobId));
    ctx.body = body;
  });

  /** @throws {Failure} `target_changed`, and the failures of `intoTable` */
  async function sameTable(ctx: Context, job: Job, { into }: DryRun, spec: Spec | undefined): Promise<void> {
    const now = await intoTable(deps, ctx.state.caller, tableOfJob(job), spec);
    if (
      into.target === undefined
        ? now?.target === undefined
        : now?.target && hasSameRules(now.target, into.target)
    )
      return;
    const table = into.target ? writeTableName(into.target.table) : tableOfJob(job);
    throw refuse(
      'target_changed',
      `the definition of the table ${table}, or of a function that it calls, was changed since the dry run, so its result may no longer be valid: upload the file again, with or without --dry-run`,
    );
  }

  async function shareFile(dryRunId: string, id: string): Promise<void> {
    await storage.share(dryRunId, id).catch(async (error) => {
      if (error.code !== 'ENOENT') throw error;
      await storage.present();
      throw refuse('file_gone', 'the file of the dry run was removed (RETAIN_FILES): upload it again', error);
    });
  }
}

function withoutDryRun(spec: Spec | undefined): Spec | undefined {
  if (!spec?.csvjobs) return spec;
  const { dryRun, ...csvjobs } = spec.csvjobs;
  return { ...spec, csvjobs };
}

function whatItIs({ id, status }: Job): string {
  if (status === 'completed') return 'its rows are already loaded';
  const next = status === 'failed' || status === 'cancelled' ? 'retry' : 'watch';
  return `it is ${status}, and loads its rows itself (csvjobs ${next} ${id})`;
}

function notEnded({ id, status, failure }: Job): string {
  if (status === 'failed')
    return `the dry run ${id} has failed, as its load would${failure ? `: ${failure.message}` : ''}; fix this and upload the file again, or retry it (csvjobs retry ${id})`;
  const next = status === 'cancelled' ? 'retry' : 'watch';
  return `the dry run ${id} is ${status}: there is no result yet (csvjobs ${next} ${id})`;
}
