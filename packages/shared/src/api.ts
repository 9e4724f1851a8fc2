/** The HTTP interface: the shapes of what is answered. */
import { z } from 'zod';
import { jobSchema } from './job.js';

export * from './paths.js';

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
