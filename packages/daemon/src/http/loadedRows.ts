/** GET /api/jobs/{id}/rows.csv and .ndjson: the rows that a job has loaded, as they are now. */
import { Readable } from 'node:stream';
import { CUSTOMERS, LOADED_ROWS_HEADER, paths, ROW_FORMATS, type RowFormat } from '@csvjobs/shared';
import type Router from 'koa-router';
import { findJob } from '../sql/jobs.js';
import { findKept, nothingLoaded } from '../sql/undo/keptJob.js';
import { type LoadedRows, loadedCount, loadedRows } from '../sql/undo/loadedRows.js';
import { findUndoTarget } from '../sql/undo/target.js';
import type { AppDeps } from './deps.js';
import type { BeginDownload } from './downloads.js';
import { rowsName } from './filename.js';
import { jobIdOf, noSuchJob } from './jobId.js';
import { refuse } from './problems.js';
import { send } from './reports/send.js';
import { createTurns } from './turns.js';

/** Number of parts read at the same time. */
const PARTS_AT_A_TIME = 2;

const TYPES: Record<RowFormat, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

export function loadedRowsRoutes(
  router: Router,
  { pool, log }: Pick<AppDeps, 'pool' | 'log'>,
  begin: BeginDownload,
): void {
  const inTurn = createTurns(PARTS_AT_A_TIME);
  for (const format of ROW_FORMATS) {
    router.get(paths.rows(':id', format), async (ctx) => {
      const id = await jobIdOf(ctx, pool);
      const { marked: asked = 'false' } = ctx.query;
      if (asked !== 'true' && asked !== 'false') throw refuse('bad_request', 'marked must be true or false');
      const marked = asked === 'true';
      const job = await findJob(pool, id);
      const kept = await findKept(pool, id);
      if (!job || !kept) throw noSuchJob(id);
      if (kept.counted === 0) throw await nothingLoaded(pool, id);
      const target = await findUndoTarget(pool, kept, wayOut(kept));
      ctx.status = 200;
      ctx.set('Content-Type', TYPES[format]);
      ctx.attachment(rowsName(job.filename, format));
      ctx.set(LOADED_ROWS_HEADER, String(await loadedCount(pool, target)));
      ctx.vary('Accept-Encoding');
      const zipped = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
      if (zipped) ctx.set('Content-Encoding', 'gzip');
      if (ctx.method === 'HEAD') {
        ctx.body = Readable.from([]);
        return;
      }
      const leave = begin(ctx.state.callerKey);
      try {
        const rows = await loadedRows(pool, target, format === 'csv' ? 'values' : 'json', marked);
        const whole = await send(ctx, textOf(rows, format, inTurn), zipped);
        if (!whole) log.info({ requestId: ctx.state.requestId, jobId: id }, 'a response was cut off');
      } finally {
        leave();
      }
    });
  }
}

const wayOut = ({ id, targetTable }: { id: string; targetTable: string }) =>
  targetTable === CUSTOMERS
    ? `this statement finds them: select * from customers where job_id = '${id}'`
    : 'it can no longer be determined which rows are its own';

async function* textOf(
  { columns, parts }: LoadedRows,
  format: RowFormat,
  inTurn: ReturnType<typeof createTurns>,
): AsyncGenerator<Buffer> {
  if (format === 'csv') yield Buffer.from(csvLine(columns));
  while (true) {
    const part = await inTurn(() => parts.next());
    if (part.done) return;
    const lines = part.value.map((row) => (format === 'csv' ? csvLine(row) : `${row[0]}\n`));
    yield Buffer.from(lines.join(''));
  }
}

/** RFC 4180, with LF. As in COPY's output, an empty text has quotes and a null has none. */
function csvLine(values: readonly (string | null)[]): string {
  const cells = values.map((value) => {
    if (value === null) return '';
    return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  });
  return `${cells.join(',')}\n`;
}
