/**
 * Each parameter of settings.ts has the value that csvjobs relies on, however a statement is sent, even if
 * the role sets another; and values make the round trip unchanged. Without its line in settings.ts, each of
 * these fails.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, connect } from '../../src/sql/pool.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';

/** The settings of the database, and what each of our statements must see instead. */
const HOSTILE: readonly (readonly [name: string, set: string, seen: string])[] = [
  ['datestyle', 'German, DMY', 'ISO, YMD'],
  ['timezone', 'Asia/Kathmandu', 'UTC'],
  ['bytea_output', 'escape', 'hex'],
  ['standard_conforming_strings', 'off', 'on'],
  ['intervalstyle', 'sql_standard', 'postgres'],
  ['array_nulls', 'off', 'on'],
  ['xmloption', 'document', 'content'],
  ['row_security', 'off', 'on'],
  ['quote_all_identifiers', 'on', 'off'],
  ['statement_timeout', '77s', '0'],
  ['lock_timeout', '77s', '0'],
  ['jit', 'on', 'off'],
  ['default_transaction_isolation', 'serializable', 'read committed'],
  ['default_transaction_read_only', 'on', 'off'],
];

/** The parameter that shows the setting inside a transaction. */
const shownBy = (name: string) => name.replace('default_transaction', 'transaction');

let database: TestDatabase;
let session: Client;
beforeAll(async () => {
  database = await createDatabase();
  for (const [name, set] of HOSTILE)
    await database.plain(
      `begin read write; alter database ${database.connection.database} set ${name} to '${set}'; commit`,
    );
  session = await connect(database.connection, 'csvjobs tests');
});
afterAll(async () => {
  await session.end();
  await database.drop();
});

test.each(HOSTILE)('%s is %s for others, but not for csvjobs', async (name, set, seen) => {
  const show = `select current_setting('${shownBy(name)}') as value`;
  expect((await database.plain(show)).rows[0].value).toBe(name.endsWith('timeout') ? '77s' : set);
  const simple = (await session.query(show)).rows[0].value;
  const extended = (await session.query('select current_setting($1) as value', [shownBy(name)])).rows[0]
    .value;
  await session.query('begin');
  const inside = (await session.query(show)).rows[0].value;
  await session.query('rollback and chain');
  const anew = (await session.query(show)).rows[0].value;
  await session.query('rollback');
  await session.query('begin');
  // The abort of a failed transaction already gives parameters their former values, which `chain` would keep.
  await expect(session.query('select 1/0')).rejects.toThrow('division by zero');
  await session.query('rollback and chain');
  const afterError = (await session.query(show)).rows[0].value;
  await session.query('rollback');
  expect({ simple, extended, inside, anew, afterError }).toEqual({
    simple: seen,
    extended: seen,
    inside: seen,
    anew: seen,
    afterError: seen,
  });
});

test('a time without a zone, bytes and a backslash mean the same, whatever the database settings', async () => {
  // With a value: in a simple query all constants are parsed before the settings apply.
  const { rows } = await session.query(
    String.raw`select extract(epoch from '2024-03-04 05:06:07'::timestamptz)::int as epoch,
      '2024-03-04 05:06:07+00'::timestamptz::text as text, ('\x' || $1)::bytea as bytes,
      ('\x' || $1)::bytea::text as "bytesAsText", 'a\nb' as backslash`,
    ['dead00'],
  );
  expect(rows).toEqual([
    {
      epoch: Date.UTC(2024, 2, 4, 5, 6, 7) / 1_000,
      text: '2024-03-04 05:06:07+00',
      bytes: Buffer.from('dead00', 'hex'),
      bytesAsText: String.raw`\xdead00`,
      backslash: String.raw`a\nb`,
    },
  ]);
});
