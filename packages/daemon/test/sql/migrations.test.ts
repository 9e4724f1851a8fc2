import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPostgres } from '../../../../scripts/postgresVersions.mjs';
import { deleteJob } from '../../src/sql/deletedJobs.js';
import { findJob } from '../../src/sql/jobs.js';
import { migrate, migrationsFolder } from '../../src/sql/migrate.js';
import { connect } from '../../src/sql/pool.js';
import { ENTRIES, ENTRY } from '../../src/sql/undo/journal.js';
import { ON_NEWEST } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { dumpSchema } from '../support/schema.js';
import { startPostgres } from '../support/servers.js';
import { binariesOf, TESTED_VERSION } from '../support/versions.js';

const NAMES = readdirSync(migrationsFolder())
  .filter((file) => file.endsWith('.cjs'))
  .map((file) => file.replace(/\.cjs$/, ''))
  .sort();

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase({ empty: true });
});

afterAll(() => database.drop());

/** As many customers and rejects as jobs, jobs in every state. */
const FILL = `
  insert into jobs (id, filename, size_bytes, sha256, status, created_at, started_at, completed_at, total_rows,
    processed_rows, success_count, failed_count)
  select gen_random_uuid(), 'f' || n || '.csv', n, repeat('a', 64), status, at,
    case when status <> 'pending' then at + interval '2 seconds' end,
    case when status in ('completed', 'failed') then at + interval '5 seconds' end, 2, 2, 1, 1
  from generate_series(1, 200) n,
    lateral (select (array['pending', 'processing', 'completed', 'failed'])[n % 4 + 1] as status,
      timestamptz '2026-01-01' + n * interval '1 minute' as at) x;
  insert into customers (job_id, row_number, name, email, company)
  select id, 1, 'Name', filename || '@example.org', 'ACME' from jobs;
  insert into job_errors (job_id, row_number, line, code, message, row)
  select id, 2, 3, 'required', 'name is required', '{"email": "x"}' from jobs;`;

const counts = async () =>
  (
    await database.pool.query(
      'select (select count(*) from jobs) as jobs, (select count(*) from customers) as customers, (select count(*) from job_errors) as errors',
    )
  ).rows[0];

test('on a filled database every step goes up, down and up again; nothing is lost', ON_NEWEST, async () => {
  const { connection, pool } = database;
  // The schema of the first release, with data in it.
  await migrate(connection, { count: 3 });
  const first = await dumpSchema(pool);
  await pool.query(FILL);
  const before = await counts();
  expect(before).toEqual({ jobs: 200, customers: 200, errors: 200 });

  const schemas = [first];
  for (const name of NAMES.slice(3)) {
    expect((await migrate(connection, { count: 1 })).ran).toEqual([name]);
    schemas.push(await dumpSchema(pool));
    expect(await counts()).toEqual(before);
  }
  expect((await migrate(connection)).ran).toEqual([]);
  const { rows } = await pool.query(
    `select distinct queued_ms, loading_ms from jobs where status = 'completed'`,
  );
  expect(rows).toEqual([{ queued_ms: 2_000, loading_ms: 3_000 }]);

  // Older rejects are not counted by reason, and no counts are invented.
  const { rows: old } = await pool.query<{ id: string }>(
    'select id from jobs where failed_count > 0 limit 1',
  );
  expect(await findJob(pool, old[0]!.id)).not.toHaveProperty('reasons');

  // Rows that only the newest schema allows: a customer whose job is gone, one whose job is deleted, and two
  // jobs gone at once.
  await pool.query(`delete from jobs where filename = 'f2.csv'`);
  const deleted = await pool.query(`select id from jobs where filename in ('f3.csv', 'f7.csv')`);
  for (const { id } of deleted.rows) expect(await deleteJob(pool, id)).toBe(true);
  for (const name of NAMES.slice(3).reverse()) {
    schemas.pop();
    expect((await migrate(connection, { direction: 'down', count: 1 })).ran).toEqual([name]);
    expect(await dumpSchema(pool)).toBe(schemas.at(-1));
  }
  // The customers whose jobs were gone have a substitute.
  expect(await counts()).toEqual({ jobs: 198, customers: 200, errors: 197 });
  expect((await migrate(connection)).ran).toEqual(NAMES.slice(3));
});

test('kept versions of rows go into groups and back, in their order', ON_NEWEST, async () => {
  const own = await createDatabase({ empty: true });
  try {
    const { connection, pool } = own;
    const at = NAMES.indexOf('1700000000082_journal-groups');
    await migrate(connection, { count: at });
    const add = (was: string, before: string) =>
      pool.query(`insert into job_journal (job_id, was, key_columns, before)
        values ('00000000-0000-4000-8000-000000000001', ${was}, array['k'], ${before})`);
    for (const k of [1, 2, 3]) await add(String(k), `'(${k})'`);
    await migrate(connection, { count: 1 });
    await add('array[4, 5]', `array['(4)', '(5)']`);
    const entries = `select ${ENTRY} as entry, e.was, e.before from ${ENTRIES} order by 1`;
    const { rows: grouped } = await pool.query(entries);
    const kept = [1, 2, 3, 4, 5].map((k) => ({ was: k, before: `(${k})` }));
    expect(grouped).toMatchObject(kept);
    expect(new Set(grouped.map(({ entry }) => entry)).size).toBe(5);
    await migrate(connection, { direction: 'down', count: 1 });
    await add('6', `'(6)'`);
    const { rows } = await pool.query('select was, before from job_journal order by entry');
    expect(rows).toEqual([...kept, { was: 6, before: '(6)' }]);
  } finally {
    await own.drop();
  }
});

test('migrating down completely leaves nothing', async () => {
  const { connection, pool } = database;
  await migrate(connection, { direction: 'down', count: NAMES.length });
  expect(await dumpSchema(pool)).toBe('\n');
  await migrate(connection);
});

test.skipIf(TESTED_VERSION !== 18)(
  'migrations/schema.sql matches the migrations',
  { meta: { needs: 'PostgreSQL 18' } },
  async () => {
    const head =
      '-- What the migrations make of an empty database; written by npm run docs, for reading only.\n\n';
    await expect(head + (await dumpSchema(database.pool))).toMatchFileSnapshot(
      join(migrationsFolder(), 'schema.sql'),
    );
  },
);

test.skipIf(!hasPostgres('14'))(
  'PostgreSQL 14 is refused with its version and the required one, and nothing is created in it',
  { meta: { needs: 'PostgreSQL 14' }, ...ON_NEWEST },
  async () => {
    const server = await startPostgres({}, binariesOf('14'));
    try {
      await expect(migrate(server.connection)).rejects.toMatchObject({
        code: 'server_too_old',
        retryable: false,
        message: expect.stringMatching(/^this is PostgreSQL 14\.\d+.*; csvjobs needs 15 or newer/),
      });
      const client = await connect(server.connection, 'csvjobs tests');
      // Without our settings, some of which this version does not know.
      const { rows } = await client.bare(
        `select count(*)::int as count from pg_class where relnamespace = 'public'::regnamespace`,
      );
      await client.end();
      expect(rows).toEqual([{ count: 0 }]);
    } finally {
      await server.stop();
    }
  },
);

describe('e-mails of the first release', () => {
  /** One customer each; pg_c_utf8 distinguishes them, and finds none of the others. */
  const KEPT = ['a@BÜCHER.de', 'b@ΟΔΟΣ.gr', 'İ@x.de', 'K@\u212a.de', '\u{10d50}@x.de', 'b@οδος.gr'];
  const TAKEN = ['A@bücher.de', 'b@οδοσ.gr', 'i@X.de', 'k@k.de'];

  const emails = async () =>
    (await database.pool.query<{ email: string }>('select email from customers order by id')).rows.map(
      ({ email }) => email,
    );
  const insert = (email: string) =>
    database.pool.query(
      `insert into customers (id, name, email, company) values (gen_random_uuid(), 'N', $1, 'C')`,
      [email],
    );

  test.runIf(TESTED_VERSION >= 17)(
    'mean the same customers before and after, even if a view shows them',
    { meta: { needs: 'PostgreSQL 17' } },
    async () => {
      const { connection, pool } = database;
      await pool.query('delete from customers');
      const at = NAMES.indexOf('1700000000040_email-key');
      await migrate(connection, { direction: 'down', count: NAMES.length - at });
      await pool.query('create view seen as select email from customers');
      const refused = async () => {
        for (const email of TAKEN) await expect(insert(email), email).rejects.toThrow('customers_email_key');
      };
      for (const email of KEPT) await insert(email);
      await refused();
      const before = await emails();
      await migrate(connection);
      await refused();
      await migrate(connection, { direction: 'down', count: NAMES.length - at });
      await refused();
      await pool.query('drop view seen');
      await migrate(connection);
      await refused();
      expect(await emails()).toEqual(before);
      // No letter is folded further than before, so no two customers become one.
      const { rows } = await pool.query(
        `select to_hex(code) from generate_series(1, x'1ffff'::int) code, lateral (select chr(code) as letter) l
       where code not between x'd800'::int and x'dfff'::int
         and lower(csvjobs_email_key(letter) collate pg_c_utf8) <> lower(letter collate pg_c_utf8)`,
      );
      expect(rows).toEqual([]);
    },
  );

  test('are found by the index, in any spelling', async () => {
    const { rows } = await database
      .plain(
        `set enable_seqscan = off;
       explain select from customers where csvjobs_email_key(email) collate "C" = csvjobs_email_key('Ä@b.de') collate "C"`,
      )
      .then((results) => (results as unknown as { rows: Record<string, string>[] }[])[1]!);
    expect(Object.values(rows[0]!)[0]).toContain('customers_email_key');
  });
});

test('daemons that start together wait for the one that migrates', ON_NEWEST, async () => {
  const empty = await createDatabase({ empty: true });
  try {
    const ran = await Promise.all([1, 2, 3, 4].map(() => migrate(empty.connection)));
    expect(ran.map((each) => each.ran).filter((names) => names.length > 0)).toEqual([NAMES]);
  } finally {
    await empty.drop();
  }
});
