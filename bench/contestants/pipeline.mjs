/** csvjobs' pipeline alone: no HTTP, queue or event stream. */
import { fileURLToPath } from 'node:url';
import { runJson } from '../processes.mjs';

const program = fileURLToPath(new URL('./pipelineRun.mjs', import.meta.url));

/**
 * Seconds and the peak of its memory, in a process of its own; `restSeconds` is how long the whole file would take at
 * the pace of its second half, which meets a larger index than the first. `lanes` where not the default; `into` ({ schema, name })
 * where the table is not customers; `csvjobs` how rows go in, as in a spec. `cpuSeconds` has no part of the process's start, and
 * `readerSeconds` is what of it the thread has taken that reads. `resumed`: the job is
 * stopped in the middle, and its rest is timed in another process, as after a crash; told as seconds for the whole file
 * at that pace.
 */
export async function load({ connection, file, lanes, into, csvjobs, resumed }) {
  const task = { connection, file, lanes, into, csvjobs };
  if (!resumed) return await runJson(program, task);
  const { id } = await runJson(program, { ...task, stopInTheMiddle: true });
  return await runJson(program, { ...task, id });
}
