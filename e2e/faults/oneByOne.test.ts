/** The oracle of shop.lines itself: it expects what PostgreSQL does with the records inserted one by one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../packages/daemon/test/support/postgres.js';
import { dirtyLines } from './support/dirtyLines.js';
import { FULL } from './support/figures.js';
import { putKnown } from './support/oracle.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('PostgreSQL accepts and rejects the same records, and stores the same values', async () => {
  const { pool } = database;
  const file = dirtyLines(41, FULL ? 2_000 : 1_300);
  await putKnown(pool, file);
  const refused = new Map<number, string>(file.rejected.map(([row, , code]) => [row, code]));
  let offered = 0;
  for (const [at, { values, stricter }] of file.each.entries()) {
    if (!values || stricter) {
      expect(refused.has(at + 1)).toBe(true);
      continue;
    }
    offered++;
    const cells = Object.entries(values);
    const state = await pool
      .query(
        `insert into shop.lines (${cells.map(([name]) => name).join(', ')})
         values (${cells.map((_, index) => `$${index + 1}`).join(', ')})`,
        cells.map(([, value]) => value || null),
      )
      .then(
        () => undefined,
        (error: { code: string }) => error.code,
      );
    expect([at + 1, state === undefined]).toEqual([at + 1, !refused.has(at + 1)]);
    if (refused.get(at + 1)?.startsWith('duplicate_in_')) expect(state).toBe('23505');
  }
  expect(offered).toBeGreaterThan(0.9 * file.records);
  expect(await file.table.rowsOf(pool, { jobId: '', owner: file.owner })).toEqual(file.accepted);
  // The file has every kind of error, and keys that a rejected record leaves to a later one.
  expect(new Set(refused.values()).size).toBe(19);
  const left = file.each.filter(
    ({ values, code }, at) =>
      code === undefined && !refused.has(at + 1) && values!.order_ref !== `order-a-${at >> 2}`,
  );
  expect(left.length).toBeGreaterThan(0);
});
