/** Triggers that store a row in an inheritance child: the reason names it. */
import { adviceOf, readSpec, sentenceOf, type TargetReason } from '@csvjobs/shared';
import { beforeEach, expect, it } from 'vitest';
import { openTestLoad } from '../../pipeline/support/testLoad.js';
import { makeTargetJob, runToEnd } from '../../pipeline/target/support.js';
import { inShortIf } from '../../support/form.js';

const { loading, db } = await openTestLoad();

/** Routes 2024 and 2025; stores other years itself; drops rows without a day. Each row is counted in a table of its own. */
beforeEach(() =>
  db.plain(`drop schema if exists "My Shop" cascade; create schema "My Shop"; set search_path = "My Shop";
    create table m (id int primary key, day date); create table seen (id int);
    create table "m 2024" (check (day between '2024-01-01' and '2024-12-31')) inherits (m);
    create table late () inherits (m); create table m2025 (check (day >= '2025-01-01')) inherits (late);
    create function route() returns trigger language plpgsql as $$ begin
      insert into "My Shop".seen values (new.id);
      if new.day is null then return null; end if;
      if extract(year from new.day) = 2024 then insert into "My Shop"."m 2024" values (new.*); return null; end if;
      if extract(year from new.day) = 2025 then insert into "My Shop".m2025 values (new.*); return null; end if;
      if extract(year from new.day) = 2026 then
        insert into "My Shop"."m 2024" values (new.id, '2024-01-01'); insert into "My Shop".m2025 values (new.id, '2025-01-01'); return null;
      end if;
      return new; end $$;
    create trigger route before insert on m for each row execute function route()`),
);

const instead = (table: string) =>
  `a trigger or a rule stored the row in ${table} instead, which inherits from the table`;
const dropped = 'a trigger or a rule of the table dropped the row';

for (const mode of ['reject', 'skip', 'update'] as const)
  it(`mode ${mode}: names the child, and stores nothing`, inShortIf(mode !== 'skip'), async () => {
    const days = [
      '2023-05-01',
      '2024-05-01',
      '',
      '2025-05-01',
      '2026-05-01',
      '2023-06-01',
      '2024-02-30',
      '2024-02-01',
    ];
    const id = await makeTargetJob(loading, db.pool, {
      table: { schema: 'My Shop', name: 'm' },
      header: ['id', 'day'],
      records: days.map((day, at) => [String(at + 1), day]),
      spec: readSpec({ csvjobs: { mode } }),
    });
    await runToEnd(loading, db, id, { lanes: 1 });
    const { rows } = await db.pool.query<{ row_number: number; reasons: TargetReason[] }>(
      'select row_number, reasons from job_errors where job_id = $1 order by row_number',
      [id],
    );
    const found = rows.map(({ row_number, reasons }) => [row_number, ...reasons.map(sentenceOf)]);
    expect(found).toEqual([
      [2, instead('"My Shop"."m 2024"')],
      [3, dropped],
      [4, instead('"My Shop".m2025')],
      // In two children, so it is in neither.
      [5, dropped],
      [7, expect.stringContaining('2024-02-30')],
      [8, instead('"My Shop"."m 2024"')],
    ]);
    expect(adviceOf(rows[0]!.reasons[0]!)).toContain(`--into '"My Shop"."m 2024"'`);
    expect(
      (await db.plain('select id from "My Shop".m union all select -id from "My Shop".seen order by 1')).rows,
    ).toEqual([-6, -1, 1, 6].map((number) => ({ id: number })));
  });

it('a rule that stores rows in a child is found too', async () => {
  await db.plain(`drop trigger route on "My Shop".m;
    create rule route as on insert to "My Shop".m where new.id > 10 do instead insert into "My Shop".late values (new.*)`);
  const id = await makeTargetJob(loading, db.pool, {
    table: { schema: 'My Shop', name: 'm' },
    ...{ header: ['id'], records: [['1'], ['11']] },
  });
  await runToEnd(loading, db, id, { lanes: 1 });
  const { rows } = await db.pool.query('select row_number, message from job_errors where job_id = $1', [id]);
  expect(rows).toEqual([{ row_number: 2, message: instead('"My Shop".late') }]);
});

it('an update that a trigger turns into a row of a child is found too', async () => {
  await db.plain(`insert into "My Shop".m values (1, '2023-05-01');
    create function move() returns trigger language plpgsql as $$ begin
      insert into "My Shop"."m 2024" values (new.*); return null; end $$;
    create trigger move before update on "My Shop".m for each row execute function move()`);
  const id = await makeTargetJob(loading, db.pool, {
    table: { schema: 'My Shop', name: 'm' },
    ...{ header: ['id', 'day'], records: [['1', '2024-05-01']] },
    spec: readSpec({ csvjobs: { mode: 'update' } }),
  });
  await runToEnd(loading, db, id, { lanes: 1 });
  const { rows } = await db.pool.query('select row_number, message from job_errors where job_id = $1', [id]);
  expect(rows).toEqual([{ row_number: 1, message: instead('"My Shop"."m 2024"') }]);
  expect((await db.plain('select day::text from "My Shop".m')).rows).toEqual([{ day: '2023-05-01' }]);
});
