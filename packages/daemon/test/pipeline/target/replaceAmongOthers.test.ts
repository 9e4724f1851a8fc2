/** Replacing the content of a table that other sessions read and write, and attempts that end in the middle. */
import { expect, it, vi } from 'vitest';
import { armFailpoints } from '../../../src/failpoint.js';
import { run } from '../../../src/pipeline/run.js';
import { claimJob } from '../../../src/sql/claimJob.js';
import { inShortIf } from '../../support/form.js';
import { never } from '../support/loading.js';
import { openReplacing, records, replaceJob, rowsOf, runOnce } from './replacing.js';

const { r, sql, make } = await openReplacing();

it('others read the old content until the end, and write only after it', async () => {
  const { pool } = r.database;
  await make();
  const id = await replaceJob(r, ['k', 'n'], [...records(11, 100), ...records(201, 300)]);
  let wrote: Promise<unknown> | undefined;
  const seen: Promise<number>[] = [];
  const publish = ({ processedRows, status }: { processedRows: number; status: string }) => {
    if (processedRows === 0 || status !== 'processing') return;
    wrote ??= pool.query(
      'insert into t values (500, 1) returning (select count(*) from t where k < 11) as old',
    );
    seen.push(pool.query('select count(*)::int as n from t').then(({ rows }) => rows[0].n));
  };
  const { storage } = r.loading.dependencies(r.database, 1);
  const forgetEmails = async () => void (await Promise.all(seen));
  const deps = r.loading.dependencies(r.database, 1, { publish, storage: { ...storage, forgetEmails } });
  expect(await run((await claimJob(pool, id))!, deps, never)).toBe('completed');
  await wrote;
  expect(new Set(await Promise.all(seen))).toEqual(new Set([100]));
  expect(await sql('select count(*)::int as n, count(*) filter (where k < 11)::int as old from t')).toEqual([
    { n: 191, old: 0 },
  ]);
});

for (const [what, before, locks] of [
  ['an earlier writer', '', 'insert into t values (500, 5)'],
  [
    'a session that has locked a row to remove',
    'insert into t values (500, 5)',
    'select from t where k = 500 for update',
  ],
] as const)
  it(`waits for ${what}, and a stop ends the wait`, inShortIf(what !== 'an earlier writer'), async () => {
    const { pool, connection } = r.database;
    await make();
    await sql(before);
    const other = await pool.connect();
    await other.query(`begin; ${locks}`);
    const id = await replaceJob(r, ['k', 'n'], records(1, 100));
    const impatient = { ...r.database, connection: { ...connection, silenceMs: 2_000 } };
    const waits = async (before?: string) => {
      const { rows } = await pool.query<{ since: string }>(
        `select query_start::text as since from pg_stat_activity where application_name like 'csvjobs ${id}/%' and wait_event_type = 'Lock'`,
      );
      expect(rows[0]?.since).toBeDefined();
      expect(rows[0]!.since).not.toBe(before);
      return rows[0]!.since;
    };
    const drain = new AbortController();
    const first = run((await claimJob(pool, id))!, r.loading.dependencies(impatient, 1), drain.signal);
    let since: string | undefined;
    for (let look = 0; look < 2; look++) since = await vi.waitFor(() => waits(since));
    drain.abort();
    expect(await first).toBe('drained');

    const second = run((await claimJob(pool, id))!, r.loading.dependencies(impatient, 1), never);
    await vi.waitFor(() => waits());
    await other.query('commit');
    other.release();
    expect(await second).toBe('completed');
    expect(await sql('select count(*)::int as n from t where k = 500')).toEqual([{ n: 0 }]);
  });

it('a reference that another session is adding to a row that is not in the file keeps all rows', async () => {
  const { pool } = r.database;
  await make();
  await sql('create table ref (k int references t on delete cascade)');
  const other = await pool.connect();
  await other.query('begin; insert into ref values (3)');
  const id = await replaceJob(r, ['k', 'n'], records(5, 100));
  const replacing = runOnce(r, id);
  await vi.waitFor(async () => {
    const { rowCount } = await pool.query(
      `select from pg_stat_activity where application_name like 'csvjobs ${id}/%' and wait_event_type = 'Lock'`,
    );
    expect(rowCount).toBe(1);
  });
  await other.query('commit');
  other.release();
  expect((await replacing).error).toMatchObject({ code: 'rows_referenced' });
  expect(await sql('select k from ref')).toEqual([{ k: 3 }]);
  expect(await sql('select count(*)::int as n from t')).toEqual([{ n: 100 }]);
});

for (const name of ['after-commit', 'before-whole-commit'])
  it(
    `an attempt that fails between removal and end (${name}) changes nothing`,
    inShortIf(name === 'before-whole-commit'),
    async () => {
      await make();
      const before = await rowsOf(r.database);
      const id = await replaceJob(r, ['k', 'n'], records(50, 149));
      armFailpoints([{ name, nth: 1, action: 'throw', ms: 0 }]);
      expect((await runOnce(r, id)).error).toMatchObject({ code: 'failpoint' });
      expect(await rowsOf(r.database)).toEqual(before);
      expect((await runOnce(r, id)).job.counts).toMatchObject({ inserted: 49, unchanged: 51, removed: 49 });
    },
  );
