/** The body of an answer that is made while it is sent: no faster than it is read, and cut where it cannot be whole. */
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Context } from 'koa';

/**
 * Sends chunks, one at a time: the next one is asked for when the socket has taken the one before. Returns whether the
 * client has taken all of them, or has gone away before.
 *
 * Where the chunks end with an error, the connection is reset. To close it would do for chunked answers, whose last chunk
 * is missing then (RFC 9112, section 8); to a client of HTTP/1.0, such as a proxy, a closed connection is the end.
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
