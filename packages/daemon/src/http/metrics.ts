/** GET /metrics, and the measuring of every answer. */
import { paths } from '@csvjobs/shared';
import type { Middleware } from 'koa';
import type Router from 'koa-router';
import type { AppDeps } from './deps.js';

/** Answers whose duration depends on the client. */
const LASTING = new Set<string>([paths.upload, paths.stream(':id'), paths.allStreams]);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']);

export function metricsRoutes(router: Router, { metrics }: Pick<AppDeps, 'metrics'>): void {
  router.get(paths.metrics, async (ctx) => {
    const { contentType, text } = await metrics.exposition();
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Content-Type', contentType);
    ctx.body = text;
  });
}

/** Counts each answer by the pattern of its address: the addresses themselves are unlimited in number. */
export function measure({ metrics }: Pick<AppDeps, 'metrics'>): Middleware {
  return async (ctx, next) => {
    const started = performance.now();
    ctx.res.once('close', () => {
      const method = METHODS.has(ctx.method) ? ctx.method : 'other';
      const route = typeof ctx._matchedRoute === 'string' ? ctx._matchedRoute : 'none';
      const lasting = LASTING.has(route);
      const seconds = lasting ? undefined : (performance.now() - started) / 1_000;
      metrics.answered({ method, route, status: ctx.res.statusCode }, seconds);
    });
    await next();
  };
}
