/** Jobs as rows of a table: for `csvjobs list` and its live board. */
import type { JobSummary } from '@csvjobs/shared';
import { shortIds } from '../jobId.js';
import { jobPaint, jobSign } from '../ui/status.js';
import { fileAndTable } from './fileAndTable.js';
import type { Paint } from './paint.js';
import type { Cell, Column } from './table.js';
import { age, count, percent } from './text.js';

export const JOB_COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'STATUS' },
  { title: 'DONE', align: 'right', drop: 3 },
  { title: 'ROWS', align: 'right', drop: 4 },
  { title: 'GOOD', align: 'right', drop: 2 },
  { title: 'BAD', align: 'right', drop: 1 },
  { title: 'AGE', align: 'right', drop: 5 },
  { title: 'FILE', flexible: { min: 12 } },
];

/**
 * @param all the jobs among which a short id must be the only one
 * @param short whether ids are shortened; in a pipe they are whole, so that nothing can become ambiguous later
 */
export function jobRows(
  jobs: readonly JobSummary[],
  all: readonly Pick<JobSummary, 'id'>[],
  paint: Paint,
  short: boolean,
): Cell[][] {
  const now = Date.now();
  const shown = short ? shortIds(all) : (id: string) => id;
  return jobs.map((job) => {
    const painted = jobPaint(job, paint);
    return [
      { text: shown(job.id), paint: paint.bold },
      { text: `${jobSign(job)} ${job.status}`, paint: painted },
      { text: job.status === 'completed' ? '100 %' : percent(job.processedRows, job.totalRows) },
      { text: count(job.totalRows) },
      { text: count(job.successCount) },
      { text: count(job.failedCount), ...(job.failedCount > 0 && { paint: paint.yellow }) },
      { text: age(Math.max(0, now - Date.parse(job.createdAt))), paint: paint.dim },
      { text: fileAndTable(job.filename, job.table) },
    ];
  });
}
