/** For the operator of the daemon: tokens, this description, metrics, health. */
import {
  apiTokenSchema,
  createdTokenSchema,
  frontPageSchema,
  newTokenSchema,
  paths,
  readinessSchema,
} from '@csvjobs/shared';
import { z } from 'zod';
import { type Call, json, location, text } from './call.js';

const Token = apiTokenSchema.meta({ id: 'Token' });
const Readiness = readinessSchema.meta({ id: 'Readiness' });

export const OPERATION_CALLS: readonly Call[] = [
  {
    operationId: 'getFrontPage',
    method: 'get',
    path: paths.front,
    summary: 'What this is, whether it is ready, and links; a page for browsers',
    scope: 'none',
    answers: {
      200: {
        description: 'JSON, or an HTML page if the header Accept prefers it.',
        content: { ...json(frontPageSchema), ...text('text/html') },
      },
    },
  },
  {
    operationId: 'listTokens',
    method: 'get',
    path: paths.tokens,
    summary: 'List API tokens, including revoked ones',
    scope: 'admin',
    allTables: true,
    answers: { 200: { description: 'Newest first.', content: json(z.array(Token)) } },
  },
  {
    operationId: 'createToken',
    method: 'post',
    path: paths.tokens,
    summary: 'Create an API token; only this response contains it',
    scope: 'admin',
    allTables: true,
    request: { body: { required: true, content: json(newTokenSchema) } },
    answers: { 201: { description: 'The token.', content: json(createdTokenSchema), headers: location } },
    problems: ['not_json', 'token_conflict'],
  },
  {
    operationId: 'revokeToken',
    method: 'delete',
    path: paths.token(':id'),
    summary: 'Revoke an API token',
    scope: 'admin',
    allTables: true,
    request: { params: z.object({ id: z.uuid() }) },
    answers: { 200: { description: 'The revoked token.', content: json(Token) } },
    problems: ['token_not_found'],
  },
  {
    operationId: 'describeApi',
    method: 'get',
    path: paths.description,
    summary: 'This description',
    scope: 'read',
    answers: { 200: { description: 'OpenAPI 3.1.', content: json(z.looseObject({ openapi: z.string() })) } },
  },
  {
    operationId: 'getMetrics',
    method: 'get',
    path: paths.metrics,
    summary: 'Metrics for Prometheus',
    scope: 'read',
    allTables: true,
    answers: { 200: { description: 'The text format of Prometheus.', content: text('text/plain') } },
  },
  {
    operationId: 'getHealth',
    method: 'get',
    path: paths.alive,
    summary: 'Whether the daemon is alive',
    scope: 'none',
    answers: {
      200: {
        description: 'It is alive.',
        content: json(z.object({ status: z.literal('ok'), version: z.string() })),
      },
    },
  },
  {
    operationId: 'getReadiness',
    method: 'get',
    path: paths.ready,
    summary: 'Whether the daemon is ready, and which part is not; the reason only with a token',
    scope: 'none',
    answers: {
      200: { description: 'It is ready.', content: json(Readiness) },
      503: { description: 'It is not ready.', content: json(Readiness) },
    },
  },
];
