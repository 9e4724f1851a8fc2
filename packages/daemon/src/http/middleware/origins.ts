/**
 * Keeps web pages away from a daemon that their visitor can reach. A page may send requests here without
 * permission (cross-site), and may make its own host name resolve to this host (DNS rebinding). So the daemon
 * answers only to its own names, and refuses writes from other origins.
 */
import { isIP } from 'node:net';
import { UPLOADED_JOB_HEADER, VERSION_HEADER } from '@csvjobs/shared';
import type { Middleware } from 'koa';
import { refuse } from '../problems.js';
import { REQUEST_ID } from './identify.js';

/** The headers that a tus client reads. */
const TUS_HEADERS = `Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, Upload-Offset, Upload-Length, Upload-Metadata, Upload-Expires, ${UPLOADED_JOB_HEADER}`;

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Answers to the allowed names only, `*` for any, and always to localhost and IP addresses: an address in the
 * Host header cannot come from DNS rebinding.
 */
export function allowHosts(allowed: readonly string[]): Middleware {
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  return async (ctx, next) => {
    const name = hostName(ctx.get('Host'));
    const known = name === '' || isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost');
    if (!known && !names.has(name) && !names.has('*')) {
      throw refuse(
        'host_not_allowed',
        `this daemon does not accept the host name ${JSON.stringify(name)}; to allow it, add it to ALLOWED_HOSTS`,
      );
    }
    await next();
  };
}

/** Refuses requests from pages of another origin that would change something. Programs send no Origin. */
export function refuseForeignWrites(corsOrigin: string | undefined): Middleware {
  return async (ctx, next) => {
    const origin = ctx.get('Origin');
    const own =
      origin === '' || origin === `http://${ctx.get('Host')}` || origin === `https://${ctx.get('Host')}`;
    if (!own && !READS.has(ctx.method) && corsOrigin !== '*' && corsOrigin !== origin) {
      throw refuse(
        'origin_not_allowed',
        `pages of ${JSON.stringify(origin)} may not change anything here; to allow it, set CORS_ORIGIN to that origin`,
      );
    }
    await next();
  };
}

/** CORS (Fetch standard) for one origin or `*`; a browser's preflight is answered here. */
export function allowOrigin(origin: string): Middleware {
  return async (ctx, next) => {
    ctx.set('Access-Control-Allow-Origin', origin);
    if (origin !== '*') ctx.vary('Origin');
    if (ctx.method !== 'OPTIONS' || !ctx.get('Access-Control-Request-Method')) {
      ctx.set(
        'Access-Control-Expose-Headers',
        `Location, Link, ETag, Retry-After, Content-Disposition, ${TUS_HEADERS}, ${REQUEST_ID}, ${VERSION_HEADER}`,
      );
      return next();
    }
    ctx.set('Access-Control-Allow-Methods', 'GET, HEAD, POST, PATCH, DELETE');
    ctx.set('Access-Control-Allow-Headers', ctx.get('Access-Control-Request-Headers') || '*');
    ctx.set('Access-Control-Max-Age', '600');
    ctx.status = 204;
  };
}

/** The name or address in a Host header, without port and brackets. */
function hostName(host: string): string {
  const name = /^\[([^\]]*)\]/.exec(host)?.[1] ?? host.replace(/:\d*$/, '');
  return name.toLowerCase().replace(/\.$/, '');
}
