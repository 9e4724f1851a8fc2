/**
 * A table that is altered, locked or dropped, and a job that is taken over: nothing is half done, and the
 * reason is reported.
 */
import { type Progress, writeTableName } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../src/pipeline/run.js';
import { claimJob } from '../../../src/sql/claimJob.js';
import { cancelJob } from '../../../src/sql/jobs.js';
import { createPool } from '../../../src/sql/pool.js';
import { crossed, inShortIf, LONG } from '../../support/form.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { type Loading, never, openLoading } from '../support/loading.js';
import { makeTargetJob, runToEnd, runWithin, type TargetFile } from './support.js';

let loading: Loading;
let db: TestDatabase;
beforeAll(async () => {
  loading = await openLoading();
});
afterAll(() => loading.close());
beforeEach(async () => {
  db = await createDatabase();
  await db.pool.query('create schema sales; create table sales.t (a int primary key, b int, c text)');
});
afterEach(() => db.drop());

const table = { schema: 'sales', name: 't' };
const file: TargetFile = {
  table,
  header: ['a', 'b', 'c'],
  records: Array.from({ length: 400 }, (_, at) => [String(at), '1', 'x']),
};

async function loadedRows(): Promise<number> {
  const { rows } = await db.pool.query<{ rows: number }>('select count(*) as rows from sales.t');
  return rows[0]!.rows;
}

async function committed(
  id: string,
): Promise<{ success_count: number; failed_count: number; reported: number }> {
  const { rows } = await db.pool.query(
    `select success_count, failed_count, (select count(*) from job_errors where job_id = $1) as reported from jobs where id = $1`,
    [id],
  );
  return rows[0];
}

/** Runs a job, and SQL between its first batch and the second. */
async function alteredInBetween(lanes: number, sql: string): Promise<{ id: string; error: unknown }> {
  const id = await makeTargetJob(loading, db.pool, file);
  return { id, error: await runWithin(loading, db, id, lanes, () => db.plain(sql)) };
}

describe('a table that changes', () => {
  for (const [what, sql, code] of [
    ['has another constraint', 'alter table sales.t add check (b < 5)', 'target_changed'],
    ['has lost a column', 'alter table sales.t drop column c', 'target_changed'],
    ['is dropped', 'drop table sales.t', 'target_missing'],
    ['becomes invisible', 'alter table sales.t rename to u', 'target_missing'],
  ] as const)
    it(
      `before the job is claimed, the table ${what}`,
      inShortIf(/constraint|dropped/.test(what)),
      async () => {
        const id = await makeTargetJob(loading, db.pool, file);
        await db.pool.query(sql);
        const load = runToEnd(loading, db, id, { lanes: 2 });
        await expect(load).rejects.toMatchObject({
          code,
          retryable: false,
          message: expect.stringContaining(writeTableName(table)),
        });
        expect(await committed(id)).toEqual({ success_count: 0, failed_count: 0, reported: 0 });
      },
    );

  it('that is another than at the upload: the message says whether rows are loaded', async () => {
    const { error } = await alteredInBetween(1, 'alter table sales.t drop column c');
    expect(error).toMatchObject({
      message: expect.stringContaining(
        '. This job has not changed the table: upload the file again. csvjobs describe',
      ),
      messageIfLoaded: expect.stringContaining(
        '. Rows that this job has loaded stay: upload the file again only where',
      ),
    });
  });

  const CHANGES = [
    ['has lost a column', 'alter table sales.t drop column c', 'target_changed'],
    [
      'has another type of the same size',
      `alter table sales.t alter b type date using '2020-01-01'`,
      'target_changed',
    ],
    [
      'has a rule that refuses every row',
      'alter table sales.t add check (b > 5) not valid',
      'target_changed',
    ],
    ['is gone', 'drop table sales.t', 'target_missing'],
  ] as const;
  for (const { kind, way: lanes, options } of crossed(CHANGES, [1, 2]))
    it(
      `while the job runs, ${lanes} lanes: it ${kind[0]}`,
      kind === CHANGES[0] ? LONG : options,
      async () => {
        const [, sql, code] = kind;
        const { id, error } = await alteredInBetween(lanes, sql);
        const counts = await committed(id);
        expect(error).toMatchObject({ code, retryable: false });
        // The first batch stays.
        expect(counts).toEqual({ success_count: 5, failed_count: 0, reported: 0 });
        if (code !== 'target_missing') expect(await loadedRows()).toBe(5);
      },
    );
});

describe('a key by which a job finds rows, while it runs', () => {
  const MODES = ['skip', 'update'] as const;
  async function changed(mode: (typeof MODES)[number], sql: string) {
    const id = await makeTargetJob(loading, db.pool, { ...file, spec: { csvjobs: { mode } } });
    return { id, error: await runWithin(loading, db, id, 1, () => db.plain(sql)) };
  }
  const drop = 'alter table sales.t drop constraint t_pkey;';
  const LOST = [
    ['is dropped', drop],
    ['has another column', `${drop} alter table sales.t add constraint t_pkey primary key (b, a)`],
    ['has an expression', `${drop} create unique index t_pkey on sales.t ((a + 1))`],
    ['covers only some rows', `${drop} create unique index t_pkey on sales.t (a) where a < 5`],
    ['is deferred', `${drop} alter table sales.t add constraint t_pkey unique (a) deferrable`],
    ['is not unique', `${drop} create index t_pkey on sales.t (a)`],
  ] as const;
  for (const { kind, way: mode, options } of crossed(LOST, MODES))
    it(`${kind[0]}: ${mode}`, /dropped|some rows/.test(kind[0]) ? options : LONG, async () => {
      const { error } = await changed(mode, kind[1]);
      expect(error).toMatchObject({
        ...{ code: 'target_changed', retryable: false },
        message: expect.stringContaining(
          'sales.t was changed since the upload: its key t_pkey (a) was removed or changed.',
        ),
      });
      expect(await loadedRows()).toBe(5);
    });

  const KEPT = [
    ['gets another name', 'alter index sales.t_pkey rename to t_key'],
    ['is built again', 'reindex table sales.t'],
    ['is replaced', `${drop} create unique index t_pkey on sales.t (a)`],
    ['has another column included', `${drop} create unique index t_pkey on sales.t (a) include (b)`],
  ] as const;
  for (const { kind, way: mode, options } of crossed(KEPT, MODES))
    it(`${kind[0]}: the job continues (${mode})`, kind === KEPT[1] ? options : LONG, async () => {
      const { id, error } = await changed(mode, kind[1]);
      expect(error).toBeUndefined();
      expect(await committed(id)).toEqual({ success_count: 400, failed_count: 0, reported: 0 });
    });
});

for (const mode of ['skip', 'update'] as const)
  it(
    `a batch locks the table before it reads it, as REINDEX TABLE does: otherwise each would wait for the other: ${mode}`,
    inShortIf(mode === 'update'),
    async () => {
      await db.pool.query(
        `insert into sales.t select n, 0, 'x' from generate_series(0, 399) n; analyze sales.t`,
      );
      const id = await makeTargetJob(loading, db.pool, { ...file, spec: { csvjobs: { mode } } });
      const other = await db.pool.connect();
      await other.query('begin; lock table sales.t in share mode');
      const ended = runToEnd(loading, db, id, { lanes: 1 });
      let isEnded = false;
      void ended.finally(() => {
        isEnded = true;
      });
      const waiting = 'select pid from pg_locks where not granted';
      try {
        await vi.waitUntil(async () => isEnded || (await db.pool.query(waiting)).rowCount === 1);
        expect(isEnded).toBe(false);
        const reading = `select from pg_locks where relation = 'sales.t_pkey'::regclass and pid in (${waiting})`;
        expect((await db.pool.query(reading)).rowCount).toBe(0);
      } finally {
        await other.query('commit');
        other.release();
        await ended;
      }
    },
  );

describe('a trigger whose function is replaced before the job is claimed', () => {
  const touch = (value: number) =>
    db.pool.query(`create or replace function sales.touch() returns trigger language plpgsql as $$ begin new.b := ${value}; return new; end $$;
      create or replace trigger touch before insert on sales.t for each row execute function sales.touch()`);

  it('stops a dry run, because its load would compare the table with the earlier one', async () => {
    await touch(1);
    const id = await makeTargetJob(loading, db.pool, { ...file, spec: { csvjobs: { dryRun: true } } });
    await touch(2);
    await expect(runToEnd(loading, db, id, { lanes: 1 })).rejects.toMatchObject({ code: 'target_changed' });
  });

  it('stops the load of a dry run', async () => {
    await touch(1);
    const dryRun = await makeTargetJob(loading, db.pool, file);
    const id = await makeTargetJob(loading, db.pool, file);
    await db.pool.query('update jobs set dry_run = $2 where id = $1', [id, dryRun]);
    await touch(2);
    await expect(runToEnd(loading, db, id, { lanes: 1 })).rejects.toMatchObject({ code: 'target_changed' });
    expect(await loadedRows()).toBe(0);
  });

  it('stops no other load: its columns and keys are the same', async () => {
    await touch(1);
    const id = await makeTargetJob(loading, db.pool, file);
    await touch(2);
    await runToEnd(loading, db, id, { lanes: 1 });
    expect(await loadedRows()).toBe(400);
  });
});

describe('a table that is locked', () => {
  it('is waited for, and a job cancelled meanwhile ends', async () => {
    const id = await makeTargetJob(loading, db.pool, file);
    const other = await db.pool.connect();
    await other.query('begin; lock table sales.t in share mode');
    const lost = new AbortController();
    const hold = { lost: lost.signal, loading: () => {} };
    const load = run((await claimJob(db.pool, id))!, loading.dependencies(db, 2), never, hold);
    const end = expect(load).rejects.toMatchObject({ code: 'superseded' });
    const waiting = () =>
      db.pool.query(`select from pg_locks where relation = 'sales.t'::regclass and not granted`);
    await vi.waitFor(async () => expect((await waiting()).rowCount).toBeGreaterThan(0));
    await cancelJob(db.pool, id);
    lost.abort();
    await end;
    await vi.waitFor(async () => expect((await waiting()).rowCount).toBe(0));
    await other.query('rollback');
    other.release();
    expect(await loadedRows()).toBe(0);
  });

  it('holds no pool connection while the table cannot be read, logs once, and continues', LONG, async () => {
    const id = await makeTargetJob(loading, db.pool, file);
    const claimed = (await claimJob(db.pool, id))!;
    const other = await db.pool.connect();
    await other.query('begin; lock table sales.t in access exclusive mode');
    const pool = createPool({ ...db.connection, max: 1 }, () => {});
    const warned: object[] = [];
    const log = { warn: (fields: object) => void warned.push(fields) };
    const load = run(claimed, loading.dependencies(db, 1, { pool, log }), never);
    await vi.waitFor(() => expect(warned).toEqual([{ jobId: id, table: 'sales.t' }]));
    // After several polls it still holds the connection for moments only.
    for (let times = 0; times < 3; times++) await pool.query('select 1');
    expect(warned).toHaveLength(1);
    await other.query('rollback');
    other.release();
    expect(await load).toBe('completed');
    expect(await loadedRows()).toBe(400);
    await pool.end();
  });

  it('does not delay an attempt that is about to end', LONG, async () => {
    const id = await makeTargetJob(loading, db.pool, file);
    const claimed = (await claimJob(db.pool, id))!;
    const other = await db.pool.connect();
    await other.query('begin; lock table sales.t in access exclusive mode');
    const drain = new AbortController();
    const log = { warn: () => drain.abort() };
    const load = run(claimed, loading.dependencies(db, 1, { log }), drain.signal);
    expect(await load).toBe('drained');
    await other.query('rollback');
    other.release();
  });

  it('is loaded after the lock is released, beyond a lane’s patience', LONG, async () => {
    const id = await makeTargetJob(loading, db.pool, file);
    const other = await db.pool.connect();
    await other.query('begin; lock table sales.t in share mode');
    const load = runToEnd(loading, db, id, { lanes: 2 });
    // The patient one has no lock_timeout: it waits longer than two seconds.
    const patient = () =>
      db.pool.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and query_start < now() - interval '3 s' and application_name like $1`,
        [`csvjobs ${id}%`],
      );
    await vi.waitFor(async () => expect((await patient()).rowCount).toBe(1));
    await other.query('rollback');
    other.release();
    await load;
    expect(await loadedRows()).toBe(400);
  });
});

it('an attempt that was taken over writes nothing more', async () => {
  const id = await makeTargetJob(loading, db.pool, file);
  let taken: Promise<unknown> | undefined;
  const publish = ({ processedRows }: Progress) => {
    if (processedRows > 0) taken ??= claimJob(db.pool, id);
  };
  const load = run((await claimJob(db.pool, id))!, loading.dependencies(db, 2, { publish }), never);
  await expect(load).rejects.toMatchObject({ code: 'superseded' });
  await taken;
  expect(await loadedRows()).toBe((await committed(id)).success_count);
  await runToEnd(loading, db, id, { lanes: 2 });
  expect(await loadedRows()).toBe(400);
});

it('a key repeated in a later batch rejects the later record', LONG, async () => {
  // Every record appears twice, the second time a batch or two later.
  const records = Array.from({ length: 800 }, (_, at) => [
    String((at % 40) + 40 * Math.floor(at / 80)),
    '1',
    'x',
  ]);
  const id = await makeTargetJob(loading, db.pool, { ...file, records });
  await runToEnd(loading, db, id, { lanes: 4 });
  const repeated = await db.pool.query<{ n: number }>(
    `select count(*) as n from job_errors where job_id = $1 and code = 'duplicate_in_file'
       and message = format('a: duplicate of row %s (a=%s)', row_number - 40, row ->> 'a')`,
    [id],
  );
  expect(repeated.rows[0]!.n).toBe(400);
  expect(await loadedRows()).toBe(400);
});
