/** The description of the API in OpenAPI 3.1, made from the schemas that its answers are made by. */
import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import {
  PROBLEM_MEDIA_TYPE,
  PROBLEMS,
  type ProblemCode,
  paths,
  problemSchema,
  VERSION_HEADER,
} from '@csvjobs/shared';
import type Router from 'koa-router';
import type { Call } from './call.js';
import { CALLS } from './calls.js';

/** Serves the description. */
export function descriptionRoutes(router: Router, version: string): void {
  const description = describeApi(version);
  router.get(paths.description, (ctx) => {
    ctx.body = description;
  });
}

const Problem = problemSchema.meta({
  id: 'Problem',
  description: 'RFC 9457; the codes are in docs/errors.md.',
});

/** Problems that any call may end with. */
const ALWAYS: readonly ProblemCode[] = [
  'bad_request',
  'request_timeout',
  'headers_too_large',
  'host_not_allowed',
  'internal',
  'unavailable',
];
/** Problems of whatever asks for a token. */
const GUARDED: readonly ProblemCode[] = ['unauthorised', 'forbidden', 'too_many_requests'];

/** The whole description, for a version of the daemon. */
export function describeApi(version: string): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API token (csvjobs token create). Not asked for where anonymous use is allowed.',
  });
  for (const call of CALLS) registry.registerPath(routeOf(call));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'csvjobs',
      version,
      description: `CSV files into PostgreSQL. Every answer has the headers X-Request-Id and ${VERSION_HEADER}; every failure is ${PROBLEM_MEDIA_TYPE}.`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
  });
}

function routeOf({
  method,
  path,
  summary,
  scope,
  allTables,
  request,
  answers,
  problems = [],
}: Call): RouteConfig {
  const codes = [...ALWAYS, ...(scope === 'none' ? [] : GUARDED), ...problems];
  if (method !== 'get') codes.push('origin_not_allowed');
  const refusals = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const { status } = PROBLEMS[code];
    refusals.set(status, [...(refusals.get(status) ?? []), code]);
  }
  const responses: RouteConfig['responses'] = {};
  for (const [status, answer] of Object.entries(answers))
    responses[status] = answer as RouteConfig['responses'][string];
  for (const [status, same] of [...refusals].sort(([one], [other]) => one - other)) {
    // 503 of /readyz has a body of its own.
    if (String(status) in responses) continue;
    responses[status] = {
      description: same.map((code) => `${code}: ${PROBLEMS[code].title}`).join('; '),
      content: { [PROBLEM_MEDIA_TYPE]: { schema: Problem } },
    };
  }
  return {
    method,
    path: path.replace(/:(\w+)/, '{$1}'),
    summary,
    description:
      scope === 'none'
        ? 'Needs no token.'
        : `Needs a token of scope ${scope}${allTables ? ' that is for all tables' : ''}.`,
    security: scope === 'none' ? [] : [{ token: [scope] }],
    ...(request && { request }),
    responses,
  };
}
