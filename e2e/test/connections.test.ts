/** Daemons have as many connections to Redis, and at most as many to PostgreSQL, as docs/scaling.md says. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sized } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { makeCustomers } from '../support/customers.js';
import { openPlace } from '../support/place.js';

const LANES = 4;
const CONCURRENCY = 2;
/** For the pool of a process. */
const POOL = 10;
/** Other tests use the same Redis, and its database 0. */
const DATABASE = 7;

test.each(['api', 'worker', 'all'])('--role %s', { tags: ['sized'] }, async (role) => {
  const page = await readFile(resolve(import.meta.dirname, '../../docs/scaling.md'), 'utf8');
  const row = new RegExp(`^\\| \`--role ${role}\` \\| (.*) \\| (\\d+) \\|$`, 'm').exec(page)!;
  const place = await openPlace();
  onTestFinished(() => place.close());
  const looking = await place.redis.client();
  const toRedis = async () =>
    String(await looking.client('LIST'))
      .split('\n')
      .filter((line) => line.includes(` db=${DATABASE} `)).length;
  const daemon = await place.start(
    {
      REDIS_URL: `${place.environment.REDIS_URL}?db=${DATABASE}`,
      WORKER_LANES: String(LANES),
      WORKER_CONCURRENCY: String(CONCURRENCY),
      BATCH_ROWS: '1000',
    },
    '--role',
    role,
  );
  await expect.poll(toRedis).toBe(Number(row[2]));
  expect(row[1]).toMatch(/^10\b|^the same/);
  if (role !== 'all') return;

  for (const mark of ['a', 'b', 'c']) {
    const file = join(place.folder, `${mark}.csv`);
    await writeFile(file, makeCustomers(sized(4_000, 20_000), 0.05).text.replaceAll('@', `${mark}@`));
    expect((await csvjobs(daemon.url, 'upload', file)).code).toBe(0);
  }
  let most = 0;
  const count = async (sql: string) => Number((await place.database.pool.query(sql)).rows[0].n);
  await expect
    .poll(
      async () => {
        const backends = `from pg_stat_activity where datname = current_database() and application_name like 'csvjobs%'`;
        most = Math.max(most, await count(`select count(*) as n ${backends}`));
        return count(`select count(*) as n from jobs where status = 'completed'`);
      },
      { interval: 20 },
    )
    .toBe(3);
  // This test's own pool has that name too.
  expect(most).toBeLessThanOrEqual(2 * POOL + CONCURRENCY * (LANES + 1 + 2));
  expect(await toRedis()).toBe(Number(row[2]));
});
