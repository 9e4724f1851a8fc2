import { randomUUID } from 'node:crypto';
import { VERSION_HEADER } from '@csvjobs/shared';
import type { Middleware } from 'koa';

/** Also appears in the log and in problem+json. */
export const REQUEST_ID = 'X-Request-Id';

/** Keeps a request id set by a proxy if it is safe in logs and headers. */
export function identify(version: string): Middleware {
  return async (ctx, next) => {
    const given = ctx.get(REQUEST_ID);
    ctx.state.requestId = /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
    ctx.set(REQUEST_ID, ctx.state.requestId);
    ctx.set(VERSION_HEADER, version);
    await next();
  };
}
