/** Known rows that are updated by MERGE: what is written, kept and left, among other sessions too, and when MERGE is used. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Client, connect } from '../../../src/sql/pool.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { planLoad } from '../../../src/sql/target/loadPlan.js';
import { STAGE_STEP } from '../../../src/sql/target/stageStep.js';
import { updateFound } from '../../../src/sql/target/upsert/found.js';
import { mergeFound, mergePays, noteOutcome } from '../../../src/sql/target/upsert/merge.js';
import { PENDING } from '../../../src/sql/target/upsert/pending.js';
import { mergesNewest } from '../../../src/sql/target/upsert/serverVersion.js';
import type { UpsertPlan } from '../../../src/sql/target/upsert/statements.js';
import { applyUpsert, stageUpsert } from '../../../src/sql/target/upsert/upsert.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { TESTED_VERSION } from '../../support/versions.js';

const JOB = '00000000-0000-7000-8000-000000000000';

let database: TestDatabase;
let client: Client;
let other: Client;
beforeAll(async () => {
  database = await createDatabase({ empty: true });
  client = await connect(database.connection, 'csvjobs tests');
  other = await connect(database.connection, 'another session');
  await client.query(
    'create table job_journal (entry bigserial, job_id uuid, was bigint[], key_columns text[], before text[])',
  );
});
afterAll(async () => {
  await client.end();
  await other.end();
  await database.drop();
});

beforeEach(async () => {
  await client.query('create table t (k int primary key, v text, late int default 7)');
});
afterEach(async () => {
  await client.query('rollback; drop table t; truncate job_journal');
});

/** PostgreSQL 18 is the first whose MERGE returns the previous version of a row. */
const describeMerge = describe.runIf(TESTED_VERSION >= 18);
const POSTGRES_18 = { meta: { needs: 'PostgreSQL 18' } };

type Row = (string | number | null)[];

async function planOf(more: Partial<UpsertPlan['conflict']> = {}): Promise<UpsertPlan> {
  const target = (await readTarget(client, { schema: 'public', name: 't' }))!;
  const plan = planLoad(target, ['k', 'v']);
  const key = target.keys[0]!;
  const sets = plan.columns.filter(({ name }) => name === 'v');
  const conflict = {
    onConflict: 'update',
    updateOnly: false,
    key,
    undoKey: key.columns,
    sets,
    kept: [],
  } as const;
  return { ...plan, conflict: { ...conflict, ...more } };
}

/** Begins a transaction with these rows on the stage. */
async function stage(plan: UpsertPlan, rows: readonly Row[]): Promise<void> {
  const copy = Buffer.from(rows.map((row) => `${row.map((one) => one ?? '\\N').join('\t')}\n`).join(''));
  await client.query('begin');
  await stageUpsert(client, plan, { binary: new Uint8Array(), texts: { copy, numbered: false } });
}

const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, at) => from + at);
const keyed = (rows: number, mayRepeat = false) => ({ rows, mayRepeat });

async function read<T>(query: string): Promise<T[]> {
  const { rows } = await client.query<unknown[]>({ text: query, rowMode: 'array' });
  return rows.flat() as T[];
}

/** Merges, and returns what it says; the row numbers of the list as places in the file. */
async function merged(plan: UpsertPlan, rows: number, mayRepeat = false) {
  const done = await mergeFound(client, plan, JOB, keyed(rows, mayRepeat));
  const listed = done && (await read<number>(`select row / ${STAGE_STEP} from ${PENDING} order by 1`));
  return { ...done, listed };
}

describeMerge('a batch', POSTGRES_18, () => {
  it('writes changed rows, keeps them as they were, and lists new ones', async () => {
    await client.query(`insert into t values (1, 'same', 1), (2, 'old', 2), (3, null, 3)`);
    const xmin = await read<string>('select xmin::text from t where k = 1');
    const plan = await planOf();
    const rows: Row[] = [
      [1, 'same'],
      [9, 'new'],
      [2, 'changed'],
      [3, 'filled'],
      [8, null],
    ];
    await stage(plan, rows);
    expect(await merged(plan, rows.length)).toEqual({
      updated: 2,
      left: { known: 0, fresh: 2, again: 0 },
      listed: [2, 5],
    });
    expect(await read('select t::text from t order by k')).toEqual([
      '(1,same,1)',
      '(2,changed,2)',
      '(3,filled,3)',
    ]);
    expect(await read('select xmin::text from t where k = 1')).toEqual(xmin);
    expect(await read('select unnest(before) from job_journal order by 1')).toEqual(['(2,old,2)', '(3,,3)']);
    expect(await read('select distinct unnest(was)::text from job_journal')).toEqual(xmin);
  });

  it('leaves rows with a repeated key to be written in file order', async () => {
    await client.query(`insert into t values (1, 'a'), (2, 'b')`);
    const plan = await planOf();
    const rows: Row[] = [
      [1, 'x'],
      [2, 'y'],
      [1, 'z'],
    ];
    await stage(plan, rows);
    expect(await merged(plan, rows.length, true)).toEqual({
      updated: 1,
      left: { known: 0, fresh: 0, again: 2 },
      listed: [1, 3],
    });
  });

  it('has done nothing if there are too many new rows to list, or one is refused', async () => {
    await client.query(`insert into t select n, 'old' from generate_series(1, 3000) n`);
    const plan = await planOf();
    await stage(plan, [
      ...numbers(3_000).map((n) => [n, 'new']),
      ...numbers(3_000, 3_001).map((n) => [n, 'new']),
    ]);
    expect(await mergeFound(client, plan, JOB, keyed(6_000))).toBeUndefined();
    expect(await read(`select count(*)::int from t where v = 'new'`)).toEqual([0]);
    await client.query(`rollback; alter table t add check (v <> 'bad')`);
    const checked = await planOf();
    await stage(checked, [
      [1, 'good'],
      [2, 'bad'],
    ]);
    expect(await mergeFound(client, checked, JOB, keyed(2))).toBeUndefined();
    expect(await read(`select count(*)::int from t where v = 'good'`)).toEqual([0]);
    expect(await read('select count(*)::int from job_journal')).toEqual([0]);
  });
});

describeMerge('another session', POSTGRES_18, () => {
  /** Runs statements there in an open transaction, starts to merge, and commits when that waits. */
  async function meanwhile(statements: string, rows: readonly Row[]) {
    await client.query(`insert into t values (1, 'old', 1), (2, 'old', 2)`);
    const plan = await planOf();
    await stage(plan, rows);
    await other.query(`begin; ${statements}`);
    const { rows: own } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const done = merged(plan, rows.length);
    await vi.waitFor(async () => {
      const waits = await other.query('select from unnest(pg_blocking_pids($1))', [own[0]!.pid]);
      expect(waits.rowCount).toBe(1);
    });
    await other.query('commit');
    return done;
  }
  const changed: Row[] = [
    [1, 'file'],
    [2, 'file'],
  ];
  const all = { updated: 2, left: { known: 0, fresh: 0, again: 0 }, listed: [] };

  it('has changed a row: its version is updated, and kept', async () => {
    expect(await meanwhile(`update t set v = 'theirs', late = 5 where k = 2`, changed)).toEqual(all);
    expect(await read('select t::text from t order by k')).toEqual(['(1,file,1)', '(2,file,5)']);
    expect(await read('select unnest(before) from job_journal')).toEqual(['(1,old,1)', '(2,theirs,5)']);
  });

  it('has changed a row more than once: the newest version is updated, and kept', async () => {
    const twice = `update t set v = 'theirs', late = 5 where k = 2; update t set v = 'theirs again', late = 6 where k = 2`;
    expect(await meanwhile(twice, changed)).toEqual(all);
    expect(await read('select t::text from t order by k')).toEqual(['(1,file,1)', '(2,file,6)']);
    expect(await read('select unnest(before) from job_journal')).toEqual([
      '(1,old,1)',
      '(2,"theirs again",6)',
    ]);
  });

  it('has given a row the value of the file: it is left alone', async () => {
    expect(await meanwhile(`update t set v = 'file', late = 5 where k = 2`, changed)).toEqual({
      ...all,
      updated: 1,
    });
    expect(await read('select t::text from t order by k')).toEqual(['(1,file,1)', '(2,file,5)']);
    expect(await read('select unnest(before) from job_journal')).toEqual(['(1,old,1)']);
  });

  it.each([
    ['removed a row', 'delete from t where k = 2', ['(1,file,1)']],
    ['given a row another key', 'update t set k = 5 where k = 2', ['(1,file,1)', '(5,old,2)']],
  ])('has %s: the one of the file is new', async (_, statement, table) => {
    expect(await meanwhile(statement, changed)).toEqual({
      updated: 1,
      left: { known: 0, fresh: 1, again: 0 },
      listed: [2],
    });
    expect(await read('select t::text from t order by k')).toEqual(table);
  });
});

describeMerge('is used', POSTGRES_18, () => {
  /** Loads batches one after the other; returns for each whether the next would be merged. */
  async function after(plan: UpsertPlan, batches: readonly Row[][]): Promise<boolean[]> {
    const used = [];
    for (const rows of batches) {
      await stage(plan, rows);
      await applyUpsert(client, plan, JOB, keyed(rows.length));
      await client.query('commit');
      used.push(mergePays(plan));
    }
    return used;
  }
  const changedRows = (v: string) => numbers(100).map((k): Row => [k, v]);
  const newRows = (from: number) => numbers(50, from).map((k): Row => [k, 'new']);

  beforeEach(async () => {
    await client.query(`insert into t select n, 'old' from generate_series(1, 100) n`);
  });

  it('after a batch with changed rows and few new ones', async () => {
    const fewChanged = changedRows('a').with(0, [1, 'b']);
    const manyNew = [...changedRows('c'), ...newRows(201)];
    const batches = [changedRows('a'), fewChanged, changedRows('b'), manyNew];
    expect(await after(await planOf(), batches)).toEqual([true, false, true, false]);
    expect(await read('select count(*)::int from t')).toEqual([150]);
  });

  it('not after a batch with 1,000 new rows or more', async () => {
    const plan = await planOf();
    const after = (fresh: number) => {
      noteOutcome(plan, 200_000, { updated: 100_000, left: { known: 0, fresh, again: 0 } });
      return mergePays(plan);
    };
    expect([999, 1_000, 0].map(after)).toEqual([true, false, true]);
  });

  it('not by PostgreSQL 18.0, which may update an older version of a row', () => {
    expect([180_000, 180_001, 190_000].map(mergesNewest)).toEqual([false, true, true]);
  });

  it('not to update only, as it needs the right to insert', async () => {
    expect(await after(await planOf({ updateOnly: true }), [changedRows('a'), changedRows('b')])).toEqual([
      false,
      false,
    ]);
  });

  it('never again once it was refused; the batch is updated without it', async () => {
    const plan = await planOf();
    expect(await after(plan, [changedRows('a')])).toEqual([true]);
    await client.query(`create role half_${process.pid}; grant select, update on t to half_${process.pid};
      grant all on job_journal, job_journal_entry_seq to half_${process.pid}; set role half_${process.pid}`);
    try {
      await stage(plan, changedRows('b'));
      expect(await updateFound(client, plan, JOB, keyed(100))).toMatchObject({ updated: 100 });
      await client.query('commit');
      expect(await after(plan, [changedRows('c'), changedRows('d')])).toEqual([false, false]);
    } finally {
      await client.query(
        `rollback; reset role; drop owned by half_${process.pid}; drop role half_${process.pid}`,
      );
    }
    expect(await read('select distinct v from t')).toEqual(['d']);
  });
});
