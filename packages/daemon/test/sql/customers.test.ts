/** Which rows of a batch of customers are inserted, which are rejected, and which row is named as the one with their e-mail. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { findClaimed, hasMoreColumns, insertRemaining, rowsWithEmails } from '../../src/sql/customers.js';
import { openSession, openStaging } from '../../src/sql/lanes.js';
import type { Client } from '../../src/sql/pool.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { waitingJob } from './support/processing.js';

let db: TestDatabase;
let job: string;
beforeAll(async () => {
  db = await createDatabase();
});
beforeEach(async () => {
  await db.plain('truncate customers cascade');
  job = await waitingJob(db.pool);
});
afterAll(() => db.drop());

/** A lane's session in a transaction, with these e-mails staged. */
async function staged(...rows: [row: number, email: string][]): Promise<Client> {
  const settings = { job, attempt: 1, skipForeignKey: false, whole: false, silenceMs: 120_000 };
  const { client, close } = await openSession(db.connection, settings);
  onTestFinished(close);
  await client.query('begin');
  await openStaging(client, 'suspect');
  for (const [row, email] of rows)
    await client.query(
      `insert into staged_suspect (id, job_id, row_number, name, email, company) values ($1, $2, $3, 'N', $4, 'C')`,
      [randomUUID(), job, row, email],
    );
  return client;
}

async function known(email: string, row: number, of = job): Promise<void> {
  await db.pool.query(
    `insert into customers (job_id, row_number, name, email, company) values ($1, $2, 'N', $3, 'C')`,
    [of, row, email],
  );
}

/** A table that inherits from customers, for the rest of a test: the unique index does not cover it, so it has no say. */
async function knownToChild(email: string): Promise<void> {
  await db.plain('create table more () inherits (customers)');
  onTestFinished(() => db.plain('drop table more').then(() => {}));
  await db.pool.query(
    `insert into more (id, job_id, row_number, name, email, company) values (gen_random_uuid(), $1, 1, 'N', $2, 'C')`,
    [job, email],
  );
}

const stored = async (client: Client) =>
  (
    await client.query<{ row: number; email: string }>(
      'select row_number as row, email from only customers order by ctid',
    )
  ).rows.map(({ row, email }) => [row, email]);

test('rows whose e-mail is known are rejected in file order, with the row of their file that has it', async () => {
  await known('a@x.org', 3);
  await known('b@x.org', 4, await waitingJob(db.pool));
  await knownToChild('c@x.org');
  const client = await staged([8, 'b@x.org'], [9, 'c@x.org'], [7, 'A@x.org'], [6, 'd@x.org']);
  expect(await findClaimed(client, 'suspect')).toEqual([
    { rowNumber: 7, winner: 3 },
    { rowNumber: 8, winner: null },
  ]);
  expect(await insertRemaining(client, 'suspect', 2)).toEqual({ inserted: 2, rejected: [] });
  expect((await client.query('select row_number as n from only customers order by n')).rows).toEqual(
    [3, 4, 6, 9].map((n) => ({ n })),
  );
});

test('of several rows with an e-mail the first in the file is inserted; the others are rejected', async () => {
  await knownToChild('b@x.org');
  const client = await staged([9, 'a@x.org'], [7, 'a@x.org'], [8, 'b@x.org'], [6, 'c@x.org']);
  expect(await findClaimed(client, 'suspect')).toEqual([]);
  expect(await insertRemaining(client, 'suspect', 4)).toEqual({
    inserted: 3,
    rejected: [{ rowNumber: 9, winner: 7 }],
  });
  expect(await stored(client)).toEqual([
    [6, 'c@x.org'],
    [7, 'a@x.org'],
    [8, 'b@x.org'],
  ]);
});

test('a row that loses to one inserted meanwhile by another job is rejected, without a row of its file', async () => {
  const client = await staged([1, 'a@x.org'], [2, 'b@x.org']);
  await findClaimed(client, 'suspect');
  await known('a@x.org', 5, await waitingJob(db.pool));
  expect(await insertRemaining(client, 'suspect', 2)).toEqual({
    inserted: 1,
    rejected: [{ rowNumber: 1, winner: null }],
  });
});

test('the rows of a job with some e-mails are found in the order of the question', async () => {
  await known('a@x.org', 3);
  await known('b@x.org', 4, await waitingJob(db.pool));
  await known('c@x.org', 5);
  const client = await staged();
  expect(await rowsWithEmails(client, job, ['c@x.org', 'b@x.org', 'd@x.org', 'A@x.org'])).toEqual([
    5,
    null,
    null,
    3,
  ]);
});

test('only a column that exists and is none of ours counts as one more', async () => {
  expect(await hasMoreColumns(db.pool)).toBe(false);
  await db.plain('alter table customers add column more text');
  expect(await hasMoreColumns(db.pool)).toBe(true);
  await db.plain('alter table customers drop column more');
  expect(await hasMoreColumns(db.pool)).toBe(false);
});
