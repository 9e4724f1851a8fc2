/** How a call of the API is described, and what descriptions have in common. */
import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import { jobSchema, jobSummarySchema, type ProblemCode, type TokenScope } from '@csvjobs/shared';
import { z } from 'zod';
import { JOB_ID } from './examples.js';

export interface Call {
  /** A promise to clients that are made from the description: their functions have this name. */
  operationId: string;
  method: 'get' | 'head' | 'options' | 'post' | 'patch' | 'delete';
  /** As the router has it, with `:id`. */
  path: string;
  summary: string;
  /** What a token must be good for; none needs no token. This is the rule that the API is locked by (scopes.ts). */
  scope: TokenScope | 'none';
  /** Not for a token that is for some tables only: it would reach further than that. */
  allTables?: true;
  request?: RouteConfig['request'];
  answers: Record<number, Answer>;
  /** Problems beside those that any call may end with. */
  problems?: readonly ProblemCode[];
}

export interface Answer {
  description: string;
  content?: Record<string, { schema: z.ZodType }>;
  headers?: z.ZodObject;
}

export const Job = jobSchema.meta({
  id: 'Job',
  description: 'An uploaded file on its way into the database.',
});
export const JobSummary = jobSummarySchema.meta({
  id: 'JobSummary',
  description: 'What a list shows of a job.',
});

export const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
export const text = (type: string) => ({ [type]: { schema: z.string() } });

export const jobParams = z.object({ id: z.uuid().describe("a job's id").meta({ example: JOB_ID }) });
export const location = z.object({ Location: z.string().describe('where it is') });
export const tagged = z.object({
  ETag: z.string().optional().describe('once the job has ended: send it as If-None-Match'),
});
export const unchanged: Answer = { description: 'It is as it was (If-None-Match).' };
