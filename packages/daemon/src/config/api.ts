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
    .describe('The first admin token, which works without the database; secret'),
  API_ALLOW_ANONYMOUS: z
    .stringbool()
    .prefault('false')
    .describe('true: everyone who can reach the address has access, without a token'),
  ALLOWED_HOSTS: text
    .optional()
    .describe(
      'Host names that the daemon accepts, besides localhost, IP addresses and API_HOST; separated by commas; * for any',
    ),
  API_PORT: port.default(4000).describe('Port to listen on; 0: any free port'),
  CORS_ORIGIN: text.optional().describe('Allowed CORS origin, or * for all; by default none'),
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
      'Tables that may be loaded into, as patterns separated by commas: `public.*,sales.orders,"Mixed"."Case"`; never PostgreSQL\'s or csvjobs\' own tables',
    ),
  MAX_UPLOADS: count.default(100).describe('Maximum number of uploads at a time; further ones get a 429'),
  MAX_QUEUED: count
    .default(10_000)
    .describe(
      'Maximum number of waiting and running jobs, and of incomplete resumable uploads; further uploads get a 429',
    ),
  MAX_HEADERS: count.default(100).describe('Maximum number of headers of a request'),
  MAX_HEADER_BYTES: bytes
    .min(1024)
    .default(16 * 1024)
    .describe('Maximum size of the headers of a request, in bytes'),
  RATE_LIMIT: z.coerce
    .number()
    .int()
    .min(0)
    .default(12_000)
    .describe(
      'Maximum number of requests per minute from one token, or from one address without a token, counted for all processes on one Redis; 0: unlimited',
    ),
  MAX_STREAMS: count.default(10_000).describe('Maximum number of open progress streams'),
  MAX_REPORTS: count
    .default(32)
    .describe('Maximum number of reports sent at a time; further requests get a 429'),
};
