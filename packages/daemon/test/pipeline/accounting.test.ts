/** A lost record is never counted as good or done: the batch, or the job, is refused instead. */
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { findJob } from '../../src/sql/jobs.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type Loading, openLoading } from './support/loading.js';

let loading: Loading;
let database: TestDatabase;

beforeAll(async () => {
  loading = await openLoading();
});
afterAll(() => loading.close());
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

const file = (lines: string[]) => Buffer.from(['name,email,company', ...lines].join('\n'));
const GOOD = 'Ann,ann@b.co,Acme';

/** A user's trigger that drops some rows of a table without an error. */
const takeAway = (table: string, when: string) =>
  database.pool.query(`
    create function take_away() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger take_away before insert on ${table} for each row when (${when}) execute function take_away()`);

describe('rows missing after PostgreSQL accepted them: rows_do_not_add_up, and nothing of the batch stays', () => {
  test.each([
    ['copied straight', 'customers', `new.name = 'Lost'`, [GOOD, 'Lost,lost@b.co,Acme']],
    // Non-ASCII addresses are looked up before the insert.
    ['looked up first', 'customers', `new.name = 'Lost'`, [GOOD, 'Lost,lost@münchen.de,Acme']],
    [
      'staged after a collision',
      'customers',
      `new.name = 'Lost'`,
      [GOOD, 'Bob,known@b.co,Acme', 'Lost,l@b.co,A'],
    ],
    ['rejected', 'job_errors', `new.row ->> 'name' = 'Lost'`, [GOOD, 'Lost,,Acme']],
  ])('%s', async (_, table, when, lines) => {
    const known = await loading.makeJob(database.pool, file(['Known,known@b.co,Acme']));
    await loading.load(database, known, 1);
    await takeAway(table, when);
    const id = await loading.makeJob(database.pool, file(lines));
    const load = loading.load(database, id, 1);
    await expect(load).rejects.toMatchObject({ code: 'rows_do_not_add_up', retryable: true });
    expect(await findJob(database.pool, id)).toMatchObject({ status: 'processing', processedRows: 0 });
    const { rows } = await database.pool.query(
      'select (select count(*) from customers) as customers, (select count(*) from job_errors) as rejects',
    );
    expect(rows).toEqual([{ customers: 1, rejects: 0 }]);
  });
});

test('an inheritance child of customers, which the unique index does not cover, has no say in who is known', async () => {
  const known = await loading.makeJob(database.pool, file(['Known,known@b.co,Acme']));
  await loading.load(database, known, 1);
  await database.pool.query(`create table children () inherits (customers);
    insert into children (name, email, company) values ('A', 'known@b.co', 'C'), ('B', 'known@b.co', 'C'), ('D', 'new@b.co', 'C')`);
  const id = await loading.makeJob(
    database.pool,
    file([GOOD, 'Bob,known@b.co,Acme', 'New,new@b.co,Acme', 'Again,NEW@b.co,Acme']),
  );
  await loading.load(database, id, 1);
  expect(await findJob(database.pool, id)).toMatchObject({
    status: 'completed',
    successCount: 2,
    failedCount: 2,
  });
});

describe('a file that changed between survey and load: records_unaccounted', () => {
  const lines = Array.from({ length: 30 }, (_, at) => `Ann,ann${at}@b.co,Acme`);

  const few = lines.slice(0, 20);
  const shorten = (line: string, at: number) => (at < 9 ? line.replace('Ann', 'A') : line);

  // Same size and modification time: only its records show that the file changed.
  it.each([
    ['fewer records', [...few.slice(0, -1), few.at(-1) + 'x'.repeat(missing(lines, few))], 20],
    ['more records', [...lines.map(shorten), 'Bob,bob@b.co,Acme'], 31],
  ])('%s', async (_, changed, processed) => {
    const id = await loading.makeJob(database.pool, file(lines));
    const path = join(loading.folder, id);
    expect(file(changed).length).toBe(file(lines).length);
    utimesSync(path, 1e9, 1e9);
    const publish = ({ processedRows }: Progress) => {
      // The survey is done, and the load has read nothing yet.
      if (processedRows !== 0) return;
      writeFileSync(path, file(changed));
      utimesSync(path, 1e9, 1e9);
    };
    const load = loading.load(database, id, 1, { publish });
    await expect(load).rejects.toMatchObject({
      code: 'records_unaccounted',
      retryable: false,
      message: expect.stringContaining(`the file has 30 records but ${processed} were processed`),
    });
    expect(await findJob(database.pool, id)).toMatchObject({ status: 'processing' });
  });
});

function missing(lines: string[], others: string[]): number {
  return file(lines).length - file(others).length;
}
