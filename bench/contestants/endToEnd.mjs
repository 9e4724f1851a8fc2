/** csvjobs as a person uses it: `csvjobs upload --watch` from its start to its exit, against a running daemon. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peakRssMiB, runTimed } from '../processes.mjs';

const program = (path) => fileURLToPath(new URL(`../../packages/${path}/dist/main.js`, import.meta.url));
const PATIENCE_MS = 60_000;

/**
 * Starts a daemon on the benchmark's PostgreSQL with a private Redis; it must be closed. `lanes` where not the default; `args` as on
 * its command line.
 */
export async function startDaemon({ connection, folder }, lanes, environment = {}, args = []) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [program('daemon'), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...plainEnvironment(),
      API_PORT: String(port),
      DB_HOST: connection.host,
      DB_PORT: String(connection.port),
      DB_USER: connection.user,
      DB_NAME: connection.database,
      DATA_DIR: join(folder, 'daemon'),
      LOG_LEVEL: 'warn',
      ...(lanes === undefined ? {} : { WORKER_LANES: String(lanes) }),
      ...environment,
    },
  });
  const ended = once(child, 'exit');
  await untilReady(url, child);
  return {
    url,
    pid: child.pid,
    peakRssMiB: () => peakRssMiB(child.pid),
    async close() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Exit code of the command line when the job is completed but rows were rejected. */
const REJECTED_ROWS = 3;

/** Seconds from the start of the command line to its exit. Rejected rows are not an error here. `into` where not customers. */
export async function load({ daemon, file, into }) {
  const table = into === undefined ? [] : ['--into', into];
  return await runTimed(process.execPath, [program('cli'), 'upload', file, ...table, '--watch'], {
    accept: [0, REJECTED_ROWS],
    env: { ...plainEnvironment(), CSVJOBS_URL: daemon.url },
  });
}

/** Answer times of GET /api/jobs until `until` settles, one request after the other: the 99th percentile in ms. */
export async function apiP99(daemon, until) {
  let over = false;
  const finished = until.finally(() => {
    over = true;
  });
  const times = [];
  while (!over) {
    const started = performance.now();
    const response = await fetch(`${daemon.url}/api/jobs`);
    await response.arrayBuffer();
    times.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await finished;
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)];
}

/** Nothing of the caller's configuration may reach what is measured. */
function plainEnvironment() {
  const { PATH, HOME } = process.env;
  return { PATH, HOME };
}

async function freePort() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilReady(url, child) {
  const deadline = Date.now() + PATIENCE_MS;
  while (true) {
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`);
    if (Date.now() > deadline)
      throw new Error(`the daemon at ${url} is not ready after ${PATIENCE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
