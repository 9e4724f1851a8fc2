/**
 * POST /api/jobs/upload. The order makes it safe: receive the file beside its place → inspect it → move it to
 * its place, durably → insert the job → put it on the queue → answer. A failure before the job's row leaves
 * neither file nor row; after the row nothing can fail any more, because recovery finds a job that is not on
 * the queue.
 */
import { randomUUID } from 'node:crypto';
import { paths, type Uploaded } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { failpoint } from '../../failpoint.js';
import { fileTooLarge } from '../../intake/gate.js';
import { HEAD_BYTES, TAIL_BYTES } from '../../intake/offeredFile.js';
import { specFrom } from '../../intake/specPart.js';
import type { Origin } from '../../sources/sources.js';
import type { Received } from '../../storage/received.js';
import type { AppDeps } from '../deps.js';
import { cleanFilename } from '../filename.js';
import { admitPlanned } from './admitPlanned.js';
import { type Asked, idempotencyKeyOf, readAsked } from './asked.js';
import { fixesOf } from './fixesOf.js';
import { tableNamed } from './intoTable.js';
import { makeJob } from './makeJob.js';
import { readUpload, type UploadedFile } from './multipart.js';
import { planUpload } from './planned.js';
import { refuseHold, refuseWhenFull } from './refuseWhenFull.js';
import { sourceIn, specBody } from './sourcePart.js';
import type { UploadsUnderWay } from './underWay.js';

/** Maximum size that the form around a file adds to a body. */
const FORM_BYTES = 1024 * 1024;

export function uploadRoutes(router: Router, deps: AppDeps, underWay: UploadsUnderWay): void {
  const { pool, storage, sources, options } = deps;

  router.post(paths.upload, async (ctx) => {
    const idempotencyKey = idempotencyKeyOf(ctx);
    const asked = readAsked(ctx.query);
    const named = sourceIn(ctx);
    if (Number(ctx.get('Content-Length')) > options.maxUploadBytes + FORM_BYTES)
      throw fileTooLarge(options.maxUploadBytes);
    await underWay.take(ctx, () => takeIn(ctx, asked, named, idempotencyKey));
  });

  async function takeIn(
    ctx: Context,
    { asked, into, once, fixes }: Asked,
    named: string | undefined,
    idempotencyKey: string | null,
  ): Promise<void> {
    await refuseWhenFull(deps);
    const parent = fixes === undefined ? undefined : await fixesOf(ctx, pool, fixes);
    // Before the file is sent, if the table is known by then; again after the spec has arrived.
    const table = into ?? parent?.table;
    if (table !== undefined) await tableNamed(deps, ctx.state.caller, table);
    const started = performance.now();
    if (/100-continue/i.test(ctx.get('Expect'))) ctx.res.writeContinue();

    const id = randomUUID();
    let spec: ReturnType<typeof specFrom>;
    const takeSpec = (bytes: Uint8Array) => {
      spec = specFrom(bytes);
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
    const { target, overrides, mode } = await discardUnless(received, async () => {
      const planned = await planUpload(deps, ctx.state.caller, { asked, into, spec, parent });
      await refuseHold(deps, planned.mode);
      await admitPlanned(deps, ctx.state.caller, received, planned);
      return planned;
    });
    await received.commit();
    await failpoint('after-rename');

    const { sizeBytes, sha256 } = received;
    const job = {
      ...{ id, filename: cleanFilename(filename), sizeBytes, sha256, overrides, idempotencyKey },
      into: target,
      mode,
      parent: parent?.parent,
      origin,
    };
    const tookMs = () => performance.now() - started;
    const body: Uploaded = await makeJob(deps, ctx, job, { once, tookMs });
    ctx.status = body.earlier?.jobId === body.jobId ? 200 : 202;
    ctx.set('Location', paths.job(body.jobId));
    ctx.body = body;
  }

  // Otherwise GET /api/jobs/upload would be taken for a job called "upload".
  router.all(paths.upload, (ctx) => {
    ctx.set('Allow', 'POST');
    ctx.status = ctx.method === 'OPTIONS' ? 200 : 405;
  });
}

/** A file as it was uploaded, or as it is at the named source. */
type Offered = UploadedFile & { origin?: Origin };

async function discardUnless<T>(received: Received, succeeds: () => Promise<T>): Promise<T> {
  try {
    return await succeeds();
  } catch (error) {
    await received.discard();
    throw error;
  }
}
