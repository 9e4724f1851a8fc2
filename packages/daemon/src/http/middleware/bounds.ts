/** Requests that are refused whatever their address. */
import type { Context, Middleware, Next } from 'koa';
import { refuse } from '../problems.js';

/** Limits the number of headers; the server limits their size, before there is a request. */
export function limitHeaders(most: number): Middleware {
  return async (ctx, next) => {
    const count = ctx.req.rawHeaders.length / 2;
    if (count > most) {
      throw refuse(
        'headers_too_large',
        `the request has ${count} headers; the maximum is ${most} (MAX_HEADERS)`,
      );
    }
    await next();
  };
}

/** `http://host:port/path?query`, as a client sends it to a proxy. */
const ABSOLUTE = /^https?:\/\/([^/?#]*)(\/[^?#]*)?(\?[^#]*)?$/i;

/**
 * Refuses an invalid request target (RFC 9112, section 3.2) that Koa would fail on: one with a fragment, or
 * without a leading slash. In an absolute target, the host counts instead of the Host header (section 3.2.2).
 */
export function requireTarget(): Middleware {
  return async (ctx, next) => {
    const { req } = ctx;
    const target = req.url ?? '';
    const absolute = ABSOLUTE.exec(target);
    if (absolute) {
      const [, host = '', path = '/', query = ''] = absolute;
      req.headers.host = host;
      req.url = path + query;
    } else if (!/^\/[^#]*$/.test(target) && !(target === '*' && ctx.method === 'OPTIONS')) {
      req.url = '/';
      throw refuse(
        'bad_request',
        `the request target is not a path with an optional query: ${JSON.stringify(target)}`,
      );
    }
    await next();
  };
}

/**
 * Refuses a request with several Host headers, or an invalid one (RFC 9112, section 3.2): Node takes the
 * first, but a proxy in front of the daemon may have taken the other.
 */
export function requireOneHost(): Middleware {
  return async (ctx, next) => {
    const { rawHeaders, headers } = ctx.req;
    const hosts = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]!.toLowerCase() === 'host');
    if (hosts.length > 1)
      throw refuse('bad_request', `the request has ${hosts.length} Host headers; send exactly one`);
    const { host = '' } = headers;
    if (!HOST.test(host))
      throw refuse(
        'bad_request',
        `the Host header is not a host with an optional port: ${JSON.stringify(host)}`,
      );
    await next();
  };
}

/** RFC 3986, section 3.2.2: an IP literal, or a name (a reg-name, which may be empty); and a port. */
const HOST = /^(\[[0-9a-f:.v]+\]|([\w.~!$&'()*+,;=-]|%[0-9a-f]{2})*)(:\d{0,5})?$/i;

/** While the daemon stops: refuses new work, and keeps no connection open for further requests. */
export function refuseWhile(closing: () => boolean): Middleware {
  return async (ctx: Context, next: Next) => {
    if (closing()) {
      ctx.set('Connection', 'close');
      if (ctx.method === 'POST' || ctx.method === 'PATCH')
        throw refuse('unavailable', 'the daemon is stopping; try again in a moment');
    }
    await next();
  };
}
