/** The door: a bearer token (RFC 6750) on everything but the health checks, and a bound on how much each caller asks. */
import { mayDo } from '@csvjobs/shared';
import type { Context, Middleware } from 'koa';
import type { AppDeps } from '../deps.js';
import { neededScope } from '../description/scopes.js';
import { refuse } from '../problems.js';
import { requestLimit } from './rateLimit.js';

export function requireToken({
  access,
  sharedRate,
  options,
}: Pick<AppDeps, 'access' | 'sharedRate' | 'options'>): Middleware {
  const limit = requestLimit(options.rateLimit ?? 0, sharedRate);
  return async (ctx, next) => {
    const needed = neededScope(ctx.method, ctx.path);
    if (needed === 'none') return next();
    const token = bearerOf(ctx);
    const caller = await access(token);
    // Whoever has no token, or a wrong one, is counted by address: guessing is slow work.
    await limit(
      caller && caller.name !== 'anonymous' ? caller.name : `address:${ctx.req.socket.remoteAddress}`,
    );
    if (!caller) throw refuse('unauthorised', token === undefined ? NO_TOKEN : WRONG_TOKEN);
    if (!mayDo(caller.scope, needed)) {
      throw refuse(
        'forbidden',
        `${ctx.method} ${ctx.path} needs a token of scope ${needed}; this one is for ${caller.scope}`,
      );
    }
    ctx.state.caller = caller;
    await next();
  };
}

const NO_TOKEN =
  'send a token in the header "Authorization: Bearer …"; the daemon\'s admin makes one with: csvjobs token create --name <name>';
const WRONG_TOKEN = 'the token is not known here, or was revoked; tokens are of one daemon';

function bearerOf(ctx: Context): string | undefined {
  const header = ctx.get('Authorization');
  if (header === '') return undefined;
  return /^bearer +([^\s,]+) *$/i.exec(header)?.[1] ?? '';
}
