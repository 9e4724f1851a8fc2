import { afterAll, beforeAll, expect, test } from 'vitest';
import { directState } from '../../src/readiness.js';
import { assertSameDatabase } from '../../src/sql/sameDatabase.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type PrivatePostgres, startPostgres } from '../support/servers.js';

let one: TestDatabase;
let copy: TestDatabase;
let elsewhere: PrivatePostgres;
beforeAll(async () => {
  [one, copy, elsewhere] = await Promise.all([createDatabase(), createDatabase(), startPostgres()]);
});
afterAll(() => Promise.all([one.drop(), copy.drop(), elsewhere.stop()]));

test('two routes to one database are the same database', async () => {
  await assertSameDatabase(one.connection, { ...one.connection, application_name: 'other' });
});

test('a copy on the same server or a database of the same name on another is not', async () => {
  const differ = {
    code: 'databases_differ',
    message: expect.stringMatching(/DATABASE_DIRECT_URL .*\n {2}set it to/),
  };
  await expect(assertSameDatabase(one.connection, copy.connection)).rejects.toMatchObject(differ);
  const { rows } = await one.pool.query('select id from database_identity');
  expect((await copy.pool.query('select id from database_identity')).rows).toEqual(rows);
  const admin = { ...one.connection, database: 'postgres' };
  await expect(assertSameDatabase(admin, elsewhere.connection)).rejects.toMatchObject(differ);
});

test('readiness detects a direct connection that leads elsewhere, refuses, or is down: a failure if jobs are loaded, otherwise a warning', async () => {
  const look = (direct: TestDatabase['connection'], loads = true) => directState(one.pool, direct, loads)();
  expect(await look(one.connection)).toBe('leads to the same database');
  await expect(look(copy.connection)).rejects.toMatchObject({ code: 'databases_differ' });
  await expect(look({ ...one.connection, database: 'no_such_database' })).rejects.toThrow('does not exist');
  const away = { ...one.connection, port: 1 };
  await expect(look(away)).rejects.toThrow();
  expect(await look(away, false)).toEqual({
    message: expect.stringMatching(/^jobs cannot be loaded this way: ./),
    warning: true,
  });
});
