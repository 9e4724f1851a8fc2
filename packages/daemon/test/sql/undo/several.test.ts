/** Jobs that changed the same rows, one after the other, undone in any order, several times. */
import type { Spec } from '@csvjobs/shared';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findJob } from '../../../src/sql/jobs.js';
import { connect } from '../../../src/sql/pool.js';
import { journalStatement } from '../../../src/sql/undo/journal.js';
import { keepTransaction } from '../../../src/sql/undo/transactionIds.js';
import { inShortIf, sized, sizedIf } from '../../support/form.js';
import { openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() => u.sql('drop schema u cascade; create schema u'));

const spec = (how: object): Spec => ({ csvjobs: how }) as Spec;
const MODES = {
  insert: spec({ mode: 'skip' }),
  update: spec({ mode: 'update', key: ['k'] }),
  replace: spec({ replace: true, maxRemoved: '100%', key: ['k'] }),
};
type Mode = keyof typeof MODES;

const TABLES = {
  plain: 'create table u.t (k int primary key, b text, c int default 0)',
  twice:
    'create table u.t (k int primary key, b text, c int default 0, d int generated always as (k * 2) stored unique)',
  parts: `create table u.t (k int primary key, b text, c int default 0) partition by range (k);
    create table u.t1 partition of u.t for values from (minvalue) to (6);
    create table u.t2 partition of u.t for values from (6) to (maxvalue)`,
};

/** The expected table, by key: each version with the job that wrote it; the last one is the current row. */
class Model {
  private readonly versions = new Map<number, { job: string | null; value: string | null }[]>();

  now(): Map<number, string> {
    const all = [...this.versions].flatMap(([k, list]) => {
      const value = list.at(-1)?.value;
      return value == null ? [] : [[k, value] as const];
    });
    return new Map(all.sort(([one], [other]) => one - other));
  }

  write(job: string | null, k: number, value: string | null): void {
    if ((this.now().get(k) ?? null) === value) return;
    this.versions.set(k, [...(this.versions.get(k) ?? []), { job, value }]);
  }

  load(job: string, mode: Mode, records: readonly (readonly [number, string])[]): void {
    const known = this.now();
    for (const [k, value] of records) if (mode !== 'insert' || !known.has(k)) this.write(job, k, value);
    const keys = new Set(records.map(([k]) => k));
    if (mode === 'replace') for (const k of known.keys()) if (!keys.has(k)) this.write(job, k, null);
  }

  /** Returns the number of changed rows. */
  undo(job: string): number {
    let changed = 0;
    for (const list of this.versions.values()) {
      if (list.at(-1)?.job !== job) continue;
      changed++;
      while (list.at(-1)?.job === job) list.pop();
    }
    return changed;
  }

  /** Whether a row is as the job left it. */
  hasRow(job: string): boolean {
    return [...this.versions.values()].some(
      (list) => list.at(-1)?.job === job && list.at(-1)?.value !== null,
    );
  }

  /** Whether a job that is not undone has removed the key's row at some time. */
  wasRemoved(k: number): boolean {
    return (this.versions.get(k) ?? []).some(({ job, value }) => job !== null && value === null);
  }

  /** Whether the job has versions beneath others'. */
  has(job: string): boolean {
    return [...this.versions.values()].some((list) => list.some((version) => version.job === job));
  }
}

const job = fc.record({
  mode: fc.constantFrom<Mode>('insert', 'update', 'replace'),
  records: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 10 }), fc.constantFrom('x', 'y', 'z')), {
    selector: ([k]) => k,
    minLength: 1,
    maxLength: 8,
  }),
  lanes: fc.constantFrom(1, 2),
});

/** Between two steps: no operation on the whole table changes which job owns a row. */
const MAINTENANCE = ['vacuum (freeze) u.t', 'vacuum full u.t', 'analyze u.t', 'select 1'];

const table = async () =>
  new Map((await u.sql('select k, b from u.t order by k')).map(({ k, b }) => [k as number, b as string]));

async function begin(name: keyof typeof TABLES, model: Model): Promise<void> {
  await u.sql(`drop schema u cascade; create schema u; ${TABLES[name]}`);
  for (const k of [1, 2, 3, 4, 5]) {
    await u.sql('insert into u.t (k, b) values ($1, $2)', [k, 'old']);
    model.write(null, k, 'old');
  }
}

async function load(
  model: Model,
  { mode, records, lanes }: { mode: Mode; records: [number, string][]; lanes: number },
) {
  const id = await u.into('t', ['k', 'b'], records, { spec: MODES[mode], lanes });
  model.load(id, mode, records);
  expect(await table()).toEqual(model.now());
  return id;
}

// In the short form each order for one of the tables.
describe.each((Object.keys(TABLES) as (keyof typeof TABLES)[]).map((name) => ({ name })))(
  'a table that is $name',
  ({ name }) => {
    it('newest first, each undo restores the state before its job', sizedIf(name === 'parts'), async () => {
      const steps = fc.array(fc.tuple(job, fc.constantFrom(...MAINTENANCE)), { minLength: 2, maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(steps, async (drawn) => {
          const model = new Model();
          await begin(name, model);
          const done: { id: string; before: unknown }[] = [];
          const all = 'select * from u.t order by k';
          for (const [each] of drawn) {
            const before = await u.sql(all);
            const id = await load(model, each);
            if (model.has(id)) done.push({ id, before });
          }
          for (const [at, { id, before }] of done.reverse().entries()) {
            await u.database.plain(drawn[at]![1]);
            const result = await u.undo(id);
            expect(result).toMatchObject({ changed: 0, missing: 0 });
            expect(await u.sql(all)).toEqual(before);
            await expect(u.undo(id)).rejects.toMatchObject({ code: 'job_state_conflict' });
          }
        }),
        { numRuns: sized(3, 4), endOnFailure: true },
      );
    });

    it(
      'in any order, with changes by others in between, only the job’s rows are restored',
      sizedIf(name === 'twice'),
      async () => {
        const steps = fc.array(
          fc.oneof(
            { weight: 4, arbitrary: job.map((each) => ({ ...each, step: 'load' as const })) },
            { weight: 6, arbitrary: fc.nat(20).map((which) => ({ step: 'undo' as const, which })) },
            {
              weight: 1,
              arbitrary: fc.record({
                step: fc.constant('other' as const),
                k: fc.integer({ min: 1, max: 10 }),
                value: fc.constantFrom('theirs', null),
              }),
            },
            {
              weight: 1,
              arbitrary: fc.constantFrom(...MAINTENANCE).map((how) => ({ step: 'maintain' as const, how })),
            },
          ),
          { minLength: 6, maxLength: 14 },
        );
        await fc.assert(
          fc.asyncProperty(steps, async (drawn) => {
            const model = new Model();
            await begin(name, model);
            const ids: string[] = [];
            let rewritten = false;
            for (const each of drawn) {
              if (each.step === 'load') {
                const id = await load(model, each);
                if (model.has(id)) ids.push(id);
              } else if (each.step === 'maintain') {
                await u.database.plain(each.how);
                rewritten ||= each.how.startsWith('vacuum full');
              } else if (each.step === 'other') {
                const { k, value } = each;
                // A deleted row leaves no trace of who deleted it: see the last test.
                if (value === null && model.wasRemoved(k)) continue;
                if (value === null) await u.sql('delete from u.t where k = $1', [k]);
                else
                  await u.sql(
                    'insert into u.t (k, b) values ($1, $2) on conflict (k) do update set b = excluded.b where t.b <> excluded.b',
                    [k, value],
                  );
                model.write(null, k, value);
              } else if (ids.length > 0) {
                const id = ids[each.which % ids.length]!;
                const wasDone = !model.has(id);
                if (wasDone) {
                  await expect(u.undo(id)).rejects.toMatchObject({ code: 'job_state_conflict' });
                  continue;
                }
                if (rewritten && !model.hasRow(id)) {
                  // If none of its rows is left to prove that their IDs are still valid, an undo may refuse, and
                  // change nothing.
                  const refused = await u.undo(id, true).catch((error: { code: string }) => error);
                  if ('code' in refused) {
                    expect(refused.code).toBe('undo_impossible');
                    continue;
                  }
                }
                const { status } = (await findJob(u.database.pool, id))!;
                const tried = await u.undo(id, true);
                const result = await u.undo(id);
                expect(tried).toEqual({ ...result, dryRun: true });
                const changed = model.undo(id);
                expect(result.removed + result.restored).toBe(changed);
                expect(result.changed + result.missing > 0).toBe(model.has(id));
                expect((await findJob(u.database.pool, id))?.status).toBe(changed > 0 ? 'undone' : status);
              }
              expect(await table()).toEqual(model.now());
            }
          }),
          { numRuns: sized(2, 5), endOnFailure: true },
        );
      },
    );
  },
);

const rows = () => u.sql('select k, b from u.t order by k');
const into = (mode: Mode, records: [number, string][], more: object = {}) =>
  u.into('t', ['k', 'b'], records, { spec: spec({ ...MODES[mode].csvjobs, ...more }) });

it('an undo that finds nothing leaves its job; the job that blocks it is named, and is undone first', async () => {
  await u.sql(`${TABLES.plain}; insert into u.t (k, b) values (1, 'old'), (2, 'old')`);
  const first = await into('update', [
    [1, 'x'],
    [2, 'x'],
  ]);
  const second = await into('update', [
    [1, 'y'],
    [2, 'y'],
  ]);
  expect(await u.undo(first)).toMatchObject({
    restored: 0,
    changed: 2,
    changedBy: [{ jobId: second, rows: 2 }],
  });
  expect(await findJob(u.database.pool, first)).toMatchObject({ status: 'completed' });
  expect((await findJob(u.database.pool, first))?.undone).toBeUndefined();
  expect(await u.undo(second)).toMatchObject({ restored: 2, changed: 0 });
  expect(await u.undo(first)).toMatchObject({ restored: 2, changed: 0 });
  expect(await rows()).toEqual([1, 2].map((k) => ({ k, b: 'old' })));
});

it('a second undo handles the rows left by the first, and their counts are added', async () => {
  await u.sql(`${TABLES.plain}; insert into u.t (k, b) values (1, 'old'), (2, 'old')`);
  const id = await into('update', [
    [1, 'x'],
    [2, 'x'],
    [3, 'x'],
    [4, 'x'],
  ]);
  await u.sql('create table u.r (k int references u.t); insert into u.r values (4)');
  const later = await into('update', [[2, 'y']]);
  const one = await u.undo(id);
  expect(one).toMatchObject({ inserted: 2, updated: 2, removed: 1, restored: 1, changed: 1, referenced: 1 });
  await u.sql('drop table u.r');
  await u.undo(later);
  await u.database.plain('vacuum full u.t');
  expect(await u.undo(id)).toMatchObject({ inserted: 1, updated: 1, removed: 1, restored: 1, changed: 0 });
  expect((await findJob(u.database.pool, id))?.undone).toMatchObject({ removed: 2, restored: 2, changed: 0 });
  expect(await rows()).toEqual([1, 2].map((k) => ({ k, b: 'old' })));
  await expect(u.undo(id)).rejects.toMatchObject({ code: 'job_state_conflict' });
});

for (const [keyed, table] of [
  ['with a key', 'create table u.t (k int primary key, b text)'],
  ['without a key', 'create table u.t (k int, b text); create unique index on u.t (b) where k = 1'],
] as const)
  it(
    `a row with which a later job replaced a removed one: ${keyed}`,
    inShortIf(keyed === 'with a key'),
    async () => {
      await u.sql(
        `${table}; insert into u.t values (1, 'old'), (2, 'old'), (3, 'same'), (3, 'same') on conflict do nothing`,
      );
      const before = await rows();
      const replace = { replace: true, maxRemoved: '100%' };
      const id = await u.into('t', ['k', 'b'], [[7, 'new']], { spec: spec(replace) });
      const fixed = await u.into('t', ['k', 'b'], [[1, 'old']]);
      expect(await u.undo(id)).toMatchObject({ removed: 1, changed: 1, restored: before.length - 1 });
      expect(await u.undo(id)).toMatchObject({ removed: 0, changed: 1, restored: 0 });
      expect(await rows()).toEqual(before);
      expect(await u.undo(fixed)).toMatchObject({ removed: 1 });
      expect(await u.undo(id)).toMatchObject({ removed: 0, changed: 0, restored: 1 });
      expect(await rows()).toEqual(before);
    },
  );

it('two jobs that changed a row in turn restore it in turn', async () => {
  await u.sql(`${TABLES.plain}; insert into u.t (k, b) values (1, 'old')`);
  const [one, two] = [await into('update', [[1, 'a1']]), await into('update', [[1, 'b1']])];
  const client = await connect(u.database.connection, 'test');
  await client.query('begin');
  await client.query(
    journalStatement(one, ['k'], 'select 1::bigint as row, t::text as before, t.xmin as was from u.t'),
  );
  await client.query(`update u.t set b = 'a2'`);
  await keepTransaction(client, one, { inserted: 0, updated: 1 });
  await client.query('commit');
  await client.end();
  expect(await u.undo(two)).toMatchObject({ restored: 0, changed: 1 });
  const seen: unknown[] = [];
  for (const id of [one, two, one]) {
    await u.undo(id);
    seen.push((await u.sql('select b from u.t'))[0]?.b);
  }
  expect(seen).toEqual(['b1', 'a1', 'old']);
});

it('a row that a trigger keeps from being restored is not mistaken for one that the job inserted', async () => {
  await u.sql(`${TABLES.plain}; insert into u.t (k, b) values (1, 'old')`);
  const id = await into('update', [
    [1, 'x'],
    [2, 'x'],
  ]);
  await u.sql(`delete from u.t where k = 2;
    create function u.keep() returns trigger language plpgsql as 'begin return null; end';
    create trigger keep before update on u.t for each row execute function u.keep()`);
  expect(await u.undo(id)).toMatchObject({ restored: 0, removed: 0, kept: 1, missing: 1, refused: 0 });
  expect(await rows()).toEqual([{ k: 1, b: 'x' }]);
});

it('customers are returned to the jobs that loaded them', async () => {
  await u.sql('truncate customers');
  const [one, two] = [await u.customers(['a@x.de', 'b@x.de']), await u.customers(['c@x.de'])];
  const id = await u.into(
    'customers',
    ['name', 'email', 'phone', 'company'],
    [
      ['New', 'a@x.de', '', 'C'],
      ['New', 'c@x.de', '', 'C'],
    ],
    { spec: spec({ mode: 'update' }), schema: 'public' },
  );
  expect(await u.undo(id)).toMatchObject({ restored: 2 });
  expect(await u.undo(one)).toMatchObject({ removed: 2, changed: 0, missing: 0 });
  expect(await u.undo(two)).toMatchObject({ removed: 1, changed: 0, missing: 0 });
});

for (const [whose, change] of [
  ['of another cluster', 'update job_transactions set cluster = cluster + 1 where job_id = $1'],
  ['of another database', 'update job_transactions set database = 1 where job_id = $1'],
  ['that is 2³² transactions old', 'update job_transactions set xid = xid - 4294967296 where job_id = $1'],
  ['whose ids have expired', 'update jobs set undo_swept_at = now() where id = $1'],
  ['that is deleted', 'update jobs set deleted_at = now() where id = $1'],
] as const)
  it(`a row is not given back to a job ${whose}`, inShortIf(/database|expired/.test(whose)), async () => {
    await u.sql(TABLES.plain);
    const first = await into('insert', [[1, 'x']]);
    const second = await into('update', [[1, 'y']]);
    await u.sql(change, [first]);
    expect(await u.undo(second)).toMatchObject({ restored: 1 });
    expect(await u.sql('select inserted::int from job_transactions where job_id = $1', [first])).toEqual([
      { inserted: 1 },
    ]);
  });

it('only the jobs that are in the way are named, and not those that get their rows back', async () => {
  await u.sql(TABLES.plain);
  await into('insert', [
    [1, 'x'],
    [2, 'x'],
  ]);
  const second = await into('update', [
    [1, 'y'],
    [2, 'y'],
  ]);
  const third = await into('update', [[2, 'z']]);
  expect(await u.undo(second)).toMatchObject({ restored: 1, changedBy: [{ jobId: third, rows: 1 }] });
});

it('the jobs that are in the way are named in the order in which to undo them', async () => {
  await u.sql(`${TABLES.plain}; insert into u.t (k, b) values (1, 'old'), (2, 'old'), (3, 'old')`);
  const first = await into('update', [
    [1, 'x'],
    [2, 'x'],
    [3, 'x'],
  ]);
  const second = await into('update', [
    [1, 'y'],
    [2, 'y'],
  ]);
  const third = await into('update', [[3, 'z']]);
  expect((await u.undo(first)).changedBy).toEqual([
    { jobId: third, rows: 1 },
    { jobId: second, rows: 2 },
  ]);
});

it('after an undo in part, the other rows return to the jobs that wrote them as well', async () => {
  await u.sql(TABLES.plain);
  const records = (b: string, ...keys: number[]) => keys.map((k): [number, string] => [k, b]);
  const first = await into('insert', records('x', 1, 2));
  await into('insert', records('x', 3));
  await u.sql(`insert into u.t (k, b) values (4, 'theirs')`);
  const second = await into('update', records('y', 1, 2, 3, 4));
  const third = await into('update', records('z', 1, 4));
  expect(await u.undo(second)).toMatchObject({ restored: 2, changed: 2 });
  expect(await u.undo(third)).toMatchObject({ restored: 2 });
  expect(await u.undo(second)).toMatchObject({ restored: 2, changed: 0 });
  expect(await u.undo(first)).toMatchObject({ removed: 2, missing: 0 });
  expect((await rows()).map(({ k }) => k)).toEqual([3, 4]);
});
