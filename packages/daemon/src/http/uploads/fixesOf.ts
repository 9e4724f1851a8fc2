/**
 * `?fixes=`: an upload of records that another job has rejected. It is read and loaded like that job's file,
 * unless the upload says otherwise: with its table, its spec, its delimiter. The text is UTF-8, like the
 * report of rejected records, and has one header; the columns that the report has added are left out.
 */
import {
  type FileDialect,
  isFinal,
  isUuid,
  type Job,
  loadsNothing,
  type Spec,
  tableOfJob,
} from '@csvjobs/shared';
import type { Context } from 'koa';
import { headerCells } from '../../pipeline/fixes/originalText.js';
import { reportNames } from '../../pipeline/fixes/reportColumns.js';
import { findJob, type NewJob } from '../../sql/jobs.js';
import type { Pool } from '../../sql/pool.js';
import { noSuchJob, seesJob } from '../jobId.js';
import { refuse } from '../problems.js';
import { fileOf } from '../reports/fileOf.js';

export interface Fixes {
  parent: string;
  /** As the parent's job has it. */
  table: string;
  spec: Spec | undefined;
  overrides: NewJob['overrides'];
}

/**
 * Returns what an upload takes over from the job whose rejected records it has.
 * @throws {Failure} `job_not_found`, `job_state_conflict` while the job is not finished, `nothing_to_fix`,
 * `originals_not_kept`
 */
export async function fixesOf(ctx: Context, pool: Pool, id: string): Promise<Fixes> {
  const job = isUuid(id) && (await seesJob(ctx, pool, id)) ? await findJob(pool, id) : null;
  if (!job) throw noSuchJob(id);
  if (!isFinal(job.status)) {
    const detail = `job ${job.id} is ${job.status}: more of its records may be rejected; wait until it ends (csvjobs watch ${job.id})`;
    throw refuse('job_state_conflict', detail);
  }
  if (loadsNothing(job))
    throw refuse('job_state_conflict', `nothing of job ${job.id} is loaded, ${insteadOf(job)}`);
  const { source, header, overrides } = await fileOf(pool, job);
  const { delimiter, dialect } = source;
  return {
    parent: job.id,
    table: tableOfJob(job),
    spec: job.spec as Spec | undefined,
    overrides: {
      ...overrides,
      encoding: 'utf-8',
      delimiter,
      dialect: dialectOfFixes(dialect),
      leaveOut: reportNames(headerCells(source, header)),
    },
  };
}

/** Suggests what loads the good records too: otherwise only the fixed rejects would be loaded. */
function insteadOf({ id, mode, status }: Job): string {
  if (mode?.dryRun && status === 'completed')
    return `as it is a dry run: load it first (csvjobs load ${id}), and fix what that rejects`;
  return 'including its good records: correct the whole file and upload it';
}

/**
 * The dialect of a report of rejected records: the records as they were, under one header, with nothing
 * around them.
 */
function dialectOfFixes(dialect: FileDialect = {}): FileDialect {
  const { skipLines, columns, headerRows, headerJoin, commentRows, ...records } = dialect;
  return { ...records, footer: 0 };
}
