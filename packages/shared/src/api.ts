/** Schemas of the HTTP API's answers. */
import { z } from 'zod';
import { jobSchema, jobStatusSchema, jobSummarySchema } from './job.js';
import { JOB_STATUSES, PAGE_LIMIT } from './paths.js';

export * from './paths.js';

/** A job that loaded the same file, byte for byte, into the same table, or may still load it. */
export const earlierJobSchema = z.object({
  jobId: z.uuid(),
  filename: z.string(),
  status: jobStatusSchema,
  createdAt: z.iso.datetime(),
  successCount: z.int().nonnegative(),
  failedCount: z.int().nonnegative(),
});
export type EarlierJob = z.infer<typeof earlierJobSchema>;

export const uploadedSchema = z.object({
  jobId: z.uuid(),
  earlier: earlierJobSchema
    .nullable()
    .optional()
    .describe(
      'the newest job with the same file and table; null if there is none; missing from older daemons. With once=true, if that job is completed, jobId is its ID',
    ),
  table: z
    .string()
    .optional()
    .describe(
      'the table that the daemon found for the file: sales.orders, or customers; missing from older daemons, and if an upload in pieces is answered again',
    ),
});
export type Uploaded = z.infer<typeof uploadedSchema>;

/** A resumable upload: how much of it is stored durably, and the job it has become. */
export const resumableUploadSchema = z.object({
  id: z.uuid(),
  filename: z.string(),
  length: z.int().nonnegative().describe('size of the whole file in bytes'),
  offset: z.int().nonnegative().describe('number of bytes stored durably: the offset of the next PATCH'),
  expiresAt: z.iso.datetime().describe('when it will be removed, unless more of it arrives'),
  uploaded: uploadedSchema
    .nullable()
    .describe('the answer of an upload, once it is complete and has become a job'),
});
export type ResumableUpload = z.infer<typeof resumableUploadSchema>;

/** GET /api/jobs/earlier. */
export const earlierSchema = z.object({ earlier: earlierJobSchema.nullable() });

const WRONG_LIMIT = `must be a whole number from 1 to ${PAGE_LIMIT.most}`;

/** The query of GET /api/jobs. */
export const jobsQuerySchema = z.object({
  status: z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .pipe(z.array(jobStatusSchema))
    .optional()
    .describe(`only these, separated by commas: ${JOB_STATUSES.join(', ')}`),
  table: z.string().optional().describe('only jobs into this table: sales.orders, or customers'),
  limit: z.coerce
    .number(WRONG_LIMIT)
    .int(WRONG_LIMIT)
    .min(1, WRONG_LIMIT)
    .max(PAGE_LIMIT.most, WRONG_LIMIT)
    .default(PAGE_LIMIT.default)
    .describe('jobs per page'),
  summary: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('true: only the fields of a list'),
  cursor: z.string().optional().describe('start of the page, from the Link header of the previous one'),
});

/** A page of jobs, newest first; the Link header has the address of the next page (rel="next"). */
export const jobListSchema = z.array(jobSchema);

/** A page with `?summary=true`. */
export const jobSummaryListSchema = z.array(jobSummarySchema);

/** GET /readyz: 200 when the daemon accepts work, 503 with the same shape when a check fails. */
export const readinessSchema = z.object({
  ready: z.boolean(),
  version: z.string(),
  checks: z.record(
    z.string(),
    z.object({
      ok: z.boolean(),
      message: z.string(),
      warning: z
        .literal(true)
        .optional()
        .describe('the daemon accepts work nevertheless, but someone should look at it'),
    }),
  ),
});
export type Readiness = z.infer<typeof readinessSchema>;

/** GET /, as JSON. Contains no secrets, because it needs no token. */
export const frontPageSchema = z.object({
  name: z.literal('csvjobs'),
  version: z.string(),
  ready: z.boolean().describe('whether the daemon accepts work'),
  links: z.object({
    description: z.string().describe('the API in OpenAPI 3.1'),
    ready: z.string(),
    alive: z.string(),
    metrics: z.string(),
  }),
});
export type FrontPage = z.infer<typeof frontPageSchema>;
