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
    summary: 'What this is, whether it takes work, and where the rest is; a page for browsers',
    scope: 'none',
    answers: {
      200: {
        description: 'JSON, or a page of HTML where the header Accept prefers it.',
        content: { ...json(frontPageSchema), ...text('text/html') },
      },
    },
  },
  {
    operationId: 'listTokens',
    method: 'get',
    path: paths.tokens,
    summary: 'List API tokens, the revoked ones too',
    scope: 'admin',
    allTables: true,
    answers: { 200: { description: 'Newest first.', content: json(z.array(Token)) } },
  },
  {
    operationId: 'createToken',
    method: 'post',
    path: paths.tokens,
    summary: 'Make an API token; only this answer has it',
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
    answers: { 200: { description: 'The token, revoked.', content: json(Token) } },
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
        description: 'It is.',
        content: json(z.object({ status: z.literal('ok'), version: z.string() })),
      },
    },
  },
  {
    operationId: 'getReadiness',
    method: 'get',
    path: paths.ready,
    summary: 'Whether the daemon takes work, and which part is not well; why only with a token',
    scope: 'none',
    answers: {
      200: { description: 'It does.', content: json(Readiness) },
      503: { description: 'It does not.', content: json(Readiness) },
    },
  },
];
