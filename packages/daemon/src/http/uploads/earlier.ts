/** GET /api/jobs/earlier: whether a file is in its table already, before it is sent. */
import { type earlierSchema, paths } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import type { z } from 'zod';
import { findEarlier } from '../../sql/earlierJob.js';
import type { AppDeps } from '../deps.js';
import { refuse } from '../problems.js';
import { intoOf } from './asked.js';
import { tableNamed } from './intoTable.js';

export function earlierRoutes(router: Router, deps: Pick<AppDeps, 'pool' | 'tables'>): void {
  router.get(paths.earlier, async (ctx) => {
    const sha256 = sha256Of(ctx);
    const table = await tableNamed(deps, ctx.state.caller, intoOf(ctx.query));
    const body: z.infer<typeof earlierSchema> = {
      earlier: await findEarlier(deps.pool, { sha256, table }),
    };
    ctx.body = body;
  });
}

function sha256Of({ query: { sha256 } }: Context): string {
  if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256)) return sha256.toLowerCase();
  throw refuse('bad_request', 'sha256 must be the SHA-256 of the file, once, as 64 hexadecimal digits');
}
