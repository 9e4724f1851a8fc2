/** What is refused whatever it asks for. */
import type { Context, Middleware, Next } from 'koa';
import { refuse } from '../problems.js';

/** Bounds the number of headers; their size is bounded by the server, before there is a request. */
export function limitHeaders(most: number): Middleware {
  return async (ctx, next) => {
    const count = ctx.req.rawHeaders.length / 2;
    if (count > most) {
      throw refuse(
        'headers_too_large',
        `the request has ${count} headers; at most ${most} are taken (MAX_HEADERS)`,
      );
    }
    await next();
  };
}

/** While the daemon stops: no new work, and no connection that is kept for more. */
export function refuseWhile(closing: () => boolean): Middleware {
  return async (ctx: Context, next: Next) => {
    if (closing()) {
      ctx.set('Connection', 'close');
      if (ctx.method === 'POST') throw refuse('unavailable', 'the daemon is stopping; try again in a moment');
    }
    await next();
  };
}
