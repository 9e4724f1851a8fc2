/** What became of the records of a file whose rejected ones were fixed and uploaded again, once or several times. */
import { z } from 'zod';

export const chainSchema = z.object({
  rows: z.int().nonnegative().describe('records in the file of this job'),
  loaded: z.int().nonnegative().describe('those that this job has loaded'),
  fixed: z.int().nonnegative().describe('those that the jobs below it have loaded'),
  left: z.int().nonnegative().describe('those that are still rejected'),
  leftOut: z.int().nonnegative().describe('rejected records that are in no file of fixed records'),
  jobs: z.array(z.uuid()).describe('the jobs that had the fixed records, in the order of their uploads'),
});
export type Chain = z.infer<typeof chainSchema>;

/** A job, as far as its chain is counted. */
export interface ChainJob {
  id: string;
  totalRows: number;
  successCount: number;
  failedCount: number;
  /** Rows whose key was in the table: nothing is left to be done about them. */
  skippedCount?: number;
  /** Null for the first. */
  parent: string | null;
}

interface Counts {
  fixed: number;
  left: number;
  leftOut: number;
}

/**
 * Counts a chain.
 *
 * What a child rejects is left. What its parent has rejected and no child has in its file is left out, once a child has ended.
 * Where several children have the same records, no more is left than the parent has rejected and none of them has loaded.
 * @param jobs the job itself, then those below it, parents first
 */
export function chainOf(jobs: readonly ChainJob[]): Chain {
  const [first, ...others] = jobs as [ChainJob, ...ChainJob[]];
  const { fixed, left, leftOut } = below(first, others);
  return {
    rows: first.totalRows,
    loaded: first.successCount,
    fixed,
    left,
    leftOut,
    jobs: others.map(({ id }) => id),
  };
}

function below(job: ChainJob, all: readonly ChainJob[]): Counts {
  // One that ended before its records were counted has changed nothing.
  const children = all.filter(({ parent, totalRows }) => parent === job.id && totalRows > 0);
  if (children.length === 0) return { fixed: 0, left: job.failedCount, leftOut: 0 };
  const counts: Counts = { fixed: 0, left: 0, leftOut: 0 };
  let records = 0;
  for (const child of children) {
    const beneath = below(child, all);
    records += child.totalRows;
    counts.fixed += child.successCount + beneath.fixed;
    // Records that a child has not come to yet, or has been stopped before, are still to be fixed.
    const { successCount, failedCount, skippedCount = 0 } = child;
    counts.left += beneath.left + (child.totalRows - successCount - failedCount - skippedCount);
    counts.leftOut += beneath.leftOut;
  }
  const ownLeftOut = Math.max(0, job.failedCount - records);
  const open = job.failedCount - counts.fixed - counts.leftOut - ownLeftOut;
  if (children.length > 1) counts.left = Math.min(counts.left, Math.max(0, open));
  counts.leftOut += ownLeftOut;
  return counts;
}
