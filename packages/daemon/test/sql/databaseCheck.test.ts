/**
 * Databases in which csvjobs cannot work, each with its message and nothing changed; and unusual ones in
 * which it can.
 */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { asFailure } from '../../src/failure.js';
import { migrate } from '../../src/sql/migrate.js';
import { createPool } from '../../src/sql/pool.js';
import { createDatabase, onPlain, type TestDatabase } from '../support/postgres.js';
import { startPostgres } from '../support/servers.js';

let database: TestDatabase;
const roles: string[] = [];

afterEach(async () => {
  const { host, port, user } = database.connection;
  await database.drop();
  for (const role of roles.splice(0))
    await onPlain({ host, port, user, database: 'postgres' }, `drop role ${role}`);
});

/** A role that may only log in, with default rights. Returns its name and connection settings. */
async function makeRole(options = '') {
  const role = `role_${randomBytes(6).toString('hex')}`;
  await database.plain(`create role ${role} login ${options}`);
  roles.push(role);
  return { role, connection: { ...database.connection, user: role } };
}

/** The message of a start. */
async function refusal(connection: Parameters<typeof migrate>[0]) {
  const thrown = await migrate(connection).then(
    () => undefined,
    (error) => error,
  );
  const { code, message, retryable } = asFailure(thrown);
  return { code, message, retryable };
}

const relations = async () => {
  const { rows } = await database.plain(
    `select relname from pg_class where relnamespace not in (select oid from pg_namespace where nspname ~ '^(pg_|information)')
     order by 1`,
  );
  return rows.map(({ relname }) => relname);
};

describe('refused, and nothing is changed', () => {
  test('an encoding other than UTF8', async () => {
    database = await createDatabase({ encoding: 'SQL_ASCII' });
    expect(await refusal(database.connection)).toEqual({
      code: 'database_unfit',
      retryable: false,
      message: expect.stringMatching(
        /is SQL_ASCII; csvjobs needs UTF8.*\n {2}create another one: create database csvjobs/,
      ),
    });
    expect(await relations()).toEqual([]);
  });

  test.each(['jobs', 'customers'])('a table %s of another application', async (name) => {
    database = await createDatabase({ empty: true });
    await database.plain(`create table ${name} (id int)`);
    expect(await refusal(database.connection)).toEqual({
      code: 'tables_taken',
      retryable: false,
      message: expect.stringMatching(
        new RegExp(
          `relations that csvjobs did not create: ${name}\n.*set DB_SCHEMA=csvjobs and start again`,
          's',
        ),
      ),
    });
    expect(await relations()).toEqual([name]);
  });

  test('migrations of another application', async () => {
    database = await createDatabase({ empty: true });
    await database.plain(`
      create table pgmigrations (id serial primary key, name varchar(255) not null, run_on timestamp not null);
      insert into pgmigrations (name, run_on) values ('1600000000000_invoices', now())`);
    expect(await refusal(database.connection)).toMatchObject({
      code: 'tables_taken',
      message: expect.stringContaining('did not create: pgmigrations'),
    });
  });

  test.each([
    ['a view', 'create view customers as select 1 as id', 'customers (view)'],
    ['a different pgmigrations', 'create table pgmigrations (version int)', 'pgmigrations'],
    ['a pgmigrations view', 'create view pgmigrations as select 1 as id', 'pgmigrations (view)'],
    ['a sequence', 'create sequence daemons', 'daemons (sequence)'],
  ])('%s of another application', async (_, sql, found) => {
    database = await createDatabase({ empty: true });
    await database.plain(sql);
    const before = await relations();
    const { code, message } = await refusal(database.connection);
    expect([code, message.split('\n')[0]]).toEqual([
      'tables_taken',
      `the schema public of the database ${database.connection.database} has relations that csvjobs did not create: ${found}`,
    ]);
    expect(await relations()).toEqual(before);
    // The remedy that it suggests.
    expect((await migrate({ ...database.connection, schema: 'csvjobs' })).searchPath).toBe('"csvjobs"');
  });

  test.each(['jobs', 'customers', 'job_errors'])('a %s that replaces ours', async (name) => {
    database = await createDatabase();
    await database.plain(`alter table ${name} rename to mine; create table ${name} (id int, name text)`);
    expect(await refusal(database.connection)).toMatchObject({
      code: 'tables_taken',
      message: expect.stringContaining(`did not create: ${name}\n`),
    });
  });

  test.each([
    ['a type', 'create type jobs as enum ()', 'type "jobs" already exists'],
    ['an index', 'create table t (id int); create index jobs_unfinished on t (id)', 'jobs_unfinished'],
    [
      'a function',
      `create function csvjobs_email_key(email text) returns text language sql return email`,
      'csvjobs_email_key',
    ],
  ])('%s of another application with one of our names', async (_, sql, found) => {
    database = await createDatabase({ empty: true });
    await database.plain(sql);
    const before = await relations();
    expect(await refusal(database.connection)).toEqual({
      code: 'tables_taken',
      retryable: false,
      message: expect.stringMatching(new RegExp(`${found}.*rename it, or.*DB_SCHEMA`, 's')),
    });
    expect(await relations()).toEqual(before);
  });

  test('a missing schema, for a role that may not create it; the advice helps', async () => {
    database = await createDatabase({ empty: true });
    const { role, connection } = await makeRole();
    const ours = { ...connection, schema: 'Csv Jobs' };
    const { code, message } = await refusal(ours);
    expect(code).toBe('database_rights');
    expect(message).toContain(`has no schema Csv Jobs, and the role ${role} may not create it`);
    await database.plain(message.slice(message.indexOf('create schema')));
    expect((await migrate(ours)).searchPath).toBe('"Csv Jobs"');
  });

  test('a role that may not create tables in the configured schema', async () => {
    database = await createDatabase({ empty: true });
    const { role, connection } = await makeRole();
    await database.plain(`create schema app; grant usage on schema app to ${role}`);
    expect(await refusal({ ...connection, schema: 'app' })).toMatchObject({
      code: 'database_rights',
      message: expect.stringMatching(
        new RegExp(
          `${role} may not create tables in the schema app .*DB_SCHEMA=csvjobs.*authorization "${role}"`,
          's',
        ),
      ),
    });
  });

  test('a role that may not create temporary tables', async () => {
    database = await createDatabase();
    const { role, connection } = await makeRole();
    await database.plain(`revoke temporary on database ${connection.database} from public`);
    expect(await refusal(connection)).toEqual({
      code: 'database_rights',
      retryable: false,
      message: expect.stringContaining(`grant temporary on database "${connection.database}" to "${role}";`),
    });
  });

  test('a role that may not create tables, in a new database', async () => {
    database = await createDatabase({ empty: true });
    const { role, connection } = await makeRole();
    expect(await refusal(connection)).toEqual({
      code: 'database_rights',
      retryable: false,
      message: expect.stringMatching(
        new RegExp(`${role} may not create tables in the schema public .*run csvjobsd migrate once`, 's'),
      ),
    });
    expect(await relations()).toEqual([]);
  });

  test('a role without rights on the tables: what it prints is all that it needs', async () => {
    database = await createDatabase({ empty: true });
    await database.plain('create schema app');
    await migrate({ ...database.connection, schema: 'app' });
    const { role, connection } = await makeRole();
    const { code, message } = await refusal({ ...connection, schema: 'app' });
    expect(code).toBe('database_rights');
    expect(message).toContain(`the role ${role} lacks privileges on tables of csvjobs`);
    expect(message).toContain(`grant SELECT, INSERT, UPDATE on "app"."jobs" to ${role};`);
    await database.plain(message.slice(message.indexOf('\n')));
    await migrate({ ...connection, schema: 'app' });
  });

  test('a role that may not read migrations of an unknown application is asked for these alone', async () => {
    database = await createDatabase({ empty: true });
    await database.plain(
      'create table pgmigrations (id int, name text, run_on timestamp); create table jobs (id int)',
    );
    const { role, connection } = await makeRole();
    expect((await refusal(connection)).message).toBe(
      `the role ${role} lacks privileges on tables of csvjobs; their owner can grant them:
  grant SELECT on "public"."pgmigrations" to ${role};`,
    );
  });

  test('a role that may not alter the tables, in a database of an older release', async () => {
    database = await createDatabase({ empty: true });
    await migrate(database.connection, { count: 3 });
    const { role, connection } = await makeRole();
    await database.plain(`grant all on all tables in schema public to ${role}`);
    const before = await relations();
    expect(await refusal(connection)).toEqual({
      code: 'database_rights',
      retryable: false,
      message: expect.stringMatching(
        /may not bring the schema up to date.*run csvjobsd migrate once as the owner/s,
      ),
    });
    expect(await relations()).toEqual(before);
  });

  test('a hot standby', async () => {
    database = await createDatabase();
    const server = await startPostgres();
    try {
      await server.standBy();
      expect(await refusal(server.connection)).toEqual({
        code: 'database_read_only',
        retryable: false,
        message: expect.stringContaining('connect to the primary'),
      });
    } finally {
      await server.stop();
    }
  });

  test('a missing database', async () => {
    database = await createDatabase();
    expect(await refusal({ ...database.connection, database: 'nowhere' })).toMatchObject({
      code: 'database_missing',
      retryable: true,
    });
  });
});

describe('accepted', () => {
  test('a role with rights on the tables alone; for a missing right, the GRANT statement', async () => {
    database = await createDatabase();
    const { role, connection } = await makeRole();
    await database.plain(`grant select on pgmigrations to ${role}`);
    const { code, message } = await refusal(connection);
    expect(code).toBe('database_rights');
    // The suggested statement helps.
    await database.plain(message.slice(message.indexOf('\n')));
    expect(await migrate(connection)).toEqual({ ran: [], searchPath: '"public"' });
    await database.plain(`revoke insert on customers from ${role}`);
    expect((await refusal(connection)).message).toContain(`grant INSERT on "public"."customers" to ${role};`);
  });

  test('a role with its own schema, next to tables of the same names', async () => {
    database = await createDatabase({ empty: true });
    await database.plain('create table public.jobs (id int)');
    const { role, connection } = await makeRole();
    await database.plain(
      `create schema "My own" authorization ${role}; alter role ${role} set search_path = "My own"`,
    );
    const { ran, searchPath } = await migrate(connection);
    expect(ran.length).toBeGreaterThan(5);
    expect(searchPath).toBe('"My own"');
    const { rows } = await database.plain(
      `select nspname, array_agg(relname::text order by relname) as tables from pg_class join pg_namespace n on n.oid = relnamespace
       where relkind = 'r' and relname in ('jobs', 'customers', 'pgmigrations') group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { nspname: 'My own', tables: ['customers', 'jobs', 'pgmigrations'] },
      { nspname: 'public', tables: ['jobs'] },
    ]);
    expect(await migrate(connection)).toEqual({ ran: [], searchPath });
  });

  test('a configured schema is created, and used whatever the search_path; public is left alone', async () => {
    database = await createDatabase({ empty: true });
    await database.plain('create table public.jobs (id int); create table public.pgmigrations (version int)');
    const schema = 'Csv jobs é';
    const { ran, searchPath } = await migrate({ ...database.connection, schema });
    expect([ran.length > 5, searchPath]).toEqual([true, `"${schema}"`]);
    const { rows } = await database.plain(
      `select nspname, count(*)::int from pg_class join pg_namespace n on n.oid = relnamespace
       where relkind = 'r' and nspname in ('public', '${schema}') group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { nspname: schema, count: 12 },
      { nspname: 'public', count: 2 },
    ]);
    // A start without it finds none of our tables, and names those in the way.
    expect(await refusal(database.connection)).toMatchObject({ code: 'tables_taken' });
    await migrate({ ...database.connection, schema }, { direction: 'down', count: ran.length });
    expect(await migrate({ ...database.connection, schema })).toEqual({ ran, searchPath });
  });

  test('another schema is another csvjobs; the first one is unchanged', async () => {
    database = await createDatabase();
    const { ran } = await migrate({ ...database.connection, schema: 'second' });
    expect(ran.length).toBeGreaterThan(5);
    expect(await migrate({ ...database.connection, schema: 'public' })).toEqual({
      ran: [],
      searchPath: '"public"',
    });
    expect(
      await migrate({ ...database.connection, schema: 'second' }, { direction: 'down', count: 1 }),
    ).toMatchObject({
      ran: [ran.at(-1)],
    });
    expect((await migrate(database.connection)).ran).toEqual([]);
  });

  test('migrating down without csvjobs creates nothing', async () => {
    database = await createDatabase({ empty: true });
    const options = { direction: 'down' } as const;
    expect((await migrate({ ...database.connection, schema: 'later' }, options)).ran).toEqual([]);
    expect((await database.plain(`select from pg_namespace where nspname = 'later'`)).rowCount).toBe(0);
    expect(await relations()).toEqual([]);
  });

  test('tables in a schema that the role no longer has in its search_path', async () => {
    database = await createDatabase();
    await database.plain(`alter database ${database.connection.database} set search_path = nowhere`);
    const { ran, searchPath } = await migrate(database.connection);
    expect(ran).toEqual([]);
    const pool = createPool({ ...database.connection, searchPath }, () => {});
    expect((await pool.query('select count(*) as n from jobs')).rows).toEqual([{ n: 0 }]);
    await pool.end();
  });

  test('tables in one schema, pgmigrations in public, as csvjobs 1.0 created them for a role with its own schema', async () => {
    database = await createDatabase();
    await database.plain(`create schema app`);
    for (const table of ['jobs', 'customers', 'job_errors', 'api_tokens'])
      await database.plain(`alter table ${table} set schema app`);
    await database.plain(`alter database ${database.connection.database} set search_path = app, public`);
    expect(await migrate(database.connection)).toEqual({ ran: [], searchPath: '"app", "public"' });
    expect(await migrate({ ...database.connection, schema: 'app' })).toEqual({
      ran: [],
      searchPath: '"app", "public"',
    });
    await migrate(database.connection, { direction: 'down', count: 1 });
    expect((await migrate(database.connection)).ran).toHaveLength(1);
  });
});
