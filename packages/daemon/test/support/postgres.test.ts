import { expect, test } from 'vitest';
import { createDatabase } from './postgres.js';

test('each database is a separate migrated copy, and is gone once dropped', async () => {
  const [one, two, bare] = await Promise.all([
    createDatabase(),
    createDatabase(),
    createDatabase({ empty: true }),
  ]);
  await one.pool.query(
    `insert into jobs (id, filename, size_bytes, sha256) values (gen_random_uuid(), 'a', 1, 'b')`,
  );
  const count = async (pool: typeof one.pool) =>
    (await pool.query('select count(*) as n from jobs')).rows[0].n;
  expect(await count(one.pool)).toBe(1);
  expect(await count(two.pool)).toBe(0);
  await expect(count(bare.pool)).rejects.toThrow('does not exist');
  const names = [one, bare].map((db) => db.connection.database);
  await Promise.all([one.drop(), bare.drop()]);
  const left = await two.pool.query('select datname from pg_database where datname = any($1)', [names]);
  expect(left.rows).toEqual([]);
  await two.drop();
});
