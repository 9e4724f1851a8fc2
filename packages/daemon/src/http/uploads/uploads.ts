/**
 * POST /api/jobs/upload. The order is what makes it safe: receive the file beside its place → look at it → give it
 * its place, durably → put the job in → put it on the queue → answer. A failure up to the job's row leaves neither
 * file nor row; after the row nothing can fail any more, for recovery finds a job that is not on the queue.
 */
import { randomUUID } from 'node:crypto';
import { paths, type Uploaded } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { failpoint } from '../../failpoint.js';
import { fileTooLarge } from '../../intake/gate.js';
import { modeFor } from '../../intake/mode.js';
import { HEAD_BYTES, TAIL_BYTES } from '../../intake/offeredFile.js';
import { overridesFor } from '../../intake/overrides.js';
import { specFrom } from '../../intake/specPart.js';
import type { Origin } from '../../sources/sources.js';
import { type NewJob, tableOf } from '../../sql/jobs.js';
import type { Received } from '../../storage/received.js';
import type { AppDeps } from '../deps.js';
import { enqueueSoon } from '../enqueue.js';
import { cleanFilename } from '../filename.js';
import { seesJob } from '../jobId.js';
import { createPlaces } from '../places.js';
import { refuse, refuseUntil } from '../problems.js';
import { acceptJob } from './acceptJob.js';
import { fixesOf, specOfFixes } from './fixesOf.js';
import { intoTable } from './intoTable.js';
import { mustHaveRights } from './modeRights.js';
import { readUpload, type UploadedFile } from './multipart.js';
import { refuseWhenFull } from './refuseWhenFull.js';
import { sourceIn, specBody } from './sourcePart.js';

/** What the form around a file may add to the length of a body. */
const FORM_BYTES = 1024 * 1024;

/** Returns what waits until no upload is under way: one that was cut off has then taken its file away again. */
export function uploadRoutes(router: Router, deps: AppDeps): () => Promise<void> {
  const { pool, storage, sources, admit, metrics, log, options } = deps;
  const { maxUploads = Number.POSITIVE_INFINITY } = options;
  const underWay = new Set<Promise<void>>();
  const places = createPlaces(maxUploads);

  router.post(paths.upload, async (ctx) => {
    const idempotencyKey = idempotencyKeyOf(ctx);
    const asked = askedOf(ctx);
    const into = intoOf(ctx);
    const once = onceOf(ctx);
    const fixes = fixesIn(ctx);
    const named = sourceIn(ctx);
    if (Number(ctx.get('Content-Length')) > options.maxUploadBytes + FORM_BYTES)
      throw fileTooLarge(options.maxUploadBytes);
    const leave = places.take(ctx.state.callerKey);
    if (!leave) {
      const detail = `this daemon takes ${maxUploads} uploads at a time (MAX_UPLOADS), and a quarter of these only from callers that have none under way; try again in a moment`;
      throw refuseUntil('too_many_uploads', detail, 2);
    }
    const taken = takeIn(ctx, { idempotencyKey, asked, into, once, fixes, named });
    underWay.add(taken);
    try {
      await taken;
    } finally {
      underWay.delete(taken);
      leave();
    }
  });

  async function takeIn(
    ctx: Context,
    { idempotencyKey, asked, once, fixes, named, ...rest }: Asked,
  ): Promise<void> {
    await refuseWhenFull(deps);
    const parent = fixes === undefined ? undefined : await fixesOf(ctx, pool, fixes);
    const into = rest.into ?? parent?.table;
    // Before the file is sent, where the table is known by then; again behind it, with the spec.
    if (into !== undefined) await intoTable(deps, ctx.state.caller, into, undefined);
    const started = performance.now();
    if (/100-continue/i.test(ctx.get('Expect'))) ctx.res.writeContinue();

    const id = randomUUID();
    let spec = parent?.spec;
    const takeSpec = (bytes: Uint8Array) => {
      spec = specFrom(bytes) ?? spec;
    };
    const reading: Promise<Offered> =
      named === undefined
        ? readUpload(
            ctx.req,
            (stream, signal) =>
              storage.receive(id, stream, {
                maxBytes: options.maxUploadBytes,
                headBytes: HEAD_BYTES,
                signal,
              }),
            takeSpec,
            options.paceMs,
          )
        : specBody(ctx).then((bytes) => {
            takeSpec(bytes);
            return sources.offered(named, HEAD_BYTES, TAIL_BYTES);
          });
    const { received, filename, origin } = await reading.catch((error) => {
      throw error?.code === 'file_too_large' ? fileTooLarge(options.maxUploadBytes) : error;
    });
    if (parent) spec = specOfFixes(spec);
    const { target, overrides, mode } = await discardUnless(received, async () => {
      const target = await intoTable(deps, ctx.state.caller, into, spec);
      // The text of fixed records is that of the report: what a spec says of the file's is the parent's.
      const overrides = parent ? { ...parent.overrides, ...overridesFor(asked) } : overridesFor(asked, spec);
      const mode = modeFor(spec, target?.target);
      if (target?.target) await mustHaveRights(pool, target.target, mode);
      await admit({ ...received, overrides }, target);
      return { target, overrides, mode };
    });
    await received.commit();
    await failpoint('after-rename');

    const { sizeBytes, sha256 } = received;
    const name = cleanFilename(filename);
    const job = {
      ...{ id, filename: name, sizeBytes, sha256, overrides, idempotencyKey },
      into: target,
      mode,
      parent: parent?.parent,
      origin,
    };
    const accepted = await acceptJob(deps, job, once, (other) => seesJob(ctx, pool, other));
    const { jobId } = accepted;
    if (jobId === id) {
      await failpoint('after-insert');
      const table = tableOf(target);
      log.info({ requestId: ctx.state.requestId, jobId, filename: name, table, sizeBytes }, 'job uploaded');
      await enqueueSoon(deps, id);
    }
    metrics.uploaded(sizeBytes, (performance.now() - started) / 1_000);
    const body: Uploaded = accepted;
    ctx.status = accepted.earlier?.jobId === jobId ? 200 : 202;
    ctx.set('Location', paths.job(jobId));
    ctx.body = body;
  }

  // Else GET /api/jobs/upload would be taken for a job called "upload".
  router.all(paths.upload, (ctx) => {
    ctx.set('Allow', 'POST');
    ctx.status = ctx.method === 'OPTIONS' ? 200 : 405;
  });

  return async () => {
    await Promise.allSettled(underWay);
  };
}

/** What an upload says besides its form. */
interface Asked extends Pick<NewJob, 'idempotencyKey'> {
  asked: { encoding: string | undefined; delimiter: string | undefined };
  into: string | undefined;
  /** Nothing where the file is in its table already. */
  once: boolean;
  /** The id of the job whose rejected records the file has. */
  fixes: string | undefined;
  /** The address of the file, where it is not sent. */
  named: string | undefined;
}

/** A file as it was sent, or as it is where it was named. */
type Offered = UploadedFile & { origin?: Origin };

async function discardUnless<T>(received: Received, succeeds: () => Promise<T>): Promise<T> {
  try {
    return await succeeds();
  } catch (error) {
    await received.discard();
    throw error;
  }
}

/** The Idempotency-Key header: what a client that repeats an upload says, to get one job and not two. */
function idempotencyKeyOf(ctx: Context): string | null {
  const key = ctx.get('Idempotency-Key');
  if (key === '') return null;
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw refuse(
      'bad_request',
      'the Idempotency-Key must be 1 to 255 printable ASCII characters, a UUID for one',
    );
  }
  return key;
}

/** `?encoding=windows-1252&delimiter=;` say what is not to be guessed. `tab` stands for the tab character. */
export function askedOf(ctx: Context): Asked['asked'] {
  const { encoding, delimiter } = ctx.query;
  if (Array.isArray(encoding) || Array.isArray(delimiter)) {
    throw refuse('bad_request', 'encoding and delimiter can each be given once');
  }
  // What cannot be a delimiter is refused before the file is sent.
  overridesFor({ delimiter });
  return { encoding, delimiter };
}

/** `?once=true`. What is neither true nor false is refused: a mistyped promise must not load a file twice. */
function onceOf({ query: { once } }: Context): boolean {
  if (once === undefined || once === 'false') return false;
  if (once === 'true') return true;
  throw refuse('bad_request', 'once must be true or false, and can be given once');
}

/** `?into=sales.orders` names the table. An empty one is a mistake of the caller, not `customers`. */
export function intoOf(ctx: Context): string | undefined {
  const { into } = ctx.query;
  if (Array.isArray(into)) throw refuse('bad_request', 'into can be given once');
  if (into === '') throw refuse('bad_request', 'into is empty; name a table, as into=sales.orders');
  return into;
}

/** `?fixes=` names the job whose rejected records are in the file. */
function fixesIn(ctx: Context): string | undefined {
  const { fixes } = ctx.query;
  if (Array.isArray(fixes)) throw refuse('bad_request', 'fixes can be given once');
  return fixes;
}
