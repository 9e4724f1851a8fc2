/** `csvjobs accept`: commits the rows of a held job; the exit code is that of the completed job. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import { exitCodeOf } from '../outcome.js';
import { countsText } from '../text/counts.js';
import { fullStatus } from '../text/nothingLoaded.js';
import { clean, plural, toJson } from '../text/text.js';
import { orNextStep } from './refusedJob.js';
import { sayWhyGate } from './uploadResult.js';

/** Interval between polls of a job whose commit takes long, in milliseconds. */
const LOOK_EVERY = 1_000;

export async function accept(context: Context, id: string): Promise<ExitCode> {
  const client = await context.client();
  const jobId = await resolveId(client, id);
  let job = await orNextStep(context, client, jobId, 'accept', client.accept(jobId));
  while (job.status === 'held') {
    await sleep(LOOK_EVERY, undefined, { signal: context.signal });
    job = await client.job(jobId, context.signal);
  }
  const exitCode = exitCodeOf(job, undefined);
  context.out.line(context.json ? toJson({ jobId, exitCode }) : jobId);
  if (context.json || context.quiet) return exitCode;
  const into = job.table === undefined ? '' : ` into ${clean(job.table)}`;
  const counts = countsText(job.successCount, job.failedCount, job.counts);
  context.err.line(
    `${clean(job.filename)}: ${fullStatus(job)}: ${plural(job.processedRows, 'row')}${into}, ${counts}`,
  );
  sayWhyGate(context, job.filename, job, undefined);
  if (exitCode === EXIT.failed && job.failure) context.err.line(`reason: ${clean(job.failure.message)}`);
  return exitCode;
}
