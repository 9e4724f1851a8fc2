/**
 * The benchmark of several workers on one machine: how several jobs at once scale, how long a small job waits behind a large one,
 * and whether one file is held up by the thread that reads it. One thing after the other within each round.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbedded } from '../packages/daemon/dist/embedded/embedded.js';
import { startDaemon } from './contestants/endToEnd.mjs';
import * as pipeline from './contestants/pipeline.mjs';
import { writeCsv } from './files.mjs';
import { treeSeconds } from './modes/cpu.mjs';
import { peakRssMiB } from './processes.mjs';
import { median } from './results.mjs';
import { emptyTables, sql, startServer } from './server.mjs';
import { TABLES } from './tables/tables.mjs';
import { writeTableFiles } from './tables/writeFiles.mjs';

const PARTS = ['scale', 'wait', 'reader'];
const JOBS = 4;
const WORKERS = [1, 2, 4];
/** How often a small job is sent while a large one is under way. */
const SMALL_JOBS = 5;
const HELP = `Usage: npm run bench:hosts -- [options]
  --rows N     records of each of the ${JOBS} equal jobs (default 300000)
  --large N    records of the job that small ones come after (default 2000000)
  --wide N     records of the files of 16 and 200 columns (default 500000, a tenth of it for 200)
  --runs N     rounds; the medians are printed (default 3)
  --only A,B   only these parts (${PARTS.join(', ')})
`;

const options = readOptions();
const say = (text) => process.stderr.write(`${text}\n`);
const print = (text) => process.stdout.write(`${text}\n`);
const server = await startServer();
const { connection, folder } = server;
const redis = await startEmbedded({
  dataDir: join(folder, 'redis'),
  want: { postgres: false, redis: true },
  log: { info: () => {}, warn: () => {} },
  onServerLost: (failure) => {
    throw failure;
  },
});
const [{ pid: postgres }] = await sql(
  connection,
  `select split_part(pg_read_file('postmaster.pid'), e'\\n', 1)::int as pid`,
);
const shared = {
  REDIS_URL: `unix://${redis.redis.path}`,
  UPLOAD_DIR: join(folder, 'uploads'),
  API_ALLOW_ANONYMOUS: 'true',
};
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () =>
    redis
      .close()
      .then(() => server.close())
      .finally(() => process.exit(signal === 'SIGINT' ? 130 : 143)),
  );
try {
  print(`${availableParallelism()} cores`);
  if (options.only.includes('scale')) await measureScale();
  if (options.only.includes('wait')) await measureWait();
  if (options.only.includes('reader')) await measureReader();
} finally {
  await redis.close();
  await server.close();
}

async function measureScale() {
  const path = join(folder, 'equal.csv');
  await writeCsv(path, 'clean', options.rows);
  const found = {};
  for (let round = 1; round <= options.runs; round++)
    for (const count of WORKERS) {
      await makeTables();
      const api = await daemon('api');
      for (let job = 0; job < JOBS; job++) await upload(api, path, `bench.t${job}`);
      const workers = await Promise.all(Array.from({ length: count }, (_, at) => daemon('worker', at)));
      const before = treeSeconds(postgres);
      await untilEnded();
      const cpu =
        treeSeconds(postgres) - before + workers.reduce((sum, { pid }) => sum + treeSeconds(pid), 0);
      const [{ seconds }] = await sql(
        connection,
        `select extract(epoch from max(completed_at) - min(created_at + queued_ms * interval '1 ms'))::float8 as seconds from jobs
         where filename = 'bench.csv'`,
      );
      await closeAll([...workers, api]);
      found[count] ??= [];
      found[count].push({ seconds, cpu });
      say(`round ${round} ${count} workers ${seconds.toFixed(2)} s, CPU ${cpu.toFixed(2)} s`);
    }
  print(`\n${JOBS} jobs of ${options.rows} rows at once, each into a table of its own`);
  for (const count of WORKERS) {
    // Each round beside its own run with one worker: what else the machine does meets both alike.
    const to = (what) => median(found[count].map((each, round) => each[what] / found[1][round][what]));
    print(
      `${count} workers: ${median(found[count].map(({ seconds }) => seconds)).toFixed(1)} s, ${to('seconds').toFixed(2)} of the time and ${to('cpu').toFixed(2)} of the CPU of one`,
    );
  }
}

async function measureWait() {
  const [large, small] = [join(folder, 'large.csv'), join(folder, 'small.csv')];
  await writeCsv(large, 'clean', options.large);
  await writeCsv(small, 'clean', 100);
  for (const [title, limit] of [
    ['with SMALL_JOB_BYTES as it is', undefined],
    ['with SMALL_JOB_BYTES=0', '0'],
  ]) {
    await makeTables();
    const environment = limit === undefined ? {} : { SMALL_JOB_BYTES: limit };
    const all = await daemon('all', 0, environment);
    const first = await upload(all, large, 'bench.t0');
    await until(async () => (await jobOf(first)).processed > 0);
    const waits = [];
    for (let turn = 0; turn < (limit === '0' ? 1 : SMALL_JOBS); turn++) {
      const id = await upload(all, small, 'bench.t1');
      await until(async () => (await jobOf(id)).ended);
      const { waited, total } = await jobOf(id);
      waits.push({ waited, total, behind: !(await jobOf(first)).ended });
      await sql(connection, 'truncate bench.t1');
    }
    await until(async () => (await jobOf(first)).ended);
    const of = (what) => waits.map((each) => each[what].toFixed(2)).join(', ');
    print(`\n100 rows behind ${options.large}, ${title}`);
    print(`waited ${of('waited')} s, done after ${of('total')} s`);
    print(
      `while the large one was under way: ${waits.filter(({ behind }) => behind).length} of ${waits.length}; peak of the daemon ${Math.round(peakRssMiB(all.pid))} MiB`,
    );
    await closeAll([all]);
  }
}

async function measureReader() {
  print('\nCPU seconds of one file, by who took them');
  for (const name of ['lineitem', 'wide200']) {
    const { table, header, ddl, records } = TABLES[name];
    const rows = Math.round(options.wide * (name === 'wide200' ? 0.1 : 1));
    const { path } = await writeTableFiles(join(folder, name), header, records(rows));
    const runs = [];
    for (let round = 1; round <= options.runs; round++) {
      await emptyTables(connection);
      await sql(connection, `drop schema if exists bench cascade; create schema bench; ${ddl}`, 'checkpoint');
      const before = treeSeconds(postgres);
      const { seconds, cpuSeconds, readerSeconds } = await pipeline.load({
        connection,
        file: path,
        into: { schema: 'bench', name: table },
      });
      runs.push({
        seconds,
        reader: readerSeconds,
        lanes: cpuSeconds - readerSeconds,
        postgres: treeSeconds(postgres) - before,
      });
    }
    const of = (what) => median(runs.map((each) => each[what]));
    const [reader, lanes, server] = [of('reader'), of('lanes'), of('postgres')];
    // Nothing can take less than all its work on all cores; one reader not less than its own.
    const least = (reader + lanes + server) / availableParallelism();
    print(
      `${name}, ${rows} rows: ${of('seconds').toFixed(2)} s; reading ${reader.toFixed(2)}, the rest of the process ${lanes.toFixed(2)}, PostgreSQL ${server.toFixed(2)}; at best ${least.toFixed(2)} s on all cores, ${Math.max(least, reader).toFixed(2)} s with one reader`,
    );
  }
}

async function makeTables() {
  await emptyTables(connection);
  await sql(
    connection,
    'drop schema if exists bench cascade; create schema bench',
    ...Array.from(
      { length: JOBS },
      (_, at) =>
        `create table bench.t${at} (name text not null, email text primary key, phone text, company text)`,
    ),
    'checkpoint',
  );
}

/** A daemon in a role, beside others; it must be closed. */
async function daemon(role, number = 0, environment = {}) {
  const own = { DATA_DIR: join(folder, `${role}${number}`), TARGET_TABLES: 'bench.*' };
  return await startDaemon(server, undefined, { ...shared, ...own, ...environment }, ['--role', role]);
}

async function closeAll(daemons) {
  for (const each of daemons) await each.close();
}

async function upload({ url }, path, into) {
  const child = spawn(
    'curl',
    [
      '-sS',
      '--fail-with-body',
      '-F',
      `file=@${path};filename=bench.csv`,
      `${url}/api/jobs/upload?into=${into}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the upload ended with ${code}: ${said}`);
  return JSON.parse(said).jobId;
}

async function jobOf(id) {
  const [job] = await sql(
    connection,
    `select status, processed_rows::int as processed, completed_at is not null as ended, queued_ms / 1000.0::float8 as waited,
       extract(epoch from completed_at - created_at)::float8 as total from jobs where id = '${id}'`,
  );
  if (job.ended && job.status !== 'completed') throw new Error(`job ${id} is ${job.status}`);
  return job;
}

async function untilEnded() {
  await until(async () => {
    const [{ left, wrong }] = await sql(
      connection,
      `select count(*) filter (where status in ('pending', 'processing'))::int as left,
         count(*) filter (where status in ('failed', 'cancelled'))::int as wrong from jobs`,
    );
    if (wrong > 0) throw new Error('a job has failed');
    return left === 0;
  });
}

async function until(look) {
  while (!(await look())) await new Promise((resolve) => setTimeout(resolve, 50));
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '300000' },
      large: { type: 'string', default: '2000000' },
      wide: { type: 'string', default: '500000' },
      runs: { type: 'string', default: '3' },
      only: { type: 'string', default: PARTS.join(',') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const number = (name) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number, 1 or more`);
    return value;
  };
  const only = values.only.split(',');
  const unknown = only.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) throw new Error(`--only knows ${PARTS.join(', ')}, not ${unknown}`);
  return { rows: number('rows'), large: number('large'), wide: number('wide'), runs: number('runs'), only };
}
