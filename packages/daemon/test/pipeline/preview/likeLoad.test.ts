/**
 * A preview of all records of a file, and its load from the same state: the same rows, rejects, reasons and
 * counts.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Rejection, readSpec, type SpecInput } from '@csvjobs/shared';
import { expect, it } from 'vitest';
import { findJob } from '../../../src/sql/jobs.js';
import { crossed, LONG } from '../../support/form.js';
import { openTestLoad } from '../support/testLoad.js';
import { makeTargetJob, randomOf, runToEnd } from '../target/support.js';
import { expectNothingLeft, previewOf } from './support.js';

const { loading, db } = await openTestLoad();

const RECORDS = 25;
const FILL = `insert into t (k, n, b) select i, i % 3, 'b' || i % 3 from generate_series(0, 39) i`;

const TABLES: Record<string, string> = {
  'a key, a check and a reference': `create table t (k int primary key, n int references p, b text check (b <> 'bad'), made text default 'here'); ${FILL}`,
  'a trigger': `create table t (k int primary key, n int, b text, made text); ${FILL};
    create function f() returns trigger language plpgsql as $$ begin
      if new.n = 2 then raise exception 'no twos'; end if; if new.b = 'b1' then return null; end if;
      new.made := tg_op || coalesce(new.b, '-'); return new; end $$;
    create trigger t before insert or update on t for each row execute function f()`,
  partitions: `create table t (k int primary key, n int, b text, made text default 'p') partition by range (k);
    create table t1 partition of t for values from (0) to (30); create table t2 partition of t for values from (30) to (55); ${FILL}`,
  'a second key': `create table t (k int primary key, n int, b text unique, made text);
    insert into t (k, n, b) select i, i % 3, 'b' || i from generate_series(0, 9) i`,
};

const MODES: Record<string, SpecInput['csvjobs']> = {
  reject: {},
  skip: { mode: 'skip', key: ['k'] },
  update: { mode: 'update', key: ['k'] },
  'update only': { mode: 'update', key: ['k'], updateOnly: true, blanks: 'null' },
};

const content = async () =>
  (await db.pool.query('select k::text, n::text, b, made from t order by t.k')).rows;

for (const { kind: table, way: mode, options } of crossed(Object.keys(TABLES), Object.keys(MODES)))
  it(`${table}, ${mode}`, /trigger|partitions/.test(table) ? options : LONG, async () => {
    await db.pool.query(`drop table if exists t, p cascade; drop function if exists f; truncate jobs, job_journal cascade;
    create table p (id int primary key); insert into p values (0), (1), (2); ${TABLES[table]}`);
    const random = randomOf(table.length * 31 + mode.length);
    const one = (values: readonly string[]) => values[Math.floor(random() * values.length)]!;
    const ids = Array.from({ length: 60 }, (_, at) => String(at));
    const records = Array.from({ length: RECORDS }, () => [
      one([...ids, ...ids, ...ids, 'x', '']),
      one(['0', '1', '2', '7', '', 'x']),
      one(['b0', 'b1', 'b5', 'bad', '']),
    ]);
    const header = ['k', 'n', 'b'];
    const text = [header, ...records].map((cells) => `${cells.join(',')}\n`).join('');
    const before = await content();

    const csvjobs = MODES[mode];
    const found = await previewOf(loading, db, 't', text, { csvjobs, rows: RECORDS });
    await expectNothingLeft(loading, db);
    expect(await content()).toEqual(before);

    const file = { table: { schema: 'public', name: 't' }, header, records, spec: readSpec({ csvjobs }) };
    const id = await makeTargetJob(loading, db.pool, file);
    await runToEnd(loading, db, id, { lanes: 1 });
    await rm(join(loading.folder, id));
    const job = (await findJob(db.pool, id))!;
    const { inserted, rejected, ...others } = found.counts;
    expect({ good: job.successCount, bad: job.failedCount, rows: job.totalRows }).toEqual({
      good: inserted + others.updated + others.unchanged,
      bad: rejected,
      rows: found.records.length,
    });
    if (job.counts) expect(job.counts).toEqual({ inserted, ...others });
    const { rows: report } = await db.pool.query<Pick<Rejection, 'rowNumber' | 'message' | 'code'>>(
      `select row_number as "rowNumber", message, code from job_errors where job_id = $1 order by row_number`,
      [id],
    );
    const errors = found.records.flatMap(({ rowNumber, error }) =>
      error ? [{ rowNumber, message: error.message, code: error.code }] : [],
    );
    expect(errors).toEqual(report);

    // Each record in turn applied to the old rows: the table as the load left it.
    const rows = new Map(before.map((row) => [row.k as string, row]));
    for (const { fate, stored, values } of found.records) {
      if (fate === 'rejected') continue;
      expect(stored).toBe(true);
      const { k, n, b, made } = values;
      rows.set(k!, { k, n, b, made });
    }
    const expected = [...rows.values()].sort((one, other) => Number(one.k) - Number(other.k));
    expect(await content()).toEqual(expected);
  });
