/**
 * The report of a job, errors.csv, .json and .ndjson: what all three have in common (reportForms.ts has the
 * rest). A report of any length is read and sent one page at a time, at the reader's pace: each reader costs
 * the memory of one page, and the number of readers is limited (MAX_REPORTS). If a report cannot be sent in
 * full, because the job was deleted meanwhile, say, the connection is reset.
 *
 * An interrupted download continues with `?after=` and the last row number that arrived in full. Byte ranges
 * are not offered: the report is built while it is sent, so its length is unknown, and it is indexed by rows.
 */
import { Readable } from 'node:stream';
import {
  CUSTOMER_COLUMNS,
  CUSTOMERS,
  isCustomerColumn,
  isFinal,
  type Job,
  ORIGINAL,
  paths,
  REPORT_FORMATS,
  type ReportFormat,
  tableOfJob,
} from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { asFailure } from '../../failure.js';
import { originalFile } from '../../pipeline/fixes/originalText.js';
import { originalsOf, rejectedColumns, rejectionsOf } from '../../sql/jobErrors.js';
import { findJob } from '../../sql/jobs.js';
import type { Pool } from '../../sql/pool.js';
import type { AppDeps } from '../deps.js';
import type { BeginDownload } from '../downloads.js';
import { reportName } from '../filename.js';
import { isFresh } from '../fresh.js';
import { jobIdOf, noSuchJob } from '../jobId.js';
import { refuse } from '../problems.js';
import { createTurns } from '../turns.js';
import { fileOf } from './fileOf.js';
import { FORMS, originalForm, originalType, textOf, type Wanted } from './reportForms.js';
import { send } from './send.js';

/**
 * Number of pages read at the same time, so that reports leave connections to PostgreSQL (10) for other
 * requests.
 */
const PAGES_AT_A_TIME = 3;

export function reportRoutes(
  router: Router,
  { pool, log }: Pick<AppDeps, 'pool' | 'log'>,
  begin: BeginDownload,
): void {
  const inTurn = createTurns(PAGES_AT_A_TIME);
  for (const format of [...REPORT_FORMATS, ORIGINAL] as const) {
    router.get(paths.report(':id', format), async (ctx) => {
      const id = await jobIdOf(ctx, pool);
      const { requestId } = ctx.state;
      const wanted = wantedOf(ctx, format);
      const job = await findJob(pool, id);
      if (!job) throw noSuchJob(id);
      ctx.status = 200;
      const text = format === ORIGINAL ? await original(job, wanted) : usual(job, wanted, format);
      ctx.set('Content-Type', (format === ORIGINAL ? originalType : FORMS[format].type)(wanted));
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
      const leave = begin(ctx.state.callerKey);
      try {
        const whole = await send(ctx, await text(), zipped);
        if (!whole) log.info({ requestId, jobId: id }, 'a response was cut off');
      } catch (error) {
        if (!ctx.res.headersSent || asFailure(error).code !== 'job_deleted') throw error;
        log.info({ requestId, path: ctx.path, code: 'report_cut' }, 'aborted a report: its job was deleted');
      } finally {
        leave();
      }
    });
  }

  /**
   * Returns a function that gives the text of a report; it rejects before the first byte if there is no
   * report.
   */
  function usual(job: Job, wanted: Asked, format: ReportFormat): () => Promise<AsyncIterable<Buffer>> {
    return async () => {
      // In JSON, each value carries its column.
      const columns = format === 'csv' ? await columnsOf(pool, job) : [];
      const pages = await begun(inTurns(rejectionsOf(pool, job.id, wanted.after), inTurn), job.id);
      return textOf(FORMS[format], pages, { ...wanted, columns });
    };
  }

  /** @throws {Failure} `originals_not_kept`, `nothing_to_fix` */
  async function original(job: Job, wanted: Asked): Promise<() => Promise<AsyncIterable<Buffer>>> {
    const { source, header } = await fileOf(pool, job);
    const form = originalForm(originalFile(source, header, wanted.safe));
    return async () => {
      const pages = await begun(inTurns(originalsOf(pool, job.id, wanted.after), inTurn), job.id);
      return textOf(form, pages, { ...wanted, columns: [] });
    };
  }
}

type Asked = Pick<Wanted, 'safe' | 'after'>;

/** For customers: the columns of the reference, then the owner's own columns that the file fills. */
async function columnsOf(pool: Pool, job: Job): Promise<readonly string[]> {
  const rejected = await rejectedColumns(pool, job.id);
  if (tableOfJob(job) !== CUSTOMERS && rejected) return rejected;
  return [...CUSTOMER_COLUMNS, ...(rejected ?? []).filter((name) => !isCustomerColumn(name))];
}

/** @throws {Failure} `bad_request` for an invalid value */
function wantedOf({ query }: Context, format: ReportFormat | typeof ORIGINAL): Asked {
  const { safe, after } = query;
  if (safe !== undefined && (safe !== 'spreadsheet' || (format !== 'csv' && format !== ORIGINAL))) {
    throw refuse('bad_request', 'safe can only be: spreadsheet, and only for errors.csv and errors.original');
  }
  if (after !== undefined && !(typeof after === 'string' && /^\d{1,15}$/.test(after))) {
    throw refuse('bad_request', 'after must be a row number: that of the last row received');
  }
  return { safe: safe !== undefined, after: Number(after ?? 0) };
}

/** The report of a finished job stays the same until the job is retried. */
function versionOf(
  { id, attempt, failedCount, completedAt }: Job,
  format: string,
  { safe, after }: Asked,
): unknown[] {
  return [id, attempt, failedCount, completedAt, format, safe, after];
}

/** Takes turns with all other readers for each item. */
async function* inTurns<T>(
  items: AsyncGenerator<T, void>,
  inTurn: ReturnType<typeof createTurns>,
): AsyncGenerator<T, void> {
  while (true) {
    const next = await inTurn(() => items.next());
    if (next.done) return;
    yield next.value;
  }
}

/** Reads the first item before the answer starts, so that an unavailable database still gives a 503. */
async function begun<T>(items: AsyncGenerator<T, void>, id: string): Promise<AsyncIterable<T>> {
  const first = await items.next().catch((error) => {
    throw asFailure(error).code === 'job_deleted' ? noSuchJob(id) : error;
  });
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* items;
  })();
}
