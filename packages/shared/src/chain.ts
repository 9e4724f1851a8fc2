/** The fate of a file's records after its rejects were fixed and uploaded again, once or several times. */
import { z } from 'zod';

export const chainSchema = z.object({
  rows: z.int().nonnegative().describe('records in the file of this job'),
  loaded: z.int().nonnegative().describe('loaded by this job'),
  fixed: z.int().nonnegative().describe('loaded by the jobs listed here'),
  left: z.int().nonnegative().describe('still rejected'),
  leftOut: z.int().nonnegative().describe('rejected records that no file of fixed records contains'),
  jobs: z.array(z.uuid()).describe('the jobs with fixed records, in upload order'),
});
export type Chain = z.infer<typeof chainSchema>;

/** The part of a job that its chain is counted from. */
export interface ChainJob {
  id: string;
  totalRows: number;
  successCount: number;
  failedCount: number;
  /** Rows whose key was already in the table: nothing is left to do about them. */
  skippedCount?: number;
  /** Null for the first job of the chain. */
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
 * Records that a child rejects are left. Records that its parent rejected and no child has in its file are left out,
 * once a child has ended. If several children have the same records, no more are left than the parent rejected and none
 * of the children loaded.
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
  // A child that ended before its records were counted changed nothing.
  const children = all.filter(({ parent, totalRows }) => parent === job.id && totalRows > 0);
  if (children.length === 0) return { fixed: 0, left: job.failedCount, leftOut: 0 };
  const counts: Counts = { fixed: 0, left: 0, leftOut: 0 };
  let records = 0;
  for (const child of children) {
    const beneath = below(child, all);
    records += child.totalRows;
    counts.fixed += child.successCount + beneath.fixed;
    // Records that a child has not reached yet, or was stopped before, are still to be fixed.
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
