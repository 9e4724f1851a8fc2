import { createHash } from 'node:crypto';
import type { Context } from 'koa';

/**
 * Gives an answer that will not change its ETag, and makes it a 304 if the client has it already (RFC 9110,
 * 13.1.2). `version` is everything that the answer depends on, or false if it may still change: then it has
 * no ETag. The ETag is weak, because the same answer may be sent compressed or not.
 */
export function isFresh(ctx: Context, version: unknown): boolean {
  ctx.set('Cache-Control', 'private, no-cache');
  if (version === false) return false;
  const digest = createHash('sha256').update(JSON.stringify(version)).digest('base64url').slice(0, 22);
  ctx.set('ETag', `W/"${digest}"`);
  // Koa's own `fresh` does not fit: it reads no-cache in a request, which is meant for caches in between, as
  // a demand for the whole answer.
  const had = ctx.get('If-None-Match');
  if (had !== '*' && !had.includes(`"${digest}"`)) return false;
  ctx.status = 304;
  return true;
}
