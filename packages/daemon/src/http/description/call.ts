/** How a call of the API is described, and what all descriptions share. */
import type { RouteConfig } from '@asteasolutions/zod-to-openapi';
import { jobSchema, jobSummarySchema, type ProblemCode, type TokenScope } from '@csvjobs/shared';
import { z } from 'zod';
import { JOB_ID } from './examples.js';

export interface Call {
  /** Part of the contract with generated clients: their functions have this name. */
  operationId: string;
  method: 'get' | 'head' | 'options' | 'post' | 'patch' | 'delete';
  /** As the router writes it, with `:id`. */
  path: string;
  summary: string;
  /**
   * The scope that a token needs; `none` means that no token is needed. The API enforces this rule
   * (scopes.ts).
   */
  scope: TokenScope | 'none';
  /** Not allowed for a token that is limited to some tables: the call would reach beyond them. */
  allTables?: true;
  request?: RouteConfig['request'];
  answers: Record<number, Answer>;
  /** Problems in addition to those that any call may answer with. */
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
  description: 'A job in a list.',
});

export const json = (schema: z.ZodType) => ({ 'application/json': { schema } });
export const text = (type: string) => ({ [type]: { schema: z.string() } });

export const jobParams = z.object({ id: z.uuid().describe("a job's id").meta({ example: JOB_ID }) });
export const location = z.object({ Location: z.string().describe('where it is') });
export const tagged = z.object({
  ETag: z.string().optional().describe('once the job has ended: send it as If-None-Match'),
});
export const unchanged: Answer = { description: 'Not modified (If-None-Match).' };
