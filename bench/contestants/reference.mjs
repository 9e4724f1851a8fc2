/** The reference design: csv-parser and zod a row, INSERT with the values of 100 rows, one connection. */
import { fileURLToPath } from 'node:url';
import { runJson } from '../processes.mjs';

const program = fileURLToPath(new URL('./referenceRun.mjs', import.meta.url));

/** Seconds, in a process of its own. */
export async function load({ connection, file }) {
  return await runJson(program, { connection, file });
}
