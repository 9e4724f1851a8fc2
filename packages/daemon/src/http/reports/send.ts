/**
 * Sends a body while it is being built: no faster than the client reads, and cut off if it cannot be
 * completed.
 */
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Context } from 'koa';

/**
 * Sends chunks, one at a time: asks for the next one when the socket has taken the one before. Returns
 * whether the client took all of them, rather than disconnecting before the end.
 *
 * If the chunks fail, the connection is reset. Closing it would be enough for chunked answers, which then
 * lack their last chunk (RFC 9112, section 8); but to an HTTP/1.0 client, such as a proxy, a closed
 * connection is the regular end.
 * @throws the error of the chunks
 */
export async function send(ctx: Context, chunks: AsyncIterable<Buffer>, zipped: boolean): Promise<boolean> {
  ctx.respond = false;
  let failed: { error: unknown } | undefined;
  const cutting = async function* () {
    try {
      yield* chunks;
    } catch (error) {
      failed = { error };
      ctx.req.socket.resetAndDestroy();
      throw error;
    }
  };
  try {
    if (zipped) await pipeline(cutting, createGzip(), ctx.res);
    else await pipeline(cutting, ctx.res);
    return true;
  } catch {
    if (failed) throw failed.error;
    return false;
  }
}
