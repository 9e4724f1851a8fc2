/** Jobs as rows of a table, for `csvjobs list` and its live board. */
import type { JobSummary } from '@csvjobs/shared';
import { shortIds } from '../jobId.js';
import { jobPaint, jobSign } from '../ui/status.js';
import { fileAndTable } from './fileAndTable.js';
import { statusText, statusWord } from './nothingLoaded.js';
import type { Paint } from './paint.js';
import type { Cell, Column } from './table.js';
import { age, count, percent } from './text.js';

/** The fields of a job in a list, by their names in --columns. */
export const JOB_FIELDS = ['id', 'status', 'done', 'rows', 'good', 'bad', 'age', 'file'] as const;
export type JobField = (typeof JOB_FIELDS)[number];

const COLUMNS: Record<JobField, Column> = {
  id: { title: 'ID' },
  status: { title: 'STATUS' },
  done: { title: 'DONE', align: 'right', drop: 3 },
  rows: { title: 'ROWS', align: 'right', drop: 4 },
  good: { title: 'GOOD', align: 'right', drop: 2 },
  bad: { title: 'BAD', align: 'right', drop: 1 },
  age: { title: 'AGE', align: 'right', drop: 5 },
  file: { title: 'FILE', flexible: { min: 12 } },
};

/**
 * The names of these fields in --json, and `jobid`, as the ID of a job is called elsewhere: --columns accepts these
 * too.
 */
const API_NAMES: Readonly<Record<string, JobField>> = {
  jobid: 'id',
  processedrows: 'done',
  totalrows: 'rows',
  successcount: 'good',
  failedcount: 'bad',
  createdat: 'age',
  filename: 'file',
};

/**
 * Returns the field that a name means, by its column's title or its name in --json, in any case; undefined if there is
 * none.
 */
export function jobFieldNamed(name: string): JobField | undefined {
  const plain = name.trim().toLowerCase();
  return JOB_FIELDS.find((known) => known === plain) ?? API_NAMES[plain];
}

/** Returns all columns, or the requested ones in their order. */
export function jobColumns(fields: readonly JobField[] = JOB_FIELDS): Column[] {
  return fields.map((field) => COLUMNS[field]);
}

export interface JobCells {
  /** The jobs among which a short ID must be unique. */
  all: readonly Pick<JobSummary, 'id'>[];
  fields?: readonly JobField[] | undefined;
  /**
   * On a terminal, IDs are shortened and a sign precedes the status. In a pipe IDs are complete, so that nothing can
   * become ambiguous later, and only the last field may contain a space: `awk '{print $2}'` is the status.
   */
  terminal: boolean;
}

export function jobRows(
  jobs: readonly JobSummary[],
  paint: Paint,
  { all, fields = JOB_FIELDS, terminal }: JobCells,
): Cell[][] {
  const now = Date.now();
  const shown = terminal ? shortIds(all) : (id: string) => id;
  const cells: Record<JobField, (job: JobSummary) => Cell> = {
    id: ({ id }) => ({ text: shown(id), paint: paint.bold }),
    status: (job) => ({
      text: terminal ? `${jobSign(job)} ${statusText(job)}` : statusWord(job),
      paint: jobPaint(job, paint),
    }),
    done: ({ status, processedRows, totalRows, reading }) => {
      // A pipe shows only rows, because its status is still `pending`.
      const read = terminal && status === 'pending' ? reading : undefined;
      const part =
        status === 'completed'
          ? '100%'
          : read
            ? percent(read.readBytes, read.totalBytes)
            : percent(processedRows, totalRows);
      return { text: terminal ? part : part.replace(' ', '') };
    },
    rows: ({ totalRows }) => ({ text: count(totalRows) }),
    good: ({ successCount }) => ({ text: count(successCount) }),
    bad: ({ failedCount }) => ({
      text: count(failedCount),
      ...(failedCount > 0 && { paint: paint.yellow }),
    }),
    age: ({ createdAt }) => ({ text: age(Math.max(0, now - Date.parse(createdAt))), paint: paint.dim }),
    file: ({ filename, table }) => ({ text: fileAndTable(filename, table) }),
  };
  return jobs.map((job) => fields.map((field) => cells[field](job)));
}

/** A job as in `list --json --columns`: the requested fields, under their names in the API. */
export function pickFields(job: JobSummary, fields: readonly JobField[]): Record<string, unknown> {
  const values: Record<JobField, Record<string, unknown>> = {
    id: { id: job.id },
    status: { status: job.status },
    done: { processedRows: job.processedRows },
    rows: { totalRows: job.totalRows },
    good: { successCount: job.successCount },
    bad: { failedCount: job.failedCount },
    age: { createdAt: job.createdAt },
    file: { filename: job.filename, ...(job.table !== undefined && { table: job.table }) },
  };
  return Object.assign({}, ...fields.map((field) => values[field]));
}
