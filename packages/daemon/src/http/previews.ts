/**
 * POST /api/preview: the first records of a file as they would be stored. It passes the same checks as an
 * upload, from the right to load into the table to the gate, with the start of the file in memory; it creates
 * no job, and leaves nothing.
 */
import { createHash } from 'node:crypto';
import { CUSTOMERS, PREVIEW_BYTES, PREVIEW_ROWS, PROBLEMS, paths, type Spec } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { asFailure } from '../failure.js';
import { modeFor } from '../intake/mode.js';
import { HEAD_BYTES, TAIL_BYTES } from '../intake/offeredFile.js';
import { overridesFor } from '../intake/overrides.js';
import { specFrom } from '../intake/specPart.js';
import { type JobInto, type JobTarget, jobTarget } from '../sql/jobTarget.js';
import { readTargetSoon } from '../sql/target/catalog.js';
import type { Received } from '../storage/received.js';
import type { AppDeps } from './deps.js';
import { cleanFilename } from './filename.js';
import { createPlaces } from './places.js';
import { refuse, refuseWithRetryAfter } from './problems.js';
import { admitPlanned } from './uploads/admitPlanned.js';
import { askedOf, intoOf } from './uploads/asked.js';
import { intoTable, tableNamed } from './uploads/intoTable.js';
import { readUpload } from './uploads/multipart.js';

/** Each preview takes a connection to PostgreSQL, a thread and a few MiB. */
const AT_A_TIME = 4;

/** Returns a function that waits until no preview is under way. */
export function previewRoutes(router: Router, deps: AppDeps): () => Promise<void> {
  const { options, log } = deps;
  const places = createPlaces(AT_A_TIME);
  const underWay = new Set<Promise<void>>();

  router.post(paths.preview, async (ctx) => {
    const leave = places.take(ctx.state.callerKey);
    if (!leave) {
      const detail = `this daemon makes ${AT_A_TIME} previews at a time, and a quarter of these only for callers without one in progress; try again in a moment`;
      throw refuseWithRetryAfter('too_many_uploads', detail, 2);
    }
    const made = preview(ctx);
    underWay.add(made);
    try {
      await made;
    } finally {
      underWay.delete(made);
      leave();
    }
  });

  async function preview(ctx: Context): Promise<void> {
    const asked = askedOf(ctx.query);
    const named = intoOf(ctx.query);
    const rows = rowsOf(ctx);
    const { cut, size } = cutOf(ctx);
    const { caller } = ctx.state;
    if (named !== undefined) await tableNamed(deps, caller, named);
    if (/100-continue/i.test(ctx.get('Expect'))) ctx.res.writeContinue();
    let spec: Spec | undefined;
    let bytes: Buffer = Buffer.alloc(0);
    const { received, filename } = await readUpload(
      ctx.req,
      async (stream, signal) => {
        bytes = await inMemory(stream, signal);
        return heldIn(bytes);
      },
      (text) => {
        spec = specFrom(text);
      },
      options.paceMs,
    );
    const found = await intoTable(deps, caller, named, spec);
    const overrides = overridesFor(asked, spec);
    const mode = modeFor(spec, found?.target);
    const { head, sizeBytes } = received;
    const whole = cut ? Math.max(size ?? 0, sizeBytes + 1) : sizeBytes;
    // The last bytes of a cut file are not its end.
    const tail = cut ? new Uint8Array() : received.tail;
    const isNamed = (named ?? spec?.csvjobs?.into) !== undefined;
    await admitPlanned(
      deps,
      caller,
      { head, tail, sizeBytes: whole },
      { target: found, named: isNamed, overrides },
    );
    const into = await withTarget(found);
    const gone = new AbortController();
    const leave = () => gone.abort();
    ctx.res.once('close', leave);
    try {
      ctx.body = await deps.preview({
        ...{ filename: cleanFilename(filename), bytes, cut, overrides, into, mode, rows },
        signal: gone.signal,
      });
    } catch (error) {
      throw asProblem(error);
    } finally {
      ctx.res.off('close', leave);
    }
    log.info({ requestId: ctx.state.requestId, rows, sizeBytes }, 'file previewed');
  }

  /** Treats customers, too, like any other table: a load would store the same. */
  async function withTarget(into: JobInto): Promise<JobTarget> {
    if (into?.target) return into;
    const target = await readTargetSoon(deps.pool, { schema: deps.tables.home, name: CUSTOMERS });
    if (!target) throw refuse('table_not_found', 'the table customers was dropped at the same moment');
    return jobTarget(target, into?.spec, true);
  }

  return async () => {
    await Promise.allSettled(underWay);
  };
}

async function inMemory(stream: AsyncIterable<Buffer>, signal: AbortSignal): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    signal.throwIfAborted();
    size += part.length;
    if (size > PREVIEW_BYTES)
      throw refuse(
        'file_too_large',
        `a preview accepts the first ${PREVIEW_BYTES} bytes of a file: send these, with cut=true (as csvjobs preview does)`,
      );
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Describes the bytes as the storage describes a received file, without writing to disk. */
function heldIn(bytes: Buffer): Received {
  return {
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    head: bytes.subarray(0, HEAD_BYTES),
    tail: bytes.subarray(-TAIL_BYTES),
    commit: async () => {},
    discard: async () => {},
  };
}

/** `?rows=20`. */
function rowsOf({ query: { rows = String(PREVIEW_ROWS.default) } }: Context): number {
  const count = typeof rows === 'string' && /^\d{1,6}$/.test(rows) ? Number(rows) : 0;
  if (count >= 1 && count <= PREVIEW_ROWS.most) return count;
  throw refuse('bad_request', `rows must be a whole number from 1 to ${PREVIEW_ROWS.most}`);
}

/** `?cut=true&size=…`: the body is only the start of a file of this size, if the size is known. */
function cutOf({ query: { cut = 'false', size } }: Context): { cut: boolean; size: number | undefined } {
  if (cut !== 'true' && cut !== 'false') throw refuse('bad_request', 'cut must be true or false');
  if (size !== undefined && (typeof size !== 'string' || !/^\d{1,15}$/.test(size)))
    throw refuse('bad_request', 'size must be the number of bytes that the file has');
  return { cut: cut === 'true', size: size === undefined ? undefined : Number(size) };
}

/** Turns a failure that would end the file's job into a refusal of the file. */
function asProblem(error: unknown): unknown {
  const failure = asFailure(error);
  const { code, retryable, message } = failure;
  if (Object.hasOwn(PROBLEMS, code) || retryable || code === 'unexpected') return failure;
  return refuse(code === 'target_denied' ? 'table_no_rights' : 'file_invalid', message, failure);
}
