/** Who may reach the API, and its limits. */
import { parseTablePatterns, TablePatternInvalid } from '@csvjobs/shared';
import { z } from 'zod';
import { bytes, count, port, text } from './kinds.js';

export const API = {
  API_HOST: text.default('127.0.0.1').describe('Address to listen on; 0.0.0.0 in the containers'),
  API_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'must be 16 or more visible ASCII characters')
    .optional()
    .describe('A token for admins that needs no database, to begin with; secret'),
  API_ALLOW_ANONYMOUS: z
    .stringbool()
    .prefault('false')
    .describe('true lets in everybody who can reach the address, without a token'),
  ALLOWED_HOSTS: text
    .optional()
    .describe(
      'Names that the daemon answers to, separated by commas, beside localhost, IP addresses and API_HOST; * for any',
    ),
  API_PORT: port.default(4000).describe('Port to listen on; 0 takes a free one'),
  CORS_ORIGIN: text.optional().describe('Allowed CORS origin, or * for all; without it none'),
  TARGET_TABLES: text
    .superRefine((list, issues) => {
      try {
        parseTablePatterns(list);
      } catch (error) {
        if (!(error instanceof TablePatternInvalid)) throw error;
        issues.addIssue({ code: 'custom', message: error.message });
      }
    })
    .optional()
    .describe(
      'Tables that may be loaded into, as patterns separated by commas: `public.*,sales.orders,"Mixed"."Case"`; never tables of PostgreSQL or of csvjobs itself',
    ),
  MAX_UPLOADS: count.default(100).describe('Most uploads at a time; more are asked to come back (429)'),
  MAX_QUEUED: count
    .default(10_000)
    .describe(
      'Most jobs that wait or are worked on, and most resumable uploads that are not whole; further uploads are asked to come back (429)',
    ),
  MAX_HEADERS: count.default(100).describe('Most headers of a request'),
  MAX_HEADER_BYTES: bytes
    .min(1024)
    .default(16 * 1024)
    .describe('Largest head of a request, in bytes'),
  RATE_LIMIT: z.coerce
    .number()
    .int()
    .min(0)
    .default(12_000)
    .describe(
      'Most requests a minute of one token, or of one address without one, over all processes on one Redis; 0 for any number',
    ),
  MAX_STREAMS: count.default(10_000).describe('Most open progress streams'),
  MAX_REPORTS: count.default(32).describe('Most reports sent at a time; more are asked to come back (429)'),
};
