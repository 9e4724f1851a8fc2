/**
 * Between Koa and @tus/server, which implements tus 1.0. It gets the head of a request; the store handles the
 * body (tusStore.ts). Its answers are passed on, and its refusals become problems (RFC 9457) as everywhere
 * else.
 */
import type { ProblemCode } from '@csvjobs/shared';
import { Server, type ServerOptions, TUS_RESUMABLE, TUS_VERSION } from '@tus/server';
import type { Context } from 'koa';
import type { Failure } from '../../../failure.js';
import { refuse } from '../../problems.js';
import type { TusCall } from './call.js';
import { holdLease } from './lease.js';
import { ownUpload } from './ownUpload.js';
import { TusStore } from './tusStore.js';

/** The headers that come from tus: all others (CORS, lengths) are this daemon's own. */
const HEADERS = /^(tus-.*|upload-.*|location|cache-control|csvjobs-.*)$/;

/**
 * Sets the headers that every answer has, and refuses other versions of the protocol. GET is not part of tus, and
 * the server has to ignore the version of OPTIONS.
 * @throws {Failure} `tus_version_unsupported`
 */
export function sayTus(ctx: Context): void {
  ctx.set('Tus-Resumable', TUS_RESUMABLE);
  ctx.set('Cache-Control', 'no-store');
  if (ctx.method === 'OPTIONS' || ctx.method === 'GET' || ctx.get('Tus-Resumable') === TUS_RESUMABLE) return;
  ctx.set('Tus-Version', TUS_VERSION.join(','));
  throw refuse('tus_version_unsupported', `send the header Tus-Resumable: ${TUS_RESUMABLE}`);
}

/**
 * Lets @tus/server answer a request.
 * @param hooks of ServerOptions, for this request
 * @throws {Failure} its refusals, and what the store throws
 */
export async function answerTus(
  call: TusCall,
  hooks: Pick<ServerOptions, 'path' | 'maxSize'> & Partial<ServerOptions>,
  idempotencyKey: string | null,
): Promise<void> {
  const { ctx } = call;
  let thrown: unknown;
  const server = new Server({
    ...hooks,
    datastore: new TusStore(call, idempotencyKey),
    relativeLocation: true,
    locker: { newLock: () => lockOf(call) },
    onResponseError: (_, error) => {
      thrown = error;
      return undefined;
    },
  });
  const request = new Request(new URL(ctx.path, 'http://localhost'), {
    method: ctx.method,
    headers: headersOf(ctx),
  });
  const answer = await server.handleWeb(request);
  if (thrown instanceof Error) throw thrown;
  for (const [name, value] of answer.headers) if (HEADERS.test(name)) ctx.set(name, value);
  if (answer.status >= 400) throw refusalOf(answer.status, await answer.text());
  ctx.status = answer.status;
  if (answer.status === 204) return;
  ctx.body = '';
  ctx.remove('Content-Type');
}

/** A request without a body, so without its length and encoding; the store checks those of the real one. */
function headersOf({ req: { headers } }: Context): Headers {
  const own = new Headers();
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) own.set(name, Array.isArray(value) ? value.join(', ') : value);
  return own;
}

/** HEAD takes no lock; a new upload takes its own (TusStore.create). */
function lockOf(call: TusCall) {
  return {
    lock: async () => {
      const { ctx, deps, row, stop } = call;
      if ((ctx.method !== 'PATCH' && ctx.method !== 'DELETE') || !row || row.taken) return;
      call.lease = await holdLease(deps, row.id, stop);
      try {
        // As the previous holder of the lease has left it.
        call.row = await ownUpload(ctx, deps.pool, row.id, ctx.method === 'DELETE');
        call.taken = call.row.taken ?? undefined;
      } catch (error) {
        await call.lease.release();
        throw error;
      }
    },
    unlock: async () => {
      await call.lease?.release();
      call.lease = undefined;
    },
  };
}

/** By the status of the refusals of @tus/server. */
const CODES: Record<number, ProblemCode> = {
  404: 'upload_not_found',
  409: 'upload_offset_conflict',
  410: 'upload_not_found',
};

const ADVICE: Partial<Record<ProblemCode, string>> = {
  upload_offset_conflict: 'Upload-Offset is not the current end of the upload; HEAD returns that',
};

function refusalOf(status: number, text: string): Failure {
  const code = CODES[status] ?? (status < 500 || status === 501 ? 'bad_request' : 'internal');
  return refuse(code, ADVICE[code] ?? text.trim());
}
