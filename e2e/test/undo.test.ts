/** Undoing a job with the real command line and daemon: confirmed on a terminal, with its rows before and its retry after. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainText, startOnTerminal } from '../../packages/cli/test/spawn.js';
import { csvjobs } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let url: string;
beforeAll(async () => {
  place = await openPlace();
  ({ url } = await place.start());
});
afterAll(() => place.close());

const run = (...args: string[]) => csvjobs(url, ...args);
const customers = async () =>
  (await place.database.pool.query('select count(*) as n from customers')).rows[0].n;

test('rows, a dry run, a no, a yes, and the file once more', async () => {
  const file = join(place.folder, 'customers.csv');
  const lines = Array.from({ length: 100 }, (_, at) => `N${at},c${at}@example.org,,C\n`);
  await writeFile(file, `name,email,phone,company\n${lines.join('')}bad,bad,,C\n`);
  const id = (await run('upload', file, '--watch', '--quiet')).stdout.trim();
  const rows = await run('rows', id, '--format', 'ndjson');
  const emails = rows.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).email);
  expect(emails.sort()).toEqual(lines.map((_, at) => `c${at}@example.org`).sort());

  await place.database.pool.query(`update customers set name = 'kept' where email like 'c1_@%'`);
  const dry = await run('undo', id, '--dry-run');
  expect(dry).toMatchObject({ code: 0, stdout: '90 rows  removed\n10 rows  left, changed since\n' });
  expect(await customers()).toBe(100);

  for (const [answer, left, code] of [
    ['n', 100, 2],
    ['y', 10, 0],
  ] as const) {
    const asked = startOnTerminal(['undo', id], { env: { CSVJOBS_URL: url }, columns: 200 });
    await asked.until((printed) => printed.includes('[y/N]'));
    expect(plainText(asked.stdout())).toContain('90 rows  removed');
    asked.child.stdin?.write(`${answer}\n`);
    expect((await asked.ended).code).toBe(code);
    expect(await customers()).toBe(left);
  }
  // Rows changed since are left for another undo; they still belong to no other job.
  expect(await run('undo', id, '--yes')).toMatchObject({
    code: 5,
    stdout: expect.stringContaining('10 rows  left, changed since'),
    stderr: expect.stringContaining('Nothing was undone'),
  });
  expect((await run('watch', id, '--quiet')).code).toBe(5);

  // The changed rows still have their e-mails.
  expect((await run('retry', id)).code).toBe(0);
  expect((await run('watch', id, '--quiet')).code).toBe(3);
  const job = JSON.parse((await run('show', id, '--json')).stdout);
  expect(job).toMatchObject({ status: 'completed', successCount: 90, failedCount: 11 });
  expect(job.undone).toBeUndefined();
  expect((await run('undo', id, '--yes', '--json')).stdout).toContain('"removed":90');
  expect(await customers()).toBe(10);
});
