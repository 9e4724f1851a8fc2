/** The last stage: batches into PostgreSQL, each with its rejects, counters and checkpoint in one transaction. */
import type { Job, Rejection, RejectionPreview } from '@csvjobs/shared';
import { PREVIEW_LIMIT } from '@csvjobs/shared';
import { failpoint } from '../failpoint.js';
import { Failure } from '../failure.js';
import { loadCustomers, prepareStaging } from '../sql/customers.js';
import { loadRejections } from '../sql/jobErrors.js';
import { advance } from '../sql/jobProgress.js';
import type { Client } from '../sql/pool.js';
import type { Batch } from './batch.js';

/** Longer values are cut in the preview that a job carries along; the report has them whole. */
const PREVIEW_VALUE_LENGTH = 200;

/** Thrown when the job is no longer this attempt's: another worker has it, or it was cancelled. Nothing was written. */
export class Superseded extends Failure {
  constructor(jobId: string) {
    super('superseded', `job ${jobId} is no longer this worker's; nothing of the batch was written`);
  }
}

export interface Loader {
  /** Loads a batch; when it returns, the batch is committed. Returns the job as it is then. */
  load(batch: Batch): Promise<Job>;
}

/** A loader for one attempt at a job, on a connection that is its own. */
export async function createLoader(client: Client, jobId: string, attempt: number): Promise<Loader> {
  await prepareStaging(client);
  return {
    async load(batch) {
      await client.query('begin');
      const { inserted, duplicates, preview } = await loadCustomers(client, jobId, batch.rows.copy);
      if (batch.rejects.count > 0) await loadRejections(client, batch.rejects.copy);
      const job = await advance(client, jobId, attempt, {
        success: inserted,
        failed: duplicates + batch.rejects.count,
        preview: previewOf([...batch.preview, ...preview]),
        checkpoint: batch.checkpoint,
      });
      if (!job) {
        await client.query('rollback');
        throw new Superseded(jobId);
      }
      await failpoint('before-commit');
      await client.query('commit');
      await failpoint('after-commit');
      return job;
    },
  };
}

/** The first rejects in the order of the file, long values cut. */
function previewOf(rejections: Rejection[]): RejectionPreview[] {
  return rejections
    .sort((a, b) => a.rowNumber - b.rowNumber)
    .slice(0, PREVIEW_LIMIT)
    .map(({ rowNumber, message, row }) => ({
      rowNumber,
      message,
      row: Object.fromEntries(Object.entries(row).map(([column, value]) => [column, cut(value)])),
    }));
}

/** Cut between code points, so that no half of a surrogate pair is left: jsonb takes none. */
function cut(value: string): string {
  if (value.length <= PREVIEW_VALUE_LENGTH) return value;
  return `${value.slice(0, PREVIEW_VALUE_LENGTH).replace(/[\ud800-\udbff]$/, '')}…`;
}
