/** The job_errors table: read as a stream, so that a report of any length costs the memory of one page. */
import { type Rejection, withoutLine } from '@csvjobs/shared';
import { copyIn } from './copy.js';
import type { Client, Db } from './pool.js';

interface ErrorRow {
  row_number: number;
  line: number;
  column_name: string | null;
  code: Rejection['code'];
  message: string;
  row: Rejection['row'];
}

/** Rows a page: 1,000 rejects of a usual file are some 300 KiB. */
const PAGE = 1_000;

/**
 * The rejects of a job in the order of the file, page by page along the primary key, so that no transaction and no
 * cursor stays open while a slow client reads. `after` is the row number to go on behind (0 for all).
 */
export async function* rejectionsOf(db: Db, jobId: string, after = 0): AsyncGenerator<Rejection[]> {
  let last = after;
  while (true) {
    const { rows } = await db.query<ErrorRow>(
      `select row_number, line, column_name, code, message, row from job_errors
       where job_id = $1 and row_number > $2 order by row_number limit ${PAGE}`,
      [jobId, last],
    );
    if (rows.length > 0) yield rows.map(toRejection);
    if (rows.length < PAGE) return;
    last = rows[rows.length - 1]!.row_number;
  }
}

function toRejection(row: ErrorRow): Rejection {
  return {
    rowNumber: row.row_number,
    line: row.line,
    column: row.column_name,
    code: row.code,
    message: withoutLine(row.message),
    row: row.row,
  };
}

/** Inside a transaction: puts rejects in; `copy` holds COPY lines in the columns of the table. Returns how many went in. */
export async function loadRejections(client: Client, copy: Uint8Array): Promise<number> {
  return await copyIn(
    client,
    'copy job_errors (job_id, row_number, line, column_name, code, message, row) from stdin',
    copy,
  );
}

/**
 * Inside a transaction: gives rejects of the job their values as they were in the file, where rows lost the white space
 * around them on their way. `copy` holds COPY lines (row_number, row), those of rows without a reject among them.
 */
export async function restoreUntrimmed(client: Client, jobId: string, copy: Uint8Array): Promise<void> {
  await client.query('create temp table untrimmed (row_number bigint, row jsonb) on commit drop');
  await copyIn(client, 'copy untrimmed from stdin', copy);
  await client.query(
    `update job_errors set row = untrimmed.row from untrimmed
     where job_errors.job_id = $1 and job_errors.row_number = untrimmed.row_number`,
    [jobId],
  );
}
