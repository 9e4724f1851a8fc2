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

/** From least to most privileged. */
const ORDER = ['none', ...TOKEN_SCOPES] as const;

/**
 * Returns the scope that a token needs to call an address, or `none` if no token is needed: the highest scope
 * of all calls at the address, because "stream" and "upload" could be a job's id too. For an unknown address,
 * or a method that the address does not take, returns `none` if a call at the address needs no token,
 * otherwise `read`.
 */
export function neededScope(method: string, path: string): TokenScope | 'none' {
  const asked = method === 'HEAD' ? 'GET' : method;
  const here = RULES.filter(({ matches }) => matches.test(path));
  const same = here.filter((rule) => rule.method === asked);
  if (same.length === 0) return here.some(({ scope }) => scope === 'none') ? 'none' : 'read';
  return ORDER.findLast((scope) => same.some((rule) => rule.scope === scope))!;
}

/** Whether a call is forbidden for a token that is limited to some tables. */
export function needsAllTables(method: string, path: string): boolean {
  const asked = method === 'HEAD' ? 'GET' : method;
  return RULES.some((rule) => rule.allTables && rule.method === asked && rule.matches.test(path));
}

/**
 * A route with more methods than this takes all of them, to refuse most; they are not described one by one.
 */
const EVERY_METHOD = 10;

/** @throws if the router has a route without a description, and so without a rule for who may call it */
export function assertDescribed(router: Router): void {
  for (const { path, methods } of router.stack) {
    if (methods.length > EVERY_METHOD) continue;
    for (const method of methods.filter((each) => each !== 'HEAD')) {
      if (!RULES.some((rule) => rule.method === method && rule.path === path))
        throw new Error(`${method} ${String(path)} is not described: it is undefined who may call it`);
    }
  }
}
