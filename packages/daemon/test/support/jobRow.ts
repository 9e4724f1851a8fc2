/** A row of jobs in any state, for tests of what is read from it. */
import { randomUUID } from 'node:crypto';
import type { Pool } from '../../src/sql/pool.js';

/** Inserts it with the given columns. Returns its id. */
export async function insertJobRow(pool: Pool, columns: object): Promise<string> {
  const row = { id: randomUUID(), filename: 'f.csv', size_bytes: 1, sha256: '', ...columns };
  const names = Object.keys(row);
  await pool.query(
    `insert into jobs (${names}) values (${names.map((_, at) => `$${at + 1}`)})`,
    Object.values(row),
  );
  return row.id;
}
