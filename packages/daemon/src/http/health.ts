/**
 * Whether the daemon is alive (asks no other part), and whether it is ready (asks each part that it needs).
 */
import { paths, type Readiness } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import pTimeout from 'p-timeout';
import type { AppDeps } from './deps.js';
import type { Identify } from './middleware/access.js';
import { RETRY_AFTER } from './problems.js';

/** A part that does not answer within this time is unhealthy. */
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

/** Checks each part that the daemon needs. The result has details, which not every caller may see. */
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
 * Whether the caller may see details: only with a valid token, or if none is needed. While PostgreSQL is
 * unavailable, only tokens that are not stored in the database are accepted.
 */
async function mayKnow(identify: Identify, ctx: Context): Promise<boolean> {
  const { ok } = await outcome(async () => {
    if (!(await identify(ctx))) throw new Error('no caller');
    return '';
  });
  return ok;
}

/**
 * Details contain versions, paths and addresses; a health check only needs to know whether a part is well.
 */
function withoutDetails(checks: Readiness['checks']): Readiness['checks'] {
  const readable = Object.entries(checks).map(
    ([name, { ok }]) =>
      [
        name,
        {
          ok,
          message: ok ? 'ok' : 'not ready; the reason is in the daemon’s log, and in /readyz with a token',
        },
      ] as const,
  );
  return Object.fromEntries(readable);
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
