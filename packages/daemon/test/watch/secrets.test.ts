/** Tests the check on the logs of all other tests. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeToken } from '../../src/access/token.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { leakFinder, rowValues } from './secrets.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('forbidden text is found in a line', async () => {
  const { pool } = database;
  await pool.query(`
    insert into jobs (id, filename, size_bytes, sha256) values (gen_random_uuid(), 'a', 1, 'b');
    insert into customers (job_id, name, email, company) select id, 'Grace Hopper', 'grace@navy', 'x' from jobs;
    insert into job_errors (job_id, row_number, line, code, message, row)
      select id, 1, 2, 'required', '', '{"raw": "half \\"a record"}' from jobs`);
  const values = await rowValues(pool);
  expect(values.sort()).toEqual(['Grace Hopper', 'grace@navy', 'half "a record']);
  // One that begins like another, and one too short to be identified by its beginning.
  values.push('Grace Kelly', 'word');
  for (const leak of [
    'Grace Hopper',
    'Grace Kelly',
    'password',
    'half "a record',
    'somebody@example.org',
    makeToken(),
    'Authorization: Bearer some-secret-thing',
    'postgres://user@host/db',
    'http://user:word@host',
  ])
    expect(leakFinder(values)(JSON.stringify({ msg: `a ${leak} b` })), leak).toBeDefined();
});

test('a harmless line passes', () => {
  const line = {
    url: 'http://127.0.0.1:4000',
    requestId: crypto.randomUUID(),
    detail: 'send a token in the header "Authorization: Bearer …"',
    err: { stack: '    at file:///x/node_modules/@fastify/busboy/lib/main.js:1:2' },
  };
  expect(leakFinder(['Grace Hopper', 'word'])(JSON.stringify(line))).toBeUndefined();
});
