/** Who may call what: the description of the API is the rule. */
import type { TokenScope } from '@csvjobs/shared';
import type Router from 'koa-router';
import { CALLS } from './calls.js';

const RULES = CALLS.map(({ method, path, scope }) => ({
  method: method.toUpperCase(),
  path,
  scope,
  // A name goes before a parameter: /api/jobs/stream is no job.
  order: path.split(':').length,
  matches: new RegExp(`^${path.replaceAll('.', '\\.').replace(':id', '[^/]+')}$`),
})).sort((one, other) => one.order - other.order);

/**
 * What a token must be good for to call an address, or `none` where no token is needed. What is no address, or does
 * not take the method, tells so to whoever may look.
 */
export function neededScope(method: string, path: string): TokenScope | 'none' {
  const asked = method === 'HEAD' ? 'GET' : method;
  const here = RULES.filter(({ matches }) => matches.test(path));
  const nearest = here.filter(({ order }) => order === here[0]?.order);
  if (nearest.some(({ scope }) => scope === 'none')) return 'none';
  return nearest.find((rule) => rule.method === asked)?.scope ?? 'read';
}

/** Methods of a route that takes every one, to refuse most: not described one by one. */
const EVERY_METHOD = 10;

/** @throws where the router has a route that is not described, and so has no rule who may call it */
export function mustBeDescribed(router: Router): void {
  for (const { path, methods } of router.stack) {
    if (methods.length > EVERY_METHOD) continue;
    for (const method of methods.filter((each) => each !== 'HEAD')) {
      if (!RULES.some((rule) => rule.method === method && rule.path === path))
        throw new Error(`${method} ${String(path)} is not described: nobody knows who may call it`);
    }
  }
}
