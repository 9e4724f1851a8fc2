/** The memory of the real daemon over several loads, of which each needs batches of its own. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { peakBytes } from '../../packages/daemon/test/support/peakMemory.js';
import { csvjobs } from '../support/cli.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

const ROWS = 400_000;
const LOADS = 8;
const MiB = 2 ** 20;
/** A load needs some 150 MiB besides the daemon's own. Batches that stayed after each would make 400 more. */
const MOST = 400 * MiB;

let place: Place;
let daemon: RunningDaemon;
beforeAll(async () => {
  place = await openPlace();
  daemon = await place.start({ TARGET_TABLES: 'public.*', LOG_LEVEL: 'info' });
});
afterAll(() => place.close());

test('loads without a change, one after another, leave no memory behind', LONG, async () => {
  await place.database.pool.query(`create table item (id int primary key, name text, price numeric(10,2), note text);
    insert into item select n, 'the name of item ' || n, n % 1000, 'a note of no interest' from generate_series(1, ${ROWS}) n;
    analyze item`);
  const lines = Array.from({ length: ROWS }, (_, at) => {
    const n = at + 1;
    return `${n},the name of item ${n},${n % 1000}.00,a note of no interest\n`;
  });
  const file = join(place.folder, 'item.csv');
  await writeFile(file, `id,name,price,note\n${lines.join('')}`);
  for (let load = 0; load < LOADS; load++) {
    const args = ['upload', file, '--into', 'item', '--on-conflict', 'update', '--watch', '--again'];
    const done = await csvjobs(daemon.url, ...args, '--progress', 'plain');
    expect(done.stderr).toContain('400,000 unchanged');
  }
  expect(peakBytes(daemon.process.pid!)).toBeLessThan(MOST);
});
