/**
 * The report of a job, errors.csv, .json and .ndjson: what all three have in common (reportForms.ts has the rest).
 * However long, it is read and sent a page at a time, at the pace of whoever reads it.
 *
 * A download that broke off is gone on with by `?after=` the last row number that arrived whole. Byte ranges are not
 * offered: the report is made as it is sent, so its length is not known, and rows are what it is indexed by.
 */
import { pipeline as compose, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { isFinal, type Job, paths, REPORT_FORMATS, type ReportFormat } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { rejectionsOf } from '../../sql/jobErrors.js';
import { findJob } from '../../sql/jobs.js';
import type { AppDeps } from '../deps.js';
import { reportName } from '../filename.js';
import { isFresh } from '../fresh.js';
import { jobIdOf, noSuchJob } from '../jobId.js';
import { refuse } from '../problems.js';
import { FORMS, textOf, type Wanted } from './reportForms.js';

export function reportRoutes(router: Router, { pool }: Pick<AppDeps, 'pool'>): void {
  for (const format of REPORT_FORMATS) {
    router.get(paths.report(':id', format), async (ctx) => {
      const id = jobIdOf(ctx);
      const wanted = wantedOf(ctx, format);
      const job = await findJob(pool, id);
      if (!job) throw noSuchJob(id);
      ctx.status = 200;
      ctx.set('Content-Type', FORMS[format].type(wanted));
      // RFC 6266, with filename* (RFC 8187) for a name beyond ISO 8859-1.
      ctx.attachment(reportName(job.filename, format));
      ctx.set('Accept-Ranges', 'none');
      ctx.vary('Accept-Encoding');
      if (isFresh(ctx, isFinal(job.status) && versionOf(job, format, wanted))) return;
      const zipped = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
      if (zipped) ctx.set('Content-Encoding', 'gzip');
      if (ctx.method === 'HEAD') {
        ctx.body = Readable.from([]);
        return;
      }
      const pages = await begun(rejectionsOf(pool, id, wanted.after));
      const text = Readable.from(textOf(FORMS[format], pages, wanted), { objectMode: false });
      // Koa destroys the stream that it is given when the client goes away; the one before has to be told.
      ctx.body = zipped ? compose(text, createGzip(), () => {}) : text;
    });
  }
}

/** @throws {Failure} `bad_request` for a value that stands for nothing */
function wantedOf({ query }: Context, format: ReportFormat): Wanted {
  const { safe, after } = query;
  if (safe !== undefined && (safe !== 'spreadsheet' || format !== 'csv')) {
    throw refuse('bad_request', 'safe can only be: spreadsheet, and only for errors.csv');
  }
  if (after !== undefined && !(typeof after === 'string' && /^\d{1,15}$/.test(after))) {
    throw refuse('bad_request', 'after must be the number of a row: the last one that has arrived');
  }
  return { safe: safe !== undefined, after: Number(after ?? 0) };
}

/** The report of a job that has ended is the same until the job is retried. */
function versionOf(
  { id, attempt, failedCount, completedAt }: Job,
  format: ReportFormat,
  { safe, after }: Wanted,
): unknown[] {
  return [id, attempt, failedCount, completedAt, format, safe, after];
}

/** Reads the first item before the answer begins, so that a database that is away is still a 503. */
async function begun<T>(items: AsyncGenerator<T, void>): Promise<AsyncIterable<T>> {
  const first = await items.next();
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* items;
  })();
}
