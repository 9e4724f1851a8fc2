/** Whether the daemon is alive (asks nobody), and whether it takes work (asks each part that it needs). */
import { paths, type Readiness } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import pTimeout from 'p-timeout';
import type { AppDeps } from './deps.js';
import type { Identify } from './middleware/access.js';
import { RETRY_AFTER } from './problems.js';

/** A part that does not answer in this time is not well. */
const PATIENCE_MS = 3_000;

export function healthRoutes(
  router: Router,
  { checks, version, identify }: Pick<AppDeps, 'checks' | 'version'> & { identify: Identify },
  closing: () => boolean,
): void {
  router.get(paths.alive, (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { status: 'ok', version };
  });

  router.get(paths.ready, async (ctx) => {
    const known = mayKnow(identify, ctx);
    const { ready, checks: all } = await readiness(checks, closing());
    const body: Readiness = { ready, version, checks: (await known) ? all : withoutDetails(all) };
    ctx.set('Cache-Control', 'no-store');
    if (!ready) ctx.set('Retry-After', RETRY_AFTER);
    ctx.status = ready ? 200 : 503;
    ctx.body = body;
  });
}

/** Asks each part that the daemon needs how it is. With details, which not everybody may see. */
export async function readiness(
  checks: AppDeps['checks'],
  closing: boolean,
): Promise<Pick<Readiness, 'ready' | 'checks'>> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await outcome(check)] as const),
  );
  const all: Readiness['checks'] = Object.fromEntries(results);
  if (closing) all.daemon = { ok: false, message: 'the daemon is stopping' };
  return { ready: Object.values(all).every(({ ok }) => ok), checks: all };
}

/**
 * Whether the caller may see details: who has a token that gets in, or needs none. While PostgreSQL cannot say so, only
 * tokens that are not in the database do.
 */
async function mayKnow(identify: Identify, ctx: Context): Promise<boolean> {
  const { ok } = await outcome(async () => {
    if (!(await identify(ctx))) throw new Error('no caller');
    return '';
  });
  return ok;
}

/** Details have versions, paths and addresses in them; whether a part is well is enough for a health check. */
function withoutDetails(checks: Readiness['checks']): Readiness['checks'] {
  const told = Object.entries(checks).map(
    ([name, { ok }]) =>
      [
        name,
        { ok, message: ok ? 'ok' : 'not ready; its log says why, and /readyz does to a token' },
      ] as const,
  );
  return Object.fromEntries(told);
}

async function outcome(check: AppDeps['checks'][string]): Promise<Readiness['checks'][string]> {
  const patience = { milliseconds: PATIENCE_MS, message: `no answer in ${PATIENCE_MS} ms` };
  try {
    const found = await pTimeout(check(), patience);
    return { ok: true, ...(typeof found === 'string' ? { message: found } : found) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
