/** The pipeline in a process of its own; the task is its argument, the result its output, both JSON. */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { readConfig } from '../../packages/daemon/dist/config.js';
import { createReaders } from '../../packages/daemon/dist/pipeline/readers.js';
import { run } from '../../packages/daemon/dist/pipeline/run.js';
import { claimJob } from '../../packages/daemon/dist/sql/jobProgress.js';
import { findJob, insertJob } from '../../packages/daemon/dist/sql/jobs.js';
import { createPool } from '../../packages/daemon/dist/sql/pool.js';

const { connection, file, lanes, resumed } = JSON.parse(process.argv[2]);
const config = readConfig({
  DATA_DIR: '/nowhere',
  ...(lanes === undefined ? {} : { WORKER_LANES: String(lanes) }),
});
const pool = createPool(connection, (error) => {
  throw error;
});
const readers = createReaders();
const id = randomUUID();
const sizeBytes = statSync(file).size;
const emailsPath = `${file}.emails`;
await insertJob(pool, {
  id,
  filename: 'bench.csv',
  sizeBytes,
  sha256: '',
  overrides: {},
  idempotencyKey: null,
});

/** One attempt at the job, ended early once `until` says so of its progress. */
async function attempt(until = () => false) {
  const drain = new AbortController();
  const claimed = await claimJob(pool, id);
  const outcome = await run(
    claimed,
    {
      pool,
      connection,
      storage: { path: () => file, emailsPath: () => emailsPath, forgetEmails: () => rm(emailsPath) },
      limits: {
        maxRecordBytes: config.MAX_RECORD_BYTES,
        maxDecodedBytes: config.MAX_DECODED_BYTES,
        batchRows: config.BATCH_ROWS,
        batchBytes: config.BATCH_BYTES,
      },
      readers,
      lanes: config.WORKER_LANES,
      publish: (progress) => until(progress) && drain.abort(),
    },
    drain.signal,
  );
  return { outcome, from: claimed.checkpoint.rowNumber };
}

if (resumed)
  await attempt(({ processedRows, totalRows }) => processedRows > 0 && processedRows >= totalRows / 2);
const started = performance.now();
const { outcome, from } = await attempt();
let seconds = (performance.now() - started) / 1000;
if (outcome !== 'completed') throw new Error(`the run ended as ${outcome}`);
if (resumed) {
  const { totalRows } = await findJob(pool, id);
  // As long as the whole file would have taken at this pace, to be compared with an undisturbed run.
  seconds *= totalRows / (totalRows - from);
}
await readers.close();
await pool.end();
process.stdout.write(JSON.stringify({ seconds, peakRssMiB: process.resourceUsage().maxRSS / 1024 }));
