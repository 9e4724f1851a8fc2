import { afterAll, beforeAll, expect, test } from 'vitest';
import { mustBeSameDatabase } from '../../src/sql/sameDatabase.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { type PrivatePostgres, startPostgres } from '../support/servers.js';

let one: TestDatabase;
let copy: TestDatabase;
let elsewhere: PrivatePostgres;
beforeAll(async () => {
  [one, copy, elsewhere] = await Promise.all([createDatabase(), createDatabase(), startPostgres()]);
});
afterAll(() => Promise.all([one.drop(), copy.drop(), elsewhere.stop()]));

test('two ways to one database are one', async () => {
  await mustBeSameDatabase(one.connection, { ...one.connection, application_name: 'other' });
});

test('neither a copy on the same server nor a database of the same name on another is', async () => {
  const differ = {
    code: 'databases_differ',
    message: expect.stringMatching(/DATABASE_DIRECT_URL .*\n {2}let it name/),
  };
  await expect(mustBeSameDatabase(one.connection, copy.connection)).rejects.toMatchObject(differ);
  const { rows } = await one.pool.query('select id from database_identity');
  expect((await copy.pool.query('select id from database_identity')).rows).toEqual(rows);
  const admin = { ...one.connection, database: 'postgres' };
  await expect(mustBeSameDatabase(admin, elsewhere.connection)).rejects.toMatchObject(differ);
});
