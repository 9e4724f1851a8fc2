/** csvjobs' pipeline alone: no HTTP, queue or event stream. */
import { fileURLToPath } from 'node:url';
import { runJson } from '../processes.mjs';

const program = fileURLToPath(new URL('./pipelineRun.mjs', import.meta.url));

/**
 * Seconds and the peak of its memory, in a process of its own. `lanes` where not the default. `resumed`: the job is
 * stopped in the middle, and its rest is timed in another process, as after a crash; told as seconds for the whole file
 * at that pace.
 */
export async function load({ connection, file, lanes, resumed }) {
  const task = { connection, file, lanes };
  if (!resumed) return await runJson(program, task);
  const { id } = await runJson(program, { ...task, stopInTheMiddle: true });
  return await runJson(program, { ...task, id });
}
