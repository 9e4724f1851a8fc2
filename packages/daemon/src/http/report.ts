/**
 * errors.csv: every rejected record with its values as they were in the file. UTF-8, comma, LF line ends. A record
 * that could not be cut into fields has no values to put into columns: its cells are empty, and `error` says where
 * it is in the file and what is wrong with it.
 */
import { Readable } from 'node:stream';
import { CUSTOMER_COLUMNS, paths, REPORT_COLUMNS, type Rejection } from '@csvjobs/shared';
import { stringify } from 'csv-stringify/sync';
import type Router from 'koa-router';
import { rejectionsOf } from '../sql/jobErrors.js';
import { findJob } from '../sql/jobs.js';
import type { AppDeps } from './deps.js';
import { reportName } from './filename.js';
import { jobIdOf, noSuchJob } from './jobId.js';

export function reportRoutes(router: Router, { pool }: Pick<AppDeps, 'pool'>): void {
  router.get(paths.report(':id'), async (ctx) => {
    const id = jobIdOf(ctx);
    const job = await findJob(pool, id);
    if (!job) throw noSuchJob(id);
    ctx.set('Content-Type', 'text/csv; charset=utf-8; header=present');
    // RFC 6266, with filename* (RFC 8187) for a name beyond ISO 8859-1.
    ctx.attachment(reportName(job.filename));
    ctx.set('Cache-Control', 'no-cache');
    if (ctx.method === 'HEAD') {
      ctx.body = Readable.from([]);
      return;
    }
    const pages = rejectionsOf(pool, id);
    // The first page is read before the answer begins, so that a database that is away is still a 503.
    const first = await pages.next();
    ctx.body = Readable.from(lines(first, pages), { objectMode: false });
  });
}

async function* lines(
  first: IteratorResult<Rejection[], void>,
  rest: AsyncGenerator<Rejection[]>,
): AsyncGenerator<Buffer> {
  yield csv([[...REPORT_COLUMNS]]);
  if (first.done) return;
  yield csv(first.value.map(cells));
  for await (const page of rest) yield csv(page.map(cells));
}

function cells({ rowNumber, row, message }: Rejection): string[] {
  return [String(rowNumber), ...CUSTOMER_COLUMNS.map((column) => row[column] ?? ''), message];
}

/** A lone CR in a value is quoted too: readers that take CR for a line end would else cut the record there. */
function csv(records: string[][]): Buffer {
  return Buffer.from(stringify(records, { record_delimiter: '\n', quoted_match: /\r/ }));
}
