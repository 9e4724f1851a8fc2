/** The journal keeps updated rows in groups; undo and `rows` see them one by one. */
import { randomUUID } from 'node:crypto';
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ENTRIES, ENTRY, journalStatement } from '../../../src/sql/undo/journal.js';
import { findKept } from '../../../src/sql/undo/keptJob.js';
import { loadedRows } from '../../../src/sql/undo/loadedRows.js';
import { findUndoTarget } from '../../../src/sql/undo/target.js';
import { many, openUndoing, type Undoing } from './undoing.js';

const ROWS = 2_500;
const TEXT = 'x'.repeat(100);
const UPDATE = { csvjobs: { mode: 'update', key: ['id'] } } as Spec;

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(async () => {
  await u.sql(`drop schema u cascade; create schema u; create table u.t (id int primary key, v text);
    insert into u.t select i, 'old ${TEXT}' from generate_series(0, ${ROWS - 1}) i`);
});

const update = (value: string) =>
  u.into(
    't',
    ['id', 'v'],
    many(ROWS, (at) => [at, value]),
    { spec: UPDATE },
  );
const entries = (id: string) =>
  u.sql(
    `select ${ENTRY} as entry, e.before::u.t as row from ${ENTRIES} where j.job_id = $1 order by j.entry, e.place`,
    [id],
  );

it('the rows of a statement go into groups of 64 KiB, and each entry has a number of its own', async () => {
  const id = randomUUID();
  for (let times = 0; times < 2; times++)
    await u.sql(journalStatement(id, ['id'], 'select t::text as before, t.xmin as was from u.t t'));
  const groups = await u.sql(
    'select sum(octet_length(b))::int as bytes from job_journal, unnest(before) b where job_id = $1 group by entry',
    [id],
  );
  expect(groups).toHaveLength(2 * Math.ceil((ROWS * `(1234,"old ${TEXT}")`.length) / 65_536));
  for (const { bytes } of groups) expect(bytes).toBeLessThan(65_536 + 200);
  const kept = await entries(id);
  expect(kept).toHaveLength(2 * ROWS);
  expect(new Set(kept.map(({ entry }) => entry)).size).toBe(2 * ROWS);
});

it('a row that is larger than a group, and many that are tiny, have numbers of their own too', async () => {
  const id = randomUUID();
  const large = `select repeat('x', case when i % 2 = 0 then 70000 else 1 end) as before, '7'::xid as was from generate_series(1, 4) i`;
  const tiny = `select '()' as before, '7'::xid as was from generate_series(1, 70000)`;
  for (const rows of [large, tiny, large]) await u.sql(journalStatement(id, ['id'], rows));
  const [counts] = await u.sql(
    `select count(*)::int as entries, count(distinct ${ENTRY})::int as numbers from ${ENTRIES} where j.job_id = $1`,
    [id],
  );
  expect(counts).toEqual({ entries: 70_008, numbers: 70_008 });
});

it('rows that an undo restores leave their groups; the others stay, in their order', async () => {
  const id = await update('new');
  const changed = ROWS * 0.3;
  const before = (await entries(id)).map(({ row }) => row);
  await u.sql(`update u.t set v = 'of another' where id % 100 < 30`);
  expect(await u.undo(id)).toMatchObject({ restored: ROWS - changed, changed });
  const left = await entries(id);
  expect(left.map(({ row }) => row)).toEqual(before.filter((row) => idOf(row) % 100 < 30));
  expect(new Set(left.map(({ entry }) => entry)).size).toBe(changed);
  expect(await u.undo(id)).toMatchObject({ restored: 0, changed });
});

it('rows that others have changed since are each found once, however many groups there are', async () => {
  const id = await update('new');
  await u.sql(`update u.t set v = 'of another'`);
  expect(await changedIds(id)).toEqual(many(ROWS, (at) => at));
});

const idOf = (row: unknown) => Number(/\d+/.exec(String(row)));

async function changedIds(id: string): Promise<number[]> {
  const { pool } = u.database;
  const target = await findUndoTarget(pool, (await findKept(pool, id))!, 'no way out');
  const { columns, parts } = await loadedRows(pool, target, 'values', true);
  const ids: number[] = [];
  for await (const part of parts) ids.push(...part.map((row) => Number(row[columns.indexOf('id')])));
  return ids.sort((a, b) => a - b);
}
