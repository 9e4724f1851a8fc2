/**
 * The command line: how long it takes to start, as ratios to a bare `node -e 0`, and what drawing costs. Each round
 * runs all cases one after the other, so that what else the machine does meets all of them alike; medians are told.
 *
 *   npm run build && node bench/cli.mjs [--runs 25]
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { jobSummarySchema } from '../packages/shared/dist/index.js';

const MAIN = fileURLToPath(new URL('../packages/cli/bin/csvjobs.cjs', import.meta.url));
const { values } = parseArgs({ options: { runs: { type: 'string', default: '25' } } });

const jobs = Array.from({ length: 1_000 }, (_, index) => jobNumber(index));
const summaries = Buffer.from(JSON.stringify(jobs.map((job) => jobSummarySchema.parse(job))));
const server = createServer((request, response) => {
  if (request.url?.endsWith('/stream')) return stream(response);
  response.setHeader('content-type', 'application/json');
  response.end(request.url?.includes('summary=true') ? summaries : JSON.stringify(jobs[0]));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const env = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  CSVJOBS_URL: `http://127.0.0.1:${server.address().port}`,
};

const cases = {
  node: ['-e', '0'],
  '--version': [MAIN, '--version'],
  '--help': [MAIN, '--help'],
  'show <id>': [MAIN, 'show', jobs[0].id],
  'list, 1,000 jobs': [MAIN, 'list'],
};
const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let round = 0; round < Number(values.runs); round++)
  for (const [name, args] of Object.entries(cases)) times[name].push(await run(args));
const bare = median(times.node);
for (const [name, taken] of Object.entries(times))
  console.log(
    `${name.padEnd(18)} ${median(taken).toFixed(0).padStart(4)} ms  ${(median(taken) / bare).toFixed(2)}`,
  );

// The live view of a job that tells of progress ten times a second: 12 s of it less 2 s, so that loading is left out.
jobs[0] = { ...jobs[0], status: 'processing', completedAt: null };
const drawn = (await cpuOf('12s')) - (await cpuOf('2s'));
console.log(`drawing            ${((100 * drawn) / 10).toFixed(1)} % of a core`);
server.close();
server.closeAllConnections();

async function run(args) {
  const started = performance.now();
  // Not spawnSync: the server has to answer meanwhile.
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  return performance.now() - started;
}

/** CPU seconds of watching for so long, on a terminal. */
async function cpuOf(time) {
  const watch = `'${process.execPath}' '${MAIN}' watch ${jobs[0].id} --timeout ${time} --progress tty`;
  const script = `stty cols 100 rows 30; TIMEFORMAT='cpu %U %S'; time ${watch}`;
  const child = spawn('script', ['-qec', `bash -c "${script}"`, '/dev/null'], {
    env: { ...env, TERM: 'xterm-256color' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text;
  });
  await once(child, 'exit');
  const [, user, system] = /cpu ([\d.]+) ([\d.]+)/.exec(printed) ?? [];
  return Number(user) + Number(system);
}

/** A job on its way, ten events a second. */
function stream(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const { id: jobId } = jobs[0];
  let rows = 0;
  const timer = setInterval(() => {
    rows += 997;
    const counts = { processedRows: rows, totalRows: 1_000_000, successCount: rows - 7, failedCount: 7 };
    response.write(`data: ${JSON.stringify({ jobId, ...counts, status: 'processing' })}\n\n`);
  }, 100);
  response.on('close', () => clearInterval(timer));
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}

function jobNumber(index) {
  const at = new Date(Date.now() - index * 60_000).toISOString();
  return {
    ...{ id: randomUUID(), filename: `customers-${index}.csv`, status: 'completed' },
    ...{ totalRows: 1_000, processedRows: 1_000, successCount: 998, failedCount: 2 },
    errors: [1, 2].map((rowNumber) => ({
      rowNumber,
      message: 'company is required',
      row: { name: 'A', email: 'a@b.co', phone: '', company: '' },
    })),
    ...{
      createdAt: at,
      startedAt: at,
      completedAt: at,
      sizeBytes: 76_000,
      sha256: 'a'.repeat(64),
      attempt: 1,
    },
    source: { encoding: 'utf-8', delimiter: ',', compression: 'none' },
    ...{ notices: [], timings: { queuedMs: 12, readingMs: 80, loadingMs: 400 }, failure: null },
  };
}
