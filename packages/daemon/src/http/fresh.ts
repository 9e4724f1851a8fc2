import { createHash } from 'node:crypto';
import type { Context } from 'koa';

/**
 * Gives an answer that will not change its ETag, and makes it 304 where the client has it already (RFC 9110, 13.1.2).
 * `version` is all that the answer depends on, or false where it may still change: then it has no ETag. The ETag is
 * weak, because the same answer may be sent compressed or not.
 */
export function isFresh(ctx: Context, version: unknown): boolean {
  ctx.set('Cache-Control', 'private, no-cache');
  if (version === false) return false;
  const digest = createHash('sha256').update(JSON.stringify(version)).digest('base64url').slice(0, 22);
  ctx.set('ETag', `W/"${digest}"`);
  // Not koa's `fresh`, which takes a request's no-cache, meant for caches on the way, for a wish to have it again.
  const had = ctx.get('If-None-Match');
  if (had !== '*' && !had.includes(`"${digest}"`)) return false;
  ctx.status = 304;
  return true;
}
