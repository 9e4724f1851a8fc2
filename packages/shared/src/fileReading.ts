/**
 * How far the daemon has read a file before it loads the first row: in bytes, because the records are not counted yet.
 */
import { z } from 'zod';

export const fileReadingSchema = z.object({
  readBytes: z.int().nonnegative().describe('bytes of the stored file, as compressed'),
  totalBytes: z.int().nonnegative(),
  pass: z.int().positive().describe('1 at first; a file that is not UTF-8 is read again from the start'),
});
export type FileReading = z.infer<typeof fileReadingSchema>;

/** The data of a `reading` event in a job's stream. */
export const jobReadingSchema = z.object({ jobId: z.uuid(), ...fileReadingSchema.shape });
