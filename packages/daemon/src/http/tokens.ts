/** API tokens, for admins: create, list, revoke. */
import { type CreatedToken, isUuid, newTokenSchema, paths } from '@csvjobs/shared';
import type Router from 'koa-router';
import { digestOf, makeToken } from '../access/token.js';
import { anyToken, insertToken, listTokens, revokeToken } from '../sql/apiTokens.js';
import type { AppDeps } from './deps.js';
import { jsonBody } from './jsonBody.js';
import { refuse } from './problems.js';

/**
 * `changed` makes all processes check again who still has access. It is called after the answer is sent,
 * because the caller's own token may be the one that is revoked.
 */
export function tokenRoutes(
  router: Router,
  { pool, log, changed }: Pick<AppDeps, 'pool' | 'log'> & { changed: () => void },
): void {
  router.get(paths.tokens, async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = await listTokens(pool);
  });

  router.post(paths.tokens, async (ctx) => {
    const { name, scope, tables = null } = await jsonBody(ctx, newTokenSchema);
    if (
      ctx.state.caller.name === 'anonymous' &&
      (scope !== 'admin' || tables !== null) &&
      !(await anyToken(pool))
    ) {
      const why = 'from then on no one has access without a token, and no one could create another';
      const how = 'create that one first: csvjobs token create --name admin --scope admin';
      throw refuse(
        'token_conflict',
        `the first token must have the scope admin and be for all tables, because ${why}; ${how}`,
      );
    }
    const token = makeToken();
    const made = await insertToken(pool, { name, scope, tables, digest: digestOf(token) });
    if (!made)
      throw refuse(
        'token_conflict',
        `a token named ${name} already exists; revoke it, or choose another name`,
      );
    log.info({ requestId: ctx.state.requestId, token: made.id, name, scope, tables }, 'token created');
    // The first token ends anonymous use.
    ctx.res.once('close', changed);
    const body: CreatedToken = { ...made, token };
    ctx.status = 201;
    ctx.set('Location', paths.token(made.id));
    ctx.set('Cache-Control', 'no-store');
    ctx.body = body;
  });

  router.delete(paths.token(':id'), async (ctx) => {
    const id = ctx.params.id ?? '';
    const revoked = isUuid(id) ? await revokeToken(pool, id) : null;
    if (!revoked)
      throw refuse(
        'token_not_found',
        `there is no active token ${JSON.stringify(id)}; GET /api/tokens lists them`,
      );
    log.info({ requestId: ctx.state.requestId, token: revoked.id, name: revoked.name }, 'token revoked');
    ctx.res.once('close', changed);
    ctx.body = revoked;
  });
}
