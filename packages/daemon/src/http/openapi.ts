/** The description of the API in OpenAPI 3.1, made from the schemas that its answers are made by. */

import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import {
  apiTokenSchema,
  BOARD_JOBS,
  boardEventSchema,
  createdTokenSchema,
  jobSchema,
  jobSummarySchema,
  jobsQuerySchema,
  newTokenSchema,
  PROBLEM_MEDIA_TYPE,
  PROBLEMS,
  type ProblemCode,
  paths,
  problemSchema,
  progressSchema,
  readinessSchema,
  rejectionSchema,
  type TokenScope,
  UPLOAD_FIELD,
  uploadedSchema,
  VERSION_HEADER,
} from '@csvjobs/shared';
import type Router from 'koa-router';
import { z } from 'zod';

/** Serves the description. */
export function descriptionRoutes(router: Router, version: string): void {
  const description = describeApi(version);
  router.get(paths.description, (ctx) => {
    ctx.body = description;
  });
}

const Job = jobSchema.meta({ id: 'Job', description: 'An uploaded file on its way into the database.' });
const JobSummary = jobSummarySchema.meta({
  id: 'JobSummary',
  description: 'A job without its first rejected rows.',
});
const Problem = problemSchema.meta({
  id: 'Problem',
  description: 'RFC 9457; the codes are in docs/errors.md.',
});
const Token = apiTokenSchema.meta({ id: 'Token' });
const Readiness = readinessSchema.meta({ id: 'Readiness' });
const Rejected = rejectionSchema.meta({ id: 'Rejection', description: 'A rejected record, and why.' });
const BoardEvent = boardEventSchema.meta({
  id: 'BoardEvent',
  description: 'An event of the stream of all jobs.',
});
const Progress = progressSchema.meta({ id: 'Progress', description: 'The data of an event of the stream.' });

const jobParams = z.object({ id: z.uuid().describe("a job's id") });

/** Problems that any call may end with. */
const ALWAYS: readonly ProblemCode[] = [
  'bad_request',
  'headers_too_large',
  'host_not_allowed',
  'internal',
  'unavailable',
];
/** Problems of whatever asks for a token. */
const GUARDED: readonly ProblemCode[] = ['unauthorised', 'forbidden', 'too_many_requests'];

interface Call {
  method: RouteConfig['method'];
  path: string;
  summary: string;
  /** What a token must be good for; none needs no token. */
  scope: TokenScope | 'none';
  request?: RouteConfig['request'];
  answers: Record<number, Answer>;
  problems?: readonly ProblemCode[];
}

interface Answer {
  description: string;
  content?: Record<string, { schema: z.ZodType }>;
  headers?: z.ZodObject;
}

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

function routeOf({ method, path, summary, scope, request, answers, problems = [] }: Call): RouteConfig {
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
    path: path.replace(/:id/, '{id}'),
    summary,
    description: scope === 'none' ? 'Needs no token.' : `Needs a token of scope ${scope}.`,
    security: scope === 'none' ? [] : [{ token: [] }],
    ...(request && { request }),
    responses,
  };
}

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
const text = (type: string) => ({ [type]: { schema: z.string() } });
const location = z.object({ Location: z.string().describe('where it is') });
const unchanged: Answer = { description: 'It is as it was (If-None-Match).' };
const tagged = z.object({
  ETag: z.string().optional().describe('once the job has ended: send it as If-None-Match'),
});

const CALLS: readonly Call[] = [
  {
    method: 'post',
    path: paths.upload,
    summary: 'Upload a CSV file; it becomes a job',
    scope: 'write',
    request: {
      query: z.object({
        encoding: z.string().optional().describe('the encoding of the file, where it is not to be guessed'),
        delimiter: z.string().optional().describe('what is between fields: , ; | or tab'),
      }),
      headers: z.object({
        'Idempotency-Key': z.string().optional().describe('the same key and file give the same job'),
      }),
      body: {
        required: true,
        content: {
          'multipart/form-data': {
            schema: z.object({
              [UPLOAD_FIELD]: z
                .string()
                .meta({ type: 'string', contentMediaType: 'application/octet-stream' }),
            }),
          },
        },
      },
    },
    answers: {
      202: { description: 'Taken: the job is waiting.', content: json(uploadedSchema), headers: location },
    },
    problems: [
      'not_multipart',
      'file_field_missing',
      'field_name_wrong',
      'several_files',
      'upload_truncated',
      'file_empty',
      'file_not_text',
      'encoding_unknown',
      'encoding_conflict',
      'gzip_damaged',
      'file_invalid',
      'header_invalid',
      'file_too_large',
      'disk_full',
      'idempotency_conflict',
      'too_many_uploads',
      'queue_full',
    ],
  },
  {
    method: 'get',
    path: paths.jobs,
    summary: 'List jobs, newest first',
    scope: 'read',
    request: { query: jobsQuerySchema },
    answers: {
      200: {
        description: 'A page; of summaries where these are asked for.',
        content: json(z.array(Job).or(z.array(JobSummary))),
        headers: z.object({ Link: z.string().optional().describe('RFC 8288: the next page, as rel="next"') }),
      },
    },
  },
  {
    method: 'get',
    path: paths.job(':id'),
    summary: 'Look at a job',
    scope: 'read',
    request: { params: jobParams },
    answers: { 200: { description: 'The job.', content: json(Job), headers: tagged }, 304: unchanged },
    problems: ['job_not_found'],
  },
  {
    method: 'delete',
    path: paths.job(':id'),
    summary: 'Delete a job that has ended, with its report and file; its customers stay',
    scope: 'admin',
    request: { params: jobParams },
    answers: { 204: { description: 'Deleted.' } },
    problems: ['job_not_found', 'job_state_conflict'],
  },
  {
    method: 'get',
    path: paths.stream(':id'),
    summary: 'Watch the progress of a job as server-sent events, until it has ended',
    scope: 'read',
    request: { params: jobParams },
    answers: {
      200: {
        description: 'Events; the data of each is a Progress.',
        content: { 'text/event-stream': { schema: Progress } },
      },
    },
    problems: ['job_not_found', 'too_many_streams'],
  },
  {
    method: 'get',
    path: paths.report(':id'),
    summary: 'Download the rejected records as CSV',
    scope: 'read',
    request: {
      params: jobParams,
      query: z.object({
        safe: z
          .literal('spreadsheet')
          .optional()
          .describe('makes text of cells that are formulas to a spreadsheet'),
        after: z
          .int()
          .nonnegative()
          .optional()
          .describe('only rows behind this one, without the header: to go on'),
      }),
    },
    answers: {
      200: {
        description: 'The report; compressed where Accept-Encoding has gzip.',
        content: text('text/csv'),
        headers: tagged,
      },
      304: unchanged,
    },
    problems: ['job_not_found'],
  },
  {
    method: 'get',
    path: paths.report(':id', 'json'),
    summary: 'Download the rejected records with all that is known of them, as one array',
    scope: 'read',
    request: { params: jobParams },
    answers: { 200: { description: 'The report.', content: json(z.array(Rejected)) } },
    problems: ['job_not_found'],
  },
  {
    method: 'get',
    path: paths.report(':id', 'ndjson'),
    summary: 'Download the rejected records with all that is known of them, a document a line',
    scope: 'read',
    request: { params: jobParams },
    answers: {
      200: { description: 'The report; each line is a Rejection.', content: text('application/x-ndjson') },
    },
    problems: ['job_not_found'],
  },
  {
    method: 'get',
    path: paths.allStreams,
    summary: `Watch the ${BOARD_JOBS} newest jobs as server-sent events`,
    scope: 'read',
    answers: {
      200: {
        description:
          'Events; the data of each is a BoardEvent without its type, which is the name of the event.',
        content: { 'text/event-stream': { schema: BoardEvent } },
      },
    },
    problems: ['too_many_streams'],
  },
  {
    method: 'post',
    path: paths.cancel(':id'),
    summary: 'Cancel a job; the rows that are loaded stay',
    scope: 'write',
    request: { params: jobParams },
    answers: { 200: { description: 'The job as it is now.', content: json(Job) } },
    problems: ['job_not_found', 'job_state_conflict'],
  },
  {
    method: 'post',
    path: paths.retry(':id'),
    summary: 'Put a failed or cancelled job back; it goes on where it ended',
    scope: 'write',
    request: { params: jobParams },
    answers: { 202: { description: 'The job as it is now.', content: json(Job), headers: location } },
    problems: ['job_not_found', 'job_state_conflict', 'file_gone'],
  },
  {
    method: 'get',
    path: paths.tokens,
    summary: 'List API tokens, the revoked ones too',
    scope: 'admin',
    answers: { 200: { description: 'Newest first.', content: json(z.array(Token)) } },
  },
  {
    method: 'post',
    path: paths.tokens,
    summary: 'Make an API token; only this answer has it',
    scope: 'admin',
    request: { body: { required: true, content: json(newTokenSchema) } },
    answers: { 201: { description: 'The token.', content: json(createdTokenSchema), headers: location } },
    problems: ['not_json', 'token_conflict'],
  },
  {
    method: 'delete',
    path: paths.token(':id'),
    summary: 'Revoke an API token',
    scope: 'admin',
    request: { params: z.object({ id: z.uuid() }) },
    answers: { 200: { description: 'The token, revoked.', content: json(Token) } },
    problems: ['token_not_found'],
  },
  {
    method: 'get',
    path: paths.description,
    summary: 'This description',
    scope: 'read',
    answers: { 200: { description: 'OpenAPI 3.1.', content: json(z.looseObject({ openapi: z.string() })) } },
  },
  {
    method: 'get',
    path: paths.metrics,
    summary: 'Metrics for Prometheus',
    scope: 'read',
    answers: { 200: { description: 'The text format of Prometheus.', content: text('text/plain') } },
  },
  {
    method: 'get',
    path: paths.alive,
    summary: 'Whether the daemon is alive',
    scope: 'none',
    answers: {
      200: {
        description: 'It is.',
        content: json(z.object({ status: z.literal('ok'), version: z.string() })),
      },
    },
  },
  {
    method: 'get',
    path: paths.ready,
    summary: 'Whether the daemon takes work, and which part is not well',
    scope: 'none',
    answers: {
      200: { description: 'It does.', content: json(Readiness) },
      503: { description: 'It does not.', content: json(Readiness) },
    },
  },
];
