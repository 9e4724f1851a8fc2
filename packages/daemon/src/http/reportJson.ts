/**
 * errors.json and errors.ndjson: every rejected record with all that is known of it (rejectionSchema in shared: its
 * line, column and code too), as one array, or as a document a line.
 */
import { Readable } from 'node:stream';
import { paths, type Rejection } from '@csvjobs/shared';
import type Router from 'koa-router';
import { rejectionsOf } from '../sql/jobErrors.js';
import { findJob } from '../sql/jobs.js';
import type { AppDeps } from './deps.js';
import { reportName } from './filename.js';
import { jobIdOf, noSuchJob } from './jobId.js';

const TYPES = { json: 'application/json', ndjson: 'application/x-ndjson; charset=utf-8' };

export function reportJsonRoutes(router: Router, { pool }: Pick<AppDeps, 'pool'>): void {
  for (const format of ['json', 'ndjson'] as const) {
    router.get(paths.report(':id', format), async (ctx) => {
      const id = jobIdOf(ctx);
      const job = await findJob(pool, id);
      if (!job) throw noSuchJob(id);
      ctx.set('Content-Type', TYPES[format]);
      ctx.attachment(reportName(job.filename).replace(/\.csv$/, `.${format}`));
      ctx.set('Cache-Control', 'no-cache');
      if (ctx.method === 'HEAD') {
        ctx.body = Readable.from([]);
        return;
      }
      const pages = rejectionsOf(pool, id);
      // The first page is read before the answer begins, so that a database that is away is still a 503.
      const first = await pages.next();
      ctx.body = Readable.from(format === 'json' ? array(first, pages) : lines(first, pages), {
        objectMode: false,
      });
    });
  }
}

type Pages = AsyncGenerator<Rejection[]>;

async function* lines(first: IteratorResult<Rejection[], void>, rest: Pages): AsyncGenerator<string> {
  if (first.done) return;
  yield linesOf(first.value);
  for await (const page of rest) yield linesOf(page);
}

function linesOf(page: readonly Rejection[]): string {
  return page.map((rejection) => `${JSON.stringify(rejection)}\n`).join('');
}

async function* array(first: IteratorResult<Rejection[], void>, rest: Pages): AsyncGenerator<string> {
  yield '[';
  if (!first.done) {
    yield `\n${elements(first.value)}`;
    for await (const page of rest) yield `,\n${elements(page)}`;
  }
  yield '\n]\n';
}

function elements(page: readonly Rejection[]): string {
  return page.map((rejection) => JSON.stringify(rejection)).join(',\n');
}
