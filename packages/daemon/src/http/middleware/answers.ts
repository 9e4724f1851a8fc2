/**
 * Bounds the memory of answers that wait for their readers. An answer stays in memory until its client has
 * taken all of it, and a client may be slow: a list of jobs is up to 2 MiB, so 1,000 slow readers would hold
 * 2 GB.
 */
import { Stream } from 'node:stream';
import type { Middleware } from 'koa';
import { createPlaces } from '../places.js';
import { refuse } from '../problems.js';

/** Answers up to this size are not counted: the socket's buffers take them at once. */
const SMALL_BYTES = 16 * 1024;

/** @param maxBytes maximum total size of all answers to GET that are under way and larger than 16 KiB */
export function boundAnswers(maxBytes: number): Middleware {
  const places = createPlaces(maxBytes);
  return async (ctx, next) => {
    await next();
    const { body } = ctx;
    if (ctx.method !== 'GET' || ctx.respond === false || body == null || body instanceof Stream) return;
    const bytes = Buffer.isBuffer(body)
      ? body
      : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    ctx.body = bytes;
    if (bytes.length <= SMALL_BYTES) return;
    const release = places.take(ctx.state.callerKey, bytes.length);
    if (!release) {
      throw refuse(
        'unavailable',
        `${maxBytes} bytes of responses are waiting for slow clients, which is the maximum; try again in a moment`,
      );
    }
    ctx.res.once('close', release);
  };
}
