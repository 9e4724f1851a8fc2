/** SQL for values in binary format means the same value. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { binaryLiteral } from '../../../src/sql/target/binaryLiteral.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
});
afterAll(() => database.drop());

const TIMES = [
  '4713-01-01 00:00 BC',
  '0001-01-01 00:00:00.000001',
  '1999-12-31 23:59:59.999999',
  '2000-01-01',
  '294276-12-31',
];

it.each([
  ['int2', 'int2send', ['-32768', '-1', '0', '32767']],
  ['int4', 'int4send', ['-2147483648', '-1', '0', '2147483647']],
  ['int8', 'int8send', ['-9223372036854775808', '-1', '0', '9223372036854775807']],
  ['uuid', 'uuid_send', ['00000000-0000-0000-0000-000000000000', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6']],
  ['date', 'date_send', ['4713-01-01 BC', '0001-01-01', '1999-12-31', '2000-01-01', '5874897-12-31']],
  ['timestamp', 'timestamp_send', TIMES],
  ['timestamptz', 'timestamptz_send', [...TIMES.map((time) => `${time} UTC`), '2024-10-27 02:30+01']],
])('%s', async (type, send, texts) => {
  for (const zone of ['UTC', 'America/New_York'])
    for (const text of texts) {
      const { rows } = await database.pool.query(`select ${send}('${text}'::${type}) as bytes`);
      const literal = binaryLiteral(type, rows[0].bytes);
      const client = await database.pool.connect();
      try {
        await client.query(`begin; set local timezone = '${zone}'`);
        const same = await client.query(
          `select ${literal} = '${text}'::${type} as same, pg_typeof(${literal})::text as type`,
        );
        expect([text, same.rows[0].same]).toEqual([text, true]);
      } finally {
        await client.query('rollback');
        client.release();
      }
    }
});

it('is unknown for infinite times, and for types with another order', async () => {
  for (const [type, send] of [
    ['date', 'date_send'],
    ['timestamp', 'timestamp_send'],
    ['timestamptz', 'timestamptz_send'],
  ] as const)
    for (const text of ['infinity', '-infinity']) {
      const { rows } = await database.pool.query(`select ${send}('${text}'::${type}) as bytes`);
      expect(binaryLiteral(type, rows[0].bytes)).toBeUndefined();
    }
  for (const type of ['text', 'numeric', 'time'])
    expect(binaryLiteral(type, Buffer.alloc(8))).toBeUndefined();
});
