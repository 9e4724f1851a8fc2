/** The job_errors table, read as a stream, so that a report of any length needs the memory of one page only. */
import {
  adviceOf,
  headingOf,
  type Rejection,
  shownReason,
  type TargetReason,
  UNREADABLE_CODES,
  wasOrWere,
  withNoun,
  withoutLine,
} from '@csvjobs/shared';
import { Failure } from '../failure.js';
import { SIGNATURE, TRAILER } from '../pipeline/batch/binaryCopy.js';
import { copyIn, type Payload, piecesOf } from './copy.js';
import type { Client, Db } from './pool.js';

interface ErrorRow extends NumberedRow {
  line: number;
  column_name: string | null;
  code: Rejection['code'];
  message: string;
  row: Rejection['row'];
  reasons: TargetReason[] | null;
}

/** A rejected record as it is in the file. */
export interface OriginalRow {
  line: number;
  code: string;
  message: string;
  original: Buffer;
}

interface NumberedRow {
  row_number: number;
}

/** Rows of a page: 1,000 rejects of a typical file are about 300 KiB. */
const PAGE_ROWS = 1_000;
/** Bytes of a page, plus its last row. A row may be 1 MiB (MAX_RECORD_BYTES); 1,000 of these took 2 GB of memory. */
const PAGE_BYTES = 512 * 1024;
/** Rows of the first page, until the size of the rows is known. */
const FIRST_ROWS = 200;

/**
 * Size of a row's values, in bytes. PostgreSQL knows it without reading the values, unless they are compressed. It
 * must read those, because a value of 1 MiB may be stored in 12 KiB.
 */
const VALUE_BYTES = `case when pg_column_compression(row) is null then pg_column_size(row) else octet_length(row::text) end`;

/** The columns to read of each reject, and the expression for their size in bytes. */
interface Content {
  columns: string;
  bytes: string;
}

const REJECTIONS: Content = {
  columns: 'line, column_name, code, message, row, reasons',
  bytes: `${VALUE_BYTES} + coalesce(octet_length(reasons::text), 0) + octet_length(message) + 100`,
};
const ORIGINALS: Content = {
  columns: 'line, code, message, original',
  bytes: 'coalesce(octet_length(original), 0) + octet_length(message) + 100',
};

/** The rows of a page and the count that the whole report must have, from one database snapshot. */
const page = ({ columns, bytes }: Content) => `
  select failed_count, candidates, row_number, ${columns} from (select failed_count from jobs where id = $1 and deleted_at is null) job
  left join lateral (
    select * from (
      select candidates.*, count(*) over () as candidates,
        sum(bytes) over (order by row_number rows unbounded preceding) - bytes as bytes_before
      from (
        select row_number, ${columns}, ${bytes} as bytes
        from job_errors where job_id = $1 and row_number > $2 order by row_number limit $3
      ) candidates
    ) sized where bytes_before < $4
  ) page on true order by row_number`;

type PageRow<Row extends NumberedRow> = { failed_count: number; candidates: number } & (
  | Row
  | { row_number: null }
);

/**
 * Yields the rejects of a job in file order, page by page along the primary key, so that no transaction or cursor
 * stays open while a slow client reads. `after` is the row number to continue after (0 for all).
 *
 * A report that ends without an error is complete. Rows are only appended, unless the job is deleted; the page's own
 * snapshot shows whether that happened. At the end the rows are also counted.
 * @throws {Failure} `job_deleted` if the job does not exist (any more); `report_incomplete` if rows are missing
 */
export async function* rejectionsOf(db: Db, jobId: string, after = 0): AsyncGenerator<Rejection[], void> {
  for await (const rows of pagesOf<ErrorRow>(db, jobId, after, REJECTIONS)) yield rows.map(toRejection);
}

/** Yields the same rejects as they are in the file. @throws like `rejectionsOf` */
export async function* originalsOf(db: Db, jobId: string, after = 0): AsyncGenerator<OriginalRow[], void> {
  type Row = NumberedRow & Omit<OriginalRow, 'original'> & { original: Buffer | null };
  for await (const rows of pagesOf<Row>(db, jobId, after, ORIGINALS))
    yield rows.map(({ original, ...row }) => {
      if (original !== null) return { ...row, message: withoutLine(row.message), original };
      // Written by a daemon of an older version that worked on the same job.
      throw new Failure('report_incomplete', `row ${row.row_number} of job ${jobId} was not kept as it was`);
    });
}

async function* pagesOf<Row extends NumberedRow>(
  db: Db,
  jobId: string,
  after: number,
  content: Content,
): AsyncGenerator<Row[], void> {
  const statement = page(content);
  let last = after;
  let sent = 0;
  let limit = FIRST_ROWS;
  while (true) {
    const { rows } = await db.query<PageRow<Row>>(statement, [jobId, last, limit, PAGE_BYTES]);
    const [first] = rows;
    if (!first) throw new Failure('job_deleted', `job ${jobId} was deleted while its report was read`);
    const found = rows.filter(isRow<Row>);
    sent += found.length;
    if (found.length > 0) yield found;
    last = found.at(-1)?.row_number ?? last;
    const cut = found.length < (first.candidates ?? 0);
    if (!cut && found.length < limit) return checkCount(db, jobId, { after, last, sent }, first.failed_count);
    // Compressed rows beyond the cut were read for their size only: the next page asks for fewer rows, or for more
    // again.
    limit = Math.min(PAGE_ROWS, 2 * found.length);
  }
}

/** @throws {Failure} `report_incomplete` if the report does not have all the rows that the job has counted */
async function checkCount(
  db: Db,
  jobId: string,
  read: { after: number; last: number; sent: number },
  counted: number,
): Promise<void> {
  let skipped = 0;
  if (read.after > 0) {
    const { rows } = await db.query<{ n: number }>(
      'select count(*) as n from job_errors where job_id = $1 and row_number <= $2',
      [jobId, read.after],
    );
    skipped = rows[0]!.n;
  }
  if (skipped + read.sent === counted) return;
  const found = `${withNoun(skipped + read.sent, 'row')} up to row ${read.last}`;
  throw new Failure(
    'report_incomplete',
    `the report of job ${jobId} has ${found}, but ${counted} ${wasOrWere(counted)} rejected`,
  );
}

/** As many as a job itself shows. */
const ADVISED_ROWS = 100;
/** Longer reasons quote a cell of many kilobytes; they are not worth reading for one sentence of advice. */
const ADVISED_BYTES = 8_192;

/** Returns advice for the reasons of the first rejects, by the heading that jobs count them under (`headingOf`). */
export async function adviceFor(db: Db, jobId: string): Promise<Map<string, string>> {
  const { rows } = await db.query<{ reasons: TargetReason[] }>(
    `select reasons from (select reasons from job_errors where job_id = $1 order by row_number limit $2) first
     where octet_length(reasons::text) <= $3`,
    [jobId, ADVISED_ROWS, ADVISED_BYTES],
  );
  const found = new Map<string, string>();
  for (const reason of rows.flatMap(({ reasons }) => reasons)) {
    const heading = headingOf(reason);
    if (!found.has(heading)) found.set(heading, adviceOf(reason));
  }
  return found;
}

function isRow<Row extends NumberedRow>(row: PageRow<Row>): row is PageRow<Row> & Row {
  return row.row_number !== null;
}

function toRejection(row: ErrorRow): Rejection {
  return {
    rowNumber: row.row_number,
    line: row.line,
    column: row.column_name,
    code: row.code,
    message: withoutLine(row.message),
    row: row.row,
    ...(row.reasons !== null && { reasons: row.reasons.map(shownReason) }),
  };
}

/** Removes the only reject of a job from its report and returns it, if there is one. */
export async function takeRejection(db: Db, jobId: string): Promise<Rejection | undefined> {
  const { rows } = await db.query<ErrorRow>(
    'delete from job_errors where job_id = $1 returning row_number, line, column_name, code, message, row, reasons',
    [jobId],
  );
  return rows[0] && toRejection(rows[0]);
}

/**
 * Returns the columns of a job's table that its file fills, in table order: those that its rejected rows have.
 * Undefined for `customers`; empty while no record was rejected for its values.
 */
export async function rejectedColumns(db: Db, jobId: string): Promise<string[] | undefined> {
  const { rows } = await db.query<{ columns: string[] }>(
    `with names as (
       select name, place from jobs, jsonb_array_elements(target -> 'columns') with ordinality c (description, place),
         lateral (select description ->> 'name' as name) named
       where id = $1 and target is not null)
     select array(select name from names where rejected.row ? name order by place) as columns
     from jobs left join lateral (
       -- Of some records that cannot be read the values are known too.
       select coalesce(
         (select row from job_errors where job_id = $1 and code <> all($2) order by row_number limit 1),
         (select row from job_errors where job_id = $1 and row ?| array(select name from names where name <> 'raw')
          order by row_number limit 1)) as row
     ) rejected on true
     where id = $1 and target is not null`,
    [jobId, UNREADABLE_CODES],
  );
  return rows[0]?.columns;
}

/** The columns of rows of rejects, as ReportRows writes them. */
const REPORT_COLUMNS = 'job_id, row_number, line, column_name, code, message, row, reasons, original';

/**
 * Inserts rejects, inside a transaction. Returns how many rows were inserted.
 * @param rows in the format of a binary COPY, without what surrounds them
 */
export async function loadRejections(client: Client, rows: Payload): Promise<number> {
  return await copyIn(client, `copy job_errors (${REPORT_COLUMNS}) from stdin (format binary)`, signed(rows));
}

async function* signed(rows: Payload): AsyncGenerator<Uint8Array, void> {
  yield SIGNATURE;
  yield* rows instanceof Uint8Array ? piecesOf(rows) : rows;
  yield TRAILER;
}
