/** The pipeline in a process of its own; the task is its argument, the result its output, both JSON. */
import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { readConfig } from '../../packages/daemon/dist/config.js';
import { modeFor } from '../../packages/daemon/dist/intake/mode.js';
import { createReaders } from '../../packages/daemon/dist/pipeline/readers.js';
import { run } from '../../packages/daemon/dist/pipeline/run.js';
import { claimJob } from '../../packages/daemon/dist/sql/claimJob.js';
import { insertJob } from '../../packages/daemon/dist/sql/jobs.js';
import { createPool } from '../../packages/daemon/dist/sql/pool.js';
import { readTargetSoon } from '../../packages/daemon/dist/sql/target/catalog.js';
import { peakRssMiB } from '../processes.mjs';
import { followBusiest, threadSeconds } from './threadSeconds.mjs';

/** Until a thread has started and loaded its program; it waits since the start in a daemon. */
const THREAD_MS = 1_000;

const { connection, file, lanes, into, csvjobs, stopInTheMiddle, ...task } = JSON.parse(process.argv[2]);
const config = readConfig({
  DATA_DIR: '/nowhere',
  ...(lanes === undefined ? {} : { WORKER_LANES: String(lanes) }),
});
const pool = createPool(connection, (error) => {
  throw error;
});
const threadsBefore = threadSeconds();
const readers = createReaders();
const emailsPath = `${file}.emails`;
const id = task.id ?? (await makeJob());
await setTimeout(THREAD_MS);

async function makeJob() {
  const { size: sizeBytes } = statSync(file);
  const made = { id: randomUUID(), filename: 'bench.csv', sizeBytes, sha256: '' };
  const target = into && (await readTargetSoon(pool, into));
  const spec = csvjobs && { csvjobs };
  await insertJob(pool, {
    ...{ ...made, overrides: {}, idempotencyKey: null },
    ...(target && { into: { target, spec }, mode: modeFor(spec, target) }),
  });
  return made.id;
}

/** How many rows were done after each commit. */
const committed = [];

/** One attempt at the job, ended early once `until` says so of its progress. */
async function attempt(until) {
  const drain = new AbortController();
  const claimed = await claimJob(pool, id);
  const outcome = await run(
    claimed,
    {
      pool,
      connection,
      storage: {
        source: async () => ({ kind: 'file', path: file }),
        emailsPath: () => emailsPath,
        forgetEmails: () => rm(emailsPath),
      },
      limits: {
        maxRecordBytes: config.MAX_RECORD_BYTES,
        maxDecodedBytes: config.maxDecodedBytes,
        batchRows: config.BATCH_ROWS,
        batchBytes: config.BATCH_BYTES,
      },
      readers,
      lanes: config.WORKER_LANES,
      publish: (progress) => {
        if (progress.processedRows > (committed.at(-1) ?? 0)) committed.push(progress.processedRows);
        if (until(progress)) drain.abort();
      },
    },
    drain.signal,
  );
  return { outcome, from: claimed.checkpoint.rowNumber };
}

/** When the first half of the file was committed, and what of it. */
let middle;
const inTheMiddle = ({ processedRows, totalRows }) => {
  if (processedRows === 0 || processedRows < totalRows / 2) return false;
  middle ??= { at: performance.now(), rows: processedRows, totalRows };
  return stopInTheMiddle;
};
const started = performance.now();
const cpuBefore = process.cpuUsage();
const readerSeconds = followBusiest(threadsBefore);
const { outcome, from } = await attempt(inTheMiddle);
const ended = performance.now();
const { user, system } = process.cpuUsage(cpuBefore);
const wanted = stopInTheMiddle ? 'drained' : 'completed';
if (outcome !== wanted) throw new Error(`the run ended as ${outcome}, not ${wanted}`);
/** As long as the whole file would take at the pace of what comes behind so many of its rows. */
const atPace = (since, rows) => ((ended - since) / 1000) * (middle.totalRows / (middle.totalRows - rows));
const result = {
  id,
  committed,
  seconds: atPace(started, from),
  cpuSeconds: (user + system) / 1e6,
  readerSeconds: readerSeconds(),
  restSeconds: atPace(middle.at, middle.rows),
  peakRssMiB: peakRssMiB('self'),
};
await readers.close();
await pool.end();
process.stdout.write(JSON.stringify(result));
