/** The description of the API in OpenAPI 3.1, built from the schemas that its answers are built with. */
import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import {
  PROBLEM_MEDIA_TYPE,
  PROBLEMS,
  type ProblemCode,
  paths,
  problem,
  problemSchema,
  VERSION_HEADER,
} from '@csvjobs/shared';
import type { Answer, Call } from './call.js';
import { GROUPS } from './calls.js';
import { EXAMPLES, JOB_ID, WEBHOOK } from './examples.js';
import { SENT, SENT_HEADERS } from './webhookCalls.js';

const Problem = problemSchema.meta({
  id: 'Problem',
  description: 'RFC 9457; docs/errors.md lists the codes.',
  examples: [problem('job_not_found', `there is no job ${JOB_ID}`, { instance: paths.job(JOB_ID) })],
});

/** In a fetched description, the daemon that sent it comes first. */
const SERVERS = [
  { url: '/', description: 'the daemon that sends this description' },
  {
    url: 'http://{host}:{port}',
    description: 'a daemon by its address (API_HOST, API_PORT)',
    variables: { host: { default: '127.0.0.1' }, port: { default: '4000' } },
  },
];

/** Problems that any call may answer with. */
const ALWAYS: readonly ProblemCode[] = [
  'bad_request',
  'request_timeout',
  'headers_too_large',
  'host_not_allowed',
  'internal',
  'unavailable',
];
/** Methods that change nothing: pages of any origin may send them. */
const READS: readonly Call['method'][] = ['get', 'head', 'options'];
/** Problems of all calls that need a token. */
const GUARDED: readonly ProblemCode[] = ['unauthorised', 'forbidden', 'too_many_requests'];

/** The whole description, for a version of the daemon. */
export function describeApi(version: string): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API token (csvjobs token create). Not required if anonymous use is allowed.',
  });
  for (const { tag, calls } of GROUPS)
    for (const call of calls) registry.registerPath({ ...routeOf(call), tags: [tag] });
  registry.registerWebhook(sentWebhook());
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'csvjobs',
      version,
      description: `Loads CSV files into PostgreSQL. Every response has the headers X-Request-Id and ${VERSION_HEADER}; every error is ${PROBLEM_MEDIA_TYPE}.`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: SERVERS,
    tags: GROUPS.map(({ tag, description }) => ({ name: tag, description })),
  });
}

/** What the daemon sends of its own accord: the reverse direction, so it has no path and no token. */
function sentWebhook(): RouteConfig {
  return {
    operationId: 'jobEnded',
    method: 'post',
    path: 'jobEnded',
    summary: 'A job has ended, or is held',
    description: 'Signed according to Standard Webhooks 1.0 (docs/webhooks.md).',
    tags: ['webhooks'],
    security: [],
    request: {
      headers: SENT_HEADERS,
      body: { required: true, content: { 'application/json': { schema: SENT, example: WEBHOOK } } },
    },
    responses: {
      '2XX': { description: 'Received. After any other answer, or none within 15 s, it is sent again.' },
      410: { description: 'The endpoint wants no more webhooks.' },
    },
  };
}

function routeOf({
  operationId,
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
  if (!READS.includes(method)) codes.push('origin_not_allowed');
  const refusals = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const { status } = PROBLEMS[code];
    refusals.set(status, [...(refusals.get(status) ?? []), code]);
  }
  const responses: RouteConfig['responses'] = {};
  const examples = EXAMPLES[operationId];
  for (const [status, answer] of Object.entries(answers)) {
    const content = answer.content && withExample(answer.content, examples?.answers?.[Number(status)]);
    responses[status] = { ...answer, ...(content && { content }) } as RouteConfig['responses'][string];
  }
  for (const [status, same] of [...refusals].sort(([one], [other]) => one - other)) {
    // 503 of /readyz has a body of its own.
    if (String(status) in responses) continue;
    responses[status] = {
      description: same.map((code) => `${code}: ${PROBLEMS[code].title}`).join('; '),
      content: { [PROBLEM_MEDIA_TYPE]: { schema: Problem } },
    };
  }
  const body = request?.body && {
    ...request.body,
    content: withExample(request.body.content as Content, examples?.request),
  };
  return {
    operationId,
    method,
    path: path.replace(/:(\w+)/, '{$1}'),
    summary,
    description:
      scope === 'none'
        ? 'Needs no token.'
        : `Needs a token of scope ${scope}${allTables ? ' that is for all tables' : ''}.`,
    security: scope === 'none' ? [] : [{ token: [scope] }],
    ...(request && { request: { ...request, ...(body && { body }) } }),
    responses,
  };
}

type Content = NonNullable<Answer['content']>;

/** A text example belongs to a media type that is not JSON. */
function withExample(content: Content, example: unknown): Content {
  if (example === undefined) return content;
  const fits = (type: string) => (type === 'application/json') === (typeof example !== 'string');
  return Object.fromEntries(
    Object.entries(content).map(([type, media]) => [type, fits(type) ? { ...media, example } : media]),
  );
}
