/**
 * LIMIT: what PostgreSQL itself needs for what the pipeline leaves in the tables. The same rows, as the same binary COPY
 * payloads in the same order, in the same transactions, over as many connections: made ready before the clock starts, so
 * that nothing is read, checked, looked up, counted or told. No program that loads them this way can be faster.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { to } from 'pg-copy-streams';
import { runJson } from '../processes.mjs';
import * as pipeline from './pipeline.mjs';

const program = fileURLToPath(new URL('./limitRun.mjs', import.meta.url));

/** In the order of the ids the rows of a batch stand as the pipeline has sent them: sorted by e-mail. */
const SELECT = {
  customers: `select id, job_id, row_number, name, email, phone, company from customers
    where row_number > $1 and row_number <= $2 order by id`,
  job_errors: `select job_id, row_number, line, column_name, code, message, row from job_errors
    where row_number > $1 and row_number <= $2 order by row_number`,
};

/**
 * Has the pipeline load a file into empty tables, and PostgreSQL write each of its batches as payloads into a folder.
 * @returns what `load` takes: the job, and for each batch the payload files of the tables that it has rows for
 */
export async function record({ connection, folder, file, kind }) {
  const { id, committed } = await pipeline.load({ connection, file });
  const target = join(folder, `${kind}.payloads`);
  await mkdir(target);
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query('create index of_bench on customers (row_number)');
    const batches = [];
    let before = 0;
    for (const upTo of committed) {
      const batch = {};
      for (const [table, select] of Object.entries(SELECT)) {
        // COPY takes no parameters; both are numbers.
        const query = select.replace('$1', String(before)).replace('$2', String(upTo));
        const stream = client.query(to(`copy (${query}) to stdout (format binary)`));
        const payload = await buffer(stream);
        if (stream.rowCount === 0) continue;
        batch[table] = join(target, `${batches.length}.${table}`);
        await writeFile(batch[table], payload);
      }
      batches.push(batch);
      before = upTo;
    }
    return { id, batches };
  } finally {
    await client.query('drop index if exists of_bench');
    await client.end();
  }
}

/** Seconds from the first `begin` to the last `commit`, in a process of its own. */
export async function load({ connection, recorded, lanes }) {
  return await runJson(program, { connection, lanes, ...recorded });
}
