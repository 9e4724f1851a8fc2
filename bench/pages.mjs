/** What a page of the list of jobs costs with 100 jobs in the table, and with 100,000: the same, or it would not scale. */
import { startDaemon } from './contestants/endToEnd.mjs';
import { median } from './results.mjs';
import { sql } from './server.mjs';

const FEW = 100;
const MANY = 100_000;
const REQUESTS = 300;

/** Pages of a hundred jobs, and where in the table they are. */
const PAGES = {
  newest: () => '?limit=100',
  middle: (cursor) => `?limit=100&cursor=${cursor}`,
  'a rare status': () => '?limit=100&status=failed',
};

/**
 * Each page with many jobs as a multiple of the newest one with few, the rounds' medians. Few and many take turns, so
 * that what else the machine does meets both.
 * @returns { 'newest': 1.02, … }
 */
export async function measurePages(server, { runs, say }) {
  const { connection } = server;
  const daemon = await startDaemon(server);
  const ratios = Object.fromEntries(Object.keys(PAGES).map((name) => [name, []]));
  try {
    for (let round = 1; round <= runs; round++) {
      await fill(connection, FEW);
      const few = await timeOf(`${daemon.url}/api/jobs?limit=100`);
      await fill(connection, MANY);
      const cursor = await middle(connection);
      for (const [name, query] of Object.entries(PAGES)) {
        const many = await timeOf(`${daemon.url}/api/jobs${query(cursor)}`);
        ratios[name].push(many / few);
        say(
          `round ${round} pages ${name}: ${few.toFixed(2)} ms of ${FEW} jobs, ${many.toFixed(2)} ms of ${MANY}`,
        );
      }
    }
  } finally {
    await daemon.close();
  }
  return Object.fromEntries(Object.entries(ratios).map(([name, values]) => [name, median(values)]));
}

/** So many jobs that have ended, each with ten rejects in its preview; of each thousand, one has failed. */
async function fill(connection, jobs) {
  await sql(
    connection,
    'truncate customers, job_errors, jobs cascade',
    `insert into jobs (id, filename, size_bytes, sha256, status, created_at, completed_at, errors)
     select gen_random_uuid(), 'customers-' || n || '.csv', n, repeat('a', 64),
       case when n % 1000 = 0 and ${jobs} > 1000 then 'failed' else 'completed' end,
       timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-01-01' + n * interval '1 second',
       (select jsonb_agg(jsonb_build_object('rowNumber', r, 'message', 'name is required', 'row',
         jsonb_build_object('name', '', 'email', 'x@example.org', 'company', 'ACME'))) from generate_series(1, 10) r)
     from generate_series(1, ${jobs}) n`,
    'vacuum analyze jobs',
  );
}

/** The cursor of the page in the middle, as the header Link has it. */
async function middle(connection) {
  const [{ at, id }] = await sql(
    connection,
    'select created_at::text as at, id from jobs order by created_at desc, id desc offset 50000 limit 1',
  );
  return Buffer.from(`${at}|${id}`).toString('base64url');
}

/** The median time of an answer, in milliseconds, one request after the other; a page must be full. */
async function timeOf(url) {
  const times = [];
  for (let n = 0; n < REQUESTS; n++) {
    const started = performance.now();
    const page = await (await fetch(url)).json();
    times.push(performance.now() - started);
    if (page.length !== 100) throw new Error(`${url} has ${page.length} jobs`);
  }
  return median(times);
}
