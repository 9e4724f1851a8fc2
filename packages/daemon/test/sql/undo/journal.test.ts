/** The journal keeps updated rows in groups; undo and `rows` see them one by one. */
import { randomUUID } from 'node:crypto';
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { STAGE_STEP } from '../../../src/sql/target/stageStep.js';
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

it('512 rows of the stage share a group, and each entry has a number of its own', async () => {
  const id = randomUUID();
  for (let times = 0; times < 2; times++)
    await u.sql(
      journalStatement(
        id,
        ['id'],
        `select (id + 1)::bigint * ${STAGE_STEP} as row, t::text as before, t.xmin as was from u.t t`,
      ),
    );
  const groups = await u.sql(
    'select cardinality(before) as rows from job_journal where job_id = $1 order by 1',
    [id],
  );
  expect(groups.map(({ rows }) => rows)).toEqual([453, 453, ...[511, 511], ...Array(6).fill(512)]);
  const kept = await entries(id);
  expect(kept).toHaveLength(2 * ROWS);
  expect(new Set(kept.map(({ entry }) => entry)).size).toBe(2 * ROWS);
});

it('long rows, and as many between two rows of the stage as can be, have numbers of their own too', async () => {
  const id = randomUUID();
  const large = `select i * ${STAGE_STEP} as row, repeat('x', case when i % 2 = 0 then 70000 else 1 end) as before, '7'::xid as was
    from generate_series(1, 4::bigint) i`;
  const between = `select i as row, '()' as before, '7'::xid as was from generate_series(1, 70000::bigint) i`;
  // All rows that could be in a group.
  const most = `select ${STAGE_STEP} * (512::bigint + i / 128) + i % 128 as row, '()' as before, '7'::xid as was from generate_series(0, 65535) i`;
  for (const rows of [large, between, most, large]) await u.sql(journalStatement(id, ['id'], rows));
  const [counts] = await u.sql(
    `select count(*)::int as entries, count(distinct ${ENTRY})::int as numbers from ${ENTRIES} where j.job_id = $1`,
    [id],
  );
  expect(counts).toEqual({ entries: 135_544, numbers: 135_544 });
  const [largest] = await u.sql(
    'select max(cardinality(before)) as rows from job_journal where job_id = $1',
    [id],
  );
  expect(largest).toEqual({ rows: 65_536 });
  const alone = await u.sql(
    'select cardinality(before) as rows from job_journal where job_id = $1 and octet_length(before[1]) > 1024',
    [id],
  );
  expect(alone).toEqual(Array(4).fill({ rows: 1 }));
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
