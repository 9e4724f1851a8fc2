/** Connections of the pool that PostgreSQL ends while they are idle (idle_session_timeout of the role): no request notices. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, transaction } from '../../src/sql/pool.js';
import { ON_NEWEST } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

/** Waits until PostgreSQL has no session of this name, and meanwhile keeps this process from noticing that it ends them. */
function blockUntilGone(name: string): void {
  const script = `const { Client } = require('pg');
    const [connection, name] = process.argv.slice(1);
    (async () => {
      const client = new Client(JSON.parse(connection));
      await client.connect();
      for (let left = 1; left > 0; )
        [{ left }] = (await client.query('select count(*)::int as left from pg_stat_activity where application_name = $1', [name])).rows;
      await client.end();
    })();`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['-e', script, JSON.stringify(db.connection), name],
    {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    },
  );
  expect(status, stderr).toBe(0);
}

test('a statement and a transaction take another connection', ON_NEWEST, async () => {
  const name = `idle ${randomUUID()}`;
  // On a busy machine a new connection may wait for its first statement too.
  const options = '-c idle_session_timeout=700ms';
  const pool = createPool({ ...db.connection, application_name: name, options, max: 3 }, () => {});
  const ask = () =>
    pool.query<{ one: number }>('select $1::int as one', [1]).then(({ rows }) => rows[0]!.one);
  try {
    await Promise.all([ask(), ask(), ask()]);
    expect(pool.totalCount).toBe(3);
    blockUntilGone(name);
    expect(await ask()).toBe(1);
    await Promise.all([ask(), ask(), ask()]);
    blockUntilGone(name);
    expect(await transaction(pool, async (client) => (await client.query('select 2 as two')).rows)).toEqual([
      { two: 2 },
    ]);
  } finally {
    await pool.end();
  }
});
