/**
 * errors.csv: every rejected record with its values as they were in the file. UTF-8, comma, LF line ends. A record
 * that could not be cut into fields has no values to put into columns: its cells are empty, and `error` says where
 * it is in the file and what is wrong with it.
 *
 * A download that broke off is gone on with by `?after=` the last row number that arrived whole. Byte ranges are not
 * offered: the report is made as it is sent, and rows are what it is indexed by.
 */
import { pipeline as compose, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { CUSTOMER_COLUMNS, isFinal, type Job, paths, REPORT_COLUMNS, type Rejection } from '@csvjobs/shared';
import { stringify } from 'csv-stringify/sync';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { rejectionsOf } from '../sql/jobErrors.js';
import { findJob } from '../sql/jobs.js';
import type { AppDeps } from './deps.js';
import { reportName } from './filename.js';
import { isFresh } from './fresh.js';
import { jobIdOf, noSuchJob } from './jobId.js';
import { refuse } from './problems.js';

interface Wanted {
  /** Cells that a spreadsheet would take for formulas are made text. */
  safe: boolean;
  /** Rows behind this one; then without the header. 0 for all. */
  after: number;
}

export function reportRoutes(router: Router, { pool }: Pick<AppDeps, 'pool'>): void {
  router.get(paths.report(':id'), async (ctx) => {
    const id = jobIdOf(ctx);
    const wanted = wantedOf(ctx);
    const job = await findJob(pool, id);
    if (!job) throw noSuchJob(id);
    ctx.status = 200;
    ctx.set('Content-Type', 'text/csv; charset=utf-8; header=present');
    // RFC 6266, with filename* (RFC 8187) for a name beyond ISO 8859-1.
    ctx.attachment(reportName(job.filename));
    ctx.vary('Accept-Encoding');
    if (isFresh(ctx, isFinal(job.status) && versionOf(job, wanted))) return;
    const zipped = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
    if (zipped) ctx.set('Content-Encoding', 'gzip');
    if (ctx.method === 'HEAD') {
      ctx.body = Readable.from([]);
      return;
    }
    const pages = rejectionsOf(pool, id, wanted.after);
    // The first page is read before the answer begins, so that a database that is away is still a 503.
    const first = await pages.next();
    const text = Readable.from(lines(first, pages, wanted), { objectMode: false });
    // Koa destroys the stream that it is given when the client goes away; the one before has to be told.
    ctx.body = zipped ? compose(text, createGzip(), () => {}) : text;
  });
}

/** @throws {Failure} `bad_request` for a value that neither stands for anything */
function wantedOf({ query }: Context): Wanted {
  const { safe, after } = query;
  if (safe !== undefined && safe !== 'spreadsheet') {
    throw refuse('bad_request', 'safe can only be: spreadsheet');
  }
  if (after !== undefined && !(typeof after === 'string' && /^\d{1,15}$/.test(after))) {
    throw refuse('bad_request', 'after must be the number of a row: the last one that has arrived');
  }
  return { safe: safe !== undefined, after: Number(after ?? 0) };
}

/** The report of a job that has ended is the same until the job is retried. */
function versionOf({ id, attempt, failedCount, completedAt }: Job, { safe, after }: Wanted): unknown[] {
  return [id, attempt, failedCount, completedAt, safe, after];
}

async function* lines(
  first: IteratorResult<Rejection[], void>,
  rest: AsyncGenerator<Rejection[]>,
  { safe, after }: Wanted,
): AsyncGenerator<Buffer> {
  const page = (rejections: Rejection[]) =>
    csv(rejections.map((each) => (safe ? cells(each).map(guarded) : cells(each))));
  if (after === 0) yield csv([[...REPORT_COLUMNS]]);
  if (first.done) return;
  yield page(first.value);
  for await (const next of rest) yield page(next);
}

function cells({ rowNumber, row, message }: Rejection): string[] {
  return [String(rowNumber), ...CUSTOMER_COLUMNS.map((column) => row[column] ?? ''), message];
}

/**
 * A cell that a spreadsheet shows instead of running (OWASP, CSV injection): an apostrophe before what may begin a
 * formula, in ASCII or full width.
 */
function guarded(cell: string): string {
  return /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(cell) ? `'${cell}` : cell;
}

/** A lone CR in a value is quoted too: readers that take CR for a line end would else cut the record there. */
function csv(records: string[][]): Buffer {
  return Buffer.from(stringify(records, { record_delimiter: '\n', quoted_match: /\r/ }));
}
