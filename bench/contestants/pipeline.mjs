/** csvjobs' pipeline alone: no HTTP, queue or event stream. */
import { fileURLToPath } from 'node:url';
import { runJson } from '../processes.mjs';

const program = fileURLToPath(new URL('./pipelineRun.mjs', import.meta.url));

/** Seconds and the peak of its memory, in a process of its own. `lanes` where not the default. */
export async function load({ connection, file, lanes }) {
  return await runJson(program, { connection, file, lanes });
}
