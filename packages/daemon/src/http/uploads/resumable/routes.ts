/**
 * /api/uploads: a file in as many requests as it takes (tus 1.0). Any API host can continue an upload,
 * because its row is in PostgreSQL and its bytes are in the store. With the last byte it becomes a job, like
 * a plain upload.
 */
import { randomUUID } from 'node:crypto';
import { paths, type ResumableUpload, UPLOADED_JOB_HEADER } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { fileTooLarge } from '../../../intake/gate.js';
import type { UploadRow } from '../../../sql/resumable/uploads.js';
import type { AppDeps } from '../../deps.js';
import { refuse } from '../../problems.js';
import { idempotencyKeyOf } from '../asked.js';
import { planUpload } from '../planned.js';
import { refuseHold, refuseWhenFull } from '../refuseWhenFull.js';
import type { UploadsUnderWay } from '../underWay.js';
import { offsetOf } from './arrived.js';
import type { TusCall } from './call.js';
import { CHECKSUM_ALGORITHMS, checkedRoom } from './checksum.js';
import { finish, wantedOf } from './finish.js';
import { holdLease } from './lease.js';
import { readMetadata } from './metadata.js';
import { ownUpload } from './ownUpload.js';
import { answerTus, sayTus } from './protocol.js';
import { refuseWhenMany } from './refuseWhenMany.js';

/**
 * Returns a function that ends the bodies under way: their bytes so far are durable, and clients continue
 * elsewhere or later.
 */
export function resumableRoutes(router: Router, deps: AppDeps, underWay: UploadsUnderWay): () => void {
  const { pool, storage, options } = deps;
  const { maxUploadBytes } = options;
  const room = checkedRoom();
  const bodies = new Set<AbortController>();
  const server = { path: paths.uploads, maxSize: maxUploadBytes };

  /** Runs a request that may have a body. */
  async function withBody(ctx: Context, row: UploadRow | undefined, work: (call: TusCall) => Promise<void>) {
    await underWay.take(ctx, async () => {
      const stop = new AbortController();
      bodies.add(stop);
      try {
        await work(callOf(ctx, row, stop));
      } finally {
        bodies.delete(stop);
      }
    });
  }

  const callOf = (ctx: Context, row: UploadRow | undefined, stop = new AbortController()): TusCall => ({
    ...{ deps, ctx, room, stop, row },
    lease: undefined,
    taken: row?.taken ?? undefined,
  });

  router.options(paths.uploads, async (ctx) => {
    sayTus(ctx);
    await answerTus(callOf(ctx, undefined), server, null);
    ctx.set('Tus-Checksum-Algorithm', CHECKSUM_ALGORITHMS.join(','));
  });

  router.post(paths.uploads, async (ctx) => {
    sayTus(ctx);
    const key = idempotencyKeyOf(ctx);
    const length = Number(ctx.get('Upload-Length') || Number.NaN);
    if (length > maxUploadBytes) throw fileTooLarge(maxUploadBytes);
    if (length === 0) throw refuse('file_empty', 'the file has no bytes: it needs a header and records');
    await withBody(ctx, undefined, async (call) => {
      await refuseWhenFull(deps);
      await refuseWhenMany(deps, ctx.state.caller.name);
      await answerTus(
        call,
        {
          ...server,
          namingFunction: () => randomUUID(),
          onUploadCreate: async (_, { metadata = {} }) => {
            const wanted = await wantedOf(deps, ctx, readMetadata(metadata));
            const { mode } = await planUpload(deps, ctx.state.caller, wanted);
            await refuseHold(deps, mode);
            return {};
          },
        },
        key,
      );
      sayJob(call);
    });
  });

  router.get(`${paths.uploads}/:id`, async (ctx) => {
    sayTus(ctx);
    const row = await mine(ctx);
    const call = callOf(ctx, row);
    const offset = row.taken ? row.length : await offsetOf(storage, row.id);
    // A client that asks for a complete upload has lost the answer to its last byte, or the daemon died
    // before it answered.
    if (!row.taken && offset === row.length) {
      call.lease = await holdLease(deps, row.id, call.stop);
      try {
        row.taken = await finish(deps, ctx, row);
        call.taken = row.taken;
      } finally {
        await call.lease.release();
      }
    }
    sayJob(call);
    if (ctx.method === 'HEAD') {
      await answerTus(call, server, null);
      ctx.type = 'json';
      return;
    }
    const { id, length, metadata, expiresAt, taken } = row;
    const { filename } = readMetadata(metadata);
    const body: ResumableUpload = {
      ...{ id, filename, length, offset },
      expiresAt: expiresAt.toISOString(),
      uploaded: taken,
    };
    ctx.body = body;
  });

  router.patch(`${paths.uploads}/:id`, async (ctx) => {
    sayTus(ctx);
    const row = await mine(ctx);
    await withBody(ctx, row, async (call) => {
      await answerTus(call, server, null);
      sayJob(call);
    });
  });

  router.delete(`${paths.uploads}/:id`, async (ctx) => {
    sayTus(ctx);
    const row = await mine(ctx, true);
    await answerTus(callOf(ctx, row), server, null);
  });

  const mine = (ctx: Context & { params: Record<string, string> }, refusedToo = false) =>
    ownUpload(ctx, pool, ctx.params.id ?? '', refusedToo);

  return () => {
    for (const stop of bodies)
      stop.abort(
        refuse(
          'unavailable',
          'the daemon is stopping; what arrived is kept: continue in a moment at the Upload-Offset of HEAD',
        ),
      );
  };
}

function sayJob({ ctx, taken }: TusCall): void {
  if (taken) ctx.set(UPLOADED_JOB_HEADER, taken.jobId);
}
