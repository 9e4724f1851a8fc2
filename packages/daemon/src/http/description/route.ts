import { paths } from '@csvjobs/shared';
import type Router from 'koa-router';

/** Serves the description of the API. It is built when first asked for: that takes a third of the CPU time of a start. */
export function descriptionRoute(router: Router, version: string): void {
  let described: Promise<object> | undefined;
  router.get(paths.description, async (ctx) => {
    described ??= import('./openapi.js').then(({ describeApi }) => describeApi(version));
    ctx.body = await described;
  });
}
