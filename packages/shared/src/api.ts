/** The HTTP interface: paths and the shapes of what is answered. */
import { z } from 'zod';
import { jobSchema } from './job.js';

/** The form field that carries the file of an upload. */
export const UPLOAD_FIELD = 'file';

/** How a report of rejected rows is written: the reference's CSV, or all that is known of each as JSON. */
export const REPORT_FORMATS = ['csv', 'json', 'ndjson'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Paths by what they do; `id` is a job's id. */
export const paths = {
  upload: '/api/jobs/upload',
  jobs: '/api/jobs',
  /** Progress of all jobs; see board.ts. */
  allStreams: '/api/jobs/stream',
  job: (id: string) => `/api/jobs/${id}`,
  stream: (id: string) => `/api/jobs/${id}/stream`,
  report: (id: string, format: ReportFormat = 'csv') => `/api/jobs/${id}/errors.${format}`,
  cancel: (id: string) => `/api/jobs/${id}/cancel`,
  retry: (id: string) => `/api/jobs/${id}/retry`,
  alive: '/healthz',
  ready: '/readyz',
} as const;

export const uploadedSchema = z.object({ jobId: z.uuid() });
export type Uploaded = z.infer<typeof uploadedSchema>;

/** Newest first. */
export const jobListSchema = z.array(jobSchema);

/** GET /readyz: 200 when the daemon takes work, 503 with the same shape when a part is not well. */
export const readinessSchema = z.object({
  ready: z.boolean(),
  version: z.string(),
  checks: z.record(z.string(), z.object({ ok: z.boolean(), message: z.string() })),
});
export type Readiness = z.infer<typeof readinessSchema>;

/** Header that says which version of the daemon answers. */
export const VERSION_HEADER = 'csvjobs-version';
