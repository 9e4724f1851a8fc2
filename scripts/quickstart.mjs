// `npm run quickstart`: from a bare clone to rows in PostgreSQL, watched live. Sets up, starts a daemon with its
// embedded PostgreSQL and Redis in a folder of its own on a free port, loads examples/orders.csv into a table of its own and
// examples/customers.csv into the one that csvjobs brings, with the real command line, and stops and removes all of it.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { redisOnPath } from './redis.mjs';
import { root, setup } from './setup.mjs';
import { fail, StepError, step } from './steps.mjs';

/** The table that the first sample is for. */
const TABLE_SQL = 'examples/orders.sql';
/** What is in the samples, and what is to become of it. */
const SAMPLES = [
  {
    upload: ['examples/orders.csv', '--into', 'orders'],
    job: { table: 'public.orders', status: 'completed', totalRows: 10, successCount: 3, failedCount: 7 },
    report: 'rowNumber,id,product,quantity,price,ordered_on,paid,error',
  },
  {
    upload: ['examples/customers.csv'],
    job: { table: 'customers', status: 'completed', totalRows: 30, successCount: 18, failedCount: 12 },
    report: 'rowNumber,name,email,phone,company,error',
  },
];
/** `csvjobs upload --watch`: the job is done, and some of its rows were rejected. */
const DONE_WITH_REJECTS = 3;
const START_PATIENCE = 60_000;
const STOP_PATIENCE = 30_000;

/** Every child that runs, for a signal in the middle. */
const children = new Set();
let folder;
let stopping;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, async () => {
    console.error(`\n${signal}: stopping what was started`);
    await stop();
    process.exit(128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[signal]);
  });
}

try {
  await setup();
  folder = mkdtempSync(join(tmpdir(), 'csvjobs-quickstart-'));
  const url = await startDaemon();
  await step('quickstart: a table to load into', createTable);
  for (const sample of SAMPLES) await tour(url, sample);
  await step('quickstart: stop', stop);
  console.log(`quickstart: all as expected. Now your turn: see README.md.`);
} catch (error) {
  // A signal ends the children, and with them what was waited for: that is no failure to tell.
  if (stopping === undefined) {
    fail(error);
    await stop();
  }
}

/** The three commands, and whether what they did is what the sample must give. */
async function tour(url, sample) {
  const upload = await csvjobs(url, ['upload', ...sample.upload, '--watch']);
  expect('the exit code of upload', upload.code, DONE_WITH_REJECTS);

  const token = readFileSync(join(folder, 'data/token'), 'utf8').trim();
  const headers = { Authorization: `Bearer ${token}` };
  const jobs = await (await fetch(`${url}/api/jobs`, { headers })).json();
  expect('the number of jobs', jobs.length, SAMPLES.indexOf(sample) + 1);
  for (const [field, value] of Object.entries(sample.job)) expect(`the job's ${field}`, jobs[0][field], value);
  const { id } = jobs[0];

  const list = await csvjobs(url, ['list']);
  expect('the exit code of list', list.code, 0);
  if (!list.output.includes(id.slice(0, 8)))
    throw new StepError(`\`csvjobs list\` does not show the job ${id}.`);

  const errors = await csvjobs(url, ['errors', id]);
  expect('the exit code of errors', errors.code, 0);
  // The values of a rejected record may have line ends; a record's own line begins with its number.
  const lines = errors.stdout.replace(/^\uFEFF/, '').split(/\r?\n/);
  expect('the header of the error report', lines[0], sample.report);
  expect(
    'the rows of the error report',
    lines.filter((line) => /^\d+,/.test(line)).length,
    sample.job.failedCount,
  );
}

/** Runs the SQL of the table in the private PostgreSQL, whose socket's folder is the fifth line of its pid file. */
async function createTable() {
  // Not at the top: it is installed by then.
  const { default: pg } = await import('pg');
  const host = readFileSync(join(folder, 'data/postgres/data/postmaster.pid'), 'utf8').split('\n')[4];
  const client = new pg.Client({ host, port: 5432, user: 'postgres', database: 'csv_app' });
  await client.connect();
  await client.query(readFileSync(join(root, TABLE_SQL), 'utf8'));
  await client.end();
}

/** Runs the command line on the daemon and shows both. A terminal is handed through where that is enough. */
async function csvjobs(url, args) {
  console.log(`\n$ csvjobs ${args.join(' ')}`);
  const live = args[0] === 'upload' && process.stdout.isTTY;
  const child = track(
    spawn(process.execPath, [join(root, 'packages/cli/bin/csvjobs.cjs'), ...args], {
      cwd: root,
      // The command line finds the daemon's token in its data folder; what the user has configured is for another.
      env: {
        ...process.env,
        CSVJOBS_TOKEN: '',
        XDG_CONFIG_HOME: folder,
        CSVJOBS_URL: url,
        DATA_DIR: join(folder, 'data'),
      },
      stdio: live ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    }),
  );
  let output = '';
  let stdout = '';
  for (const name of ['stdout', 'stderr']) {
    child[name]?.setEncoding('utf8').on('data', (text) => {
      process.stdout.write(text);
      output += text;
      if (name === 'stdout') stdout += text;
    });
  }
  const code = await ended(child);
  console.log(code === 0 ? '' : `(exit code ${code})\n`);
  return { code, output, stdout };
}

function expect(what, found, wanted) {
  if (found !== wanted) throw new StepError(`Not as expected: ${what} is ${found}, and should be ${wanted}.`);
}

/** Starts the daemon on its embedded default and waits until it takes work. Gives its URL. */
async function startDaemon() {
  const log = join(folder, 'daemon.log');
  let url;
  await step('quickstart: daemon, PostgreSQL and Redis', async () => {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      const daemon = spawnDaemon(port, log);
      url = `http://127.0.0.1:${port}`;
      if (await isReady(daemon, url)) return url;
      const said = readFileSync(log, 'utf8');
      // Somebody else took the port between our looking and the daemon's listening.
      if (said.includes('EADDRINUSE') && attempt < 3) continue;
      throw new StepError(`The daemon did not become ready. What it said last:\n${said.slice(-4000)}`);
    }
  });
  return url;
}

function spawnDaemon(port, log) {
  // Its own servers and folders, whatever the environment has for another daemon. A Redis of yours is used only
  // where there is no program for a private one.
  const env = { ...process.env };
  const foreign = /^(DATABASE_URL|DB_\w+|UPLOAD_DIR|DATA_DIR|API_\w+|ALLOWED_HOSTS)$/;
  for (const name of Object.keys(env)) if (foreign.test(name)) delete env[name];
  if (redisOnPath() !== undefined)
    for (const name of ['REDIS_URL', 'REDIS_HOST', 'REDIS_PORT']) delete env[name];
  Object.assign(env, { API_HOST: '127.0.0.1', API_PORT: String(port), DATA_DIR: join(folder, 'data') });
  const output = openSync(log, 'a');
  try {
    return track(
      spawn(process.execPath, [join(root, 'packages/daemon/dist/main.js')], {
        cwd: folder,
        env,
        stdio: ['ignore', output, output],
      }),
    );
  } finally {
    closeSync(output);
  }
}

async function isReady(daemon, url) {
  const deadline = Date.now() + START_PATIENCE;
  while (Date.now() < deadline && daemon.exitCode === null && daemon.signalCode === null) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return true;
    await pause(50);
  }
  return false;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function track(child) {
  children.add(child);
  child.once('error', () => children.delete(child));
  child.once('close', () => children.delete(child));
  return child;
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
}

/** Ends what runs and removes the folder. Again and again is the same as once. */
function stop() {
  stopping ??= (async () => {
    await Promise.all(
      [...children].map(async (child) => {
        const gone = ended(child);
        child.kill('SIGTERM');
        const late = setTimeout(() => {
          console.error(`Process ${child.pid} did not stop within ${STOP_PATIENCE / 1000} s and was killed.`);
          process.exitCode = 1;
          child.kill('SIGKILL');
        }, STOP_PATIENCE);
        await gone.catch(() => {});
        clearTimeout(late);
      }),
    );
    if (folder === undefined) return;
    endServers();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  })();
  return stopping;
}

/** A daemon that was killed leaves its servers behind; their pid files lie in the folder that only this run has. */
function endServers() {
  for (const file of ['data/postgres/data/postmaster.pid', 'data/redis/redis.pid']) {
    try {
      process.kill(Number.parseInt(readFileSync(join(folder, file), 'utf8'), 10), 'SIGQUIT');
    } catch {} // no such file, no such process: as it should be
  }
}
