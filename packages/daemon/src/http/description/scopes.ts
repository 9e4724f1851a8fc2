/** Who may call what: the description of the API is the rule. */
import { TOKEN_SCOPES, type TokenScope } from '@csvjobs/shared';
import type Router from 'koa-router';
import { CALLS } from './calls.js';

const RULES = CALLS.map(({ method, path, scope, allTables = false }) => ({
  method: method.toUpperCase(),
  path,
  scope,
  allTables,
  matches: new RegExp(`^${path.replaceAll('.', '\\.').replace(/:\w+/, '[^/]+')}$`),
}));

/** Most last. */
const ORDER = ['none', ...TOKEN_SCOPES] as const;

/**
 * What a token must be good for to call an address, or `none` where no token is needed: the most that any call at the
 * address needs, for "stream" and "upload" could be a job's id too. What is no address, or does not take the method,
 * tells so to whoever may look.
 */
export function neededScope(method: string, path: string): TokenScope | 'none' {
  const asked = method === 'HEAD' ? 'GET' : method;
  const here = RULES.filter(({ matches }) => matches.test(path));
  const same = here.filter((rule) => rule.method === asked);
  if (same.length === 0) return here.some(({ scope }) => scope === 'none') ? 'none' : 'read';
  return ORDER.findLast((scope) => same.some((rule) => rule.scope === scope))!;
}

/** Whether a call is none for a token that is for some tables only. */
export function needsAllTables(method: string, path: string): boolean {
  const asked = method === 'HEAD' ? 'GET' : method;
  return RULES.some((rule) => rule.allTables && rule.method === asked && rule.matches.test(path));
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
