/**
 * Access control: a bearer token (RFC 6750) on everything but the health checks, and a rate limit for each
 * caller.
 */
import { mayDo, writeTablePattern } from '@csvjobs/shared';
import type { Context, Middleware } from 'koa';
import type { Caller } from '../../access/access.js';
import type { AppDeps } from '../deps.js';
import { neededScope, needsAllTables } from '../description/scopes.js';
import { refuse } from '../problems.js';
import { requestLimit } from './rateLimit.js';
import type { Standing } from './standing.js';

/**
 * Returns the caller, counted against RATE_LIMIT; null without a valid token. @throws {Failure}
 * `too_many_requests`
 */
export type Identify = (ctx: Context) => Promise<Caller | null>;

export function createIdentify({
  access,
  sharedRate,
  options,
}: Pick<AppDeps, 'access' | 'sharedRate' | 'options'>): Identify {
  const limit = requestLimit(options.rateLimit ?? 0, sharedRate);
  return async (ctx) => {
    const caller = await access(bearerOf(ctx));
    // Callers without a valid token are counted by address, which slows down guessing.
    const key =
      caller && caller.name !== 'anonymous' ? caller.name : `address:${ctx.req.socket.remoteAddress}`;
    ctx.state.callerKey = key;
    await limit(key);
    return caller;
  };
}

export function requireToken(identify: Identify, standing: Standing): Middleware {
  return async (ctx, next) => {
    const needed = neededScope(ctx.method, ctx.path);
    if (needed === 'none') return next();
    const caller = await identify(ctx);
    const token = bearerOf(ctx);
    if (!caller) throw refuse('unauthorised', token === undefined ? NO_TOKEN : WRONG_TOKEN);
    if (!mayDo(caller.scope, needed)) {
      throw refuse(
        'forbidden',
        `${ctx.method} ${ctx.path} needs a token of scope ${needed}; this one is for ${caller.scope}`,
      );
    }
    if (caller.tables !== null && needsAllTables(ctx.method, ctx.path)) {
      throw refuse(
        'forbidden',
        `${ctx.method} ${ctx.path} needs a token that is for all tables; this one is for ${caller.tables.map(writeTablePattern).join(', ')}`,
      );
    }
    ctx.state.caller = caller;
    standing.hold(ctx, token, caller);
    await next();
  };
}

const NO_TOKEN =
  'send a token in the header "Authorization: Bearer …"; the daemon\'s admin creates one with: csvjobs token create --name <name>';
const WRONG_TOKEN = 'this daemon does not know the token, or it was revoked; each daemon has its own tokens';

function bearerOf(ctx: Context): string | undefined {
  const header = ctx.get('Authorization');
  if (header === '') return undefined;
  return /^bearer +([^\s,]+) *$/i.exec(header)?.[1] ?? '';
}
