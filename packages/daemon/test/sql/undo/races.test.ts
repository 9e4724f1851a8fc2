/**
 * An undo next to others: one of two undos wins, a retry comes before or after, and nothing is half undone.
 */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { findJob, retryJob } from '../../../src/sql/jobs.js';
import { type Client, connect } from '../../../src/sql/pool.js';
import { startAgain } from '../../../src/sql/undo/startAgain.js';
import { inShortIf, sized } from '../../support/form.js';
import { many, openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() =>
  u.sql('drop schema u cascade; create schema u; create table u.t (a int primary key, b int)'),
);

const rowsLeft = async () => (await u.sql('select count(*) as n from u.t'))[0]!.n;
const load = (lanes = 2) =>
  u.into(
    't',
    ['a', 'b'],
    many(300, (at) => [at, at]),
    { lanes },
  );

/** Does something while another transaction has locked what the undo needs, and waits until it is blocked. */
async function whileBlocked<T>(
  lock: string,
  work: () => Promise<T>,
  meanwhile: (other: Client, pid: number) => Promise<void>,
): Promise<PromiseSettledResult<T>> {
  const other = await connect(u.database.connection, 'other');
  try {
    await other.query('begin');
    await other.query(lock);
    const done = Promise.allSettled([work()]);
    const pid = await vi.waitFor(async () => {
      const rows = await u.sql(
        `select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      );
      expect(rows).toHaveLength(1);
      return rows[0]!.pid as number;
    });
    await meanwhile(other, pid);
    const [result] = await done;
    return result!;
  } finally {
    await other.end();
  }
}

it('of two simultaneous undos one succeeds', async () => {
  const id = await load();
  const results = await Promise.allSettled([u.undo(id), u.undo(id)]);
  const done = results.filter(({ status }) => status === 'fulfilled');
  const [refused] = results.filter((result) => result.status === 'rejected');
  expect(done).toMatchObject([{ value: { removed: 300, missing: 0 } }]);
  expect(refused!.reason).toMatchObject({ code: 'job_state_conflict' });
  expect(await rowsLeft()).toBe(0);
});

it.each(many(sized(2, 6), (at) => at))(
  'a simultaneous undo and retry run one after the other (%i)',
  { tags: ['sized'] },
  async (at) => {
    const id = await load();
    await u.sql(`update jobs set status = 'failed' where id = $1`, [id]);
    const retry = async () =>
      (await retryJob(u.database.pool, id)) ?? (await startAgain(u.database.pool, id));
    const undo = () => u.undo(id);
    const works = at % 2 ? [undo, retry] : [retry, undo];
    const results = await Promise.allSettled(works.map((work) => work()));
    const undone = results[at % 2 ? 0 : 1]!;
    const job = await findJob(u.database.pool, id);
    if (undone.status === 'rejected') {
      // The retry came first, or between the two checks of the undo: then nothing was removed.
      expect(undone.reason).toMatchObject({ code: 'job_state_conflict' });
      expect(job).toMatchObject({ status: 'pending', successCount: 300 });
      expect(await rowsLeft()).toBe(300);
      return;
    }
    expect(await rowsLeft()).toBe(0);
    expect(['pending', 'undone']).toContain(job!.status);
    if (job!.status === 'pending')
      expect(job).toMatchObject({ successCount: 0, processedRows: 0, totalRows: 0 });
  },
);

it('an undo that is terminated midway changes nothing, and can be repeated', async () => {
  const id = await load();
  const result = await whileBlocked(
    'update u.t set b = -1 where a = 299',
    () => u.undo(id),
    async (other, pid) => {
      await u.sql('select pg_terminate_backend($1)', [pid]);
      await vi.waitFor(async () =>
        expect(await u.sql('select from pg_stat_activity where pid = $1', [pid])).toEqual([]),
      );
      await other.query('rollback');
    },
  );
  expect(result.status).toBe('rejected');
  expect(await rowsLeft()).toBe(300);
  expect(await findJob(u.database.pool, id)).toMatchObject({ status: 'completed' });
  expect(await u.undo(id)).toMatchObject({ removed: 300 });
});

it('an undo that is terminated after it has undone some parts changes nothing', async () => {
  await u.sql(`create sequence u.raised;
    create function u.raise() returns trigger language plpgsql as $$ begin
      if old.a = 5 then perform nextval('u.raised'); raise 'no'; end if;
      if old.a = 299 and (select is_called from u.raised) then perform pg_advisory_xact_lock(42); end if;
      return old; end $$;
    create trigger no before delete on u.t for each row execute function u.raise()`);
  const id = await load(1);
  const result = await whileBlocked(
    'select pg_advisory_xact_lock(42)',
    () => u.undo(id),
    async (other, pid) => {
      // Refused together, in halves, and on its own.
      expect((await u.sql('select last_value as n from u.raised'))[0]!.n).toBeGreaterThan(3);
      await u.sql('select pg_terminate_backend($1)', [pid]);
      await vi.waitFor(async () =>
        expect(await u.sql('select from pg_stat_activity where pid = $1', [pid])).toEqual([]),
      );
      await other.query('rollback');
    },
  );
  expect(result.status).toBe('rejected');
  expect(await rowsLeft()).toBe(300);
  expect(await findJob(u.database.pool, id)).toMatchObject({ status: 'completed' });
  expect(await u.undo(id)).toMatchObject({ removed: 299, refused: 1 });
  expect(await u.sql('select a from u.t')).toEqual([{ a: 5 }]);
});

it('a row that changes while the undo waits for it stays', async () => {
  const id = await load();
  const result = await whileBlocked(
    'update u.t set b = -1 where a in (7, 8)',
    () => u.undo(id),
    async (other) => void (await other.query('commit')),
  );
  expect(result).toMatchObject({ value: { removed: 298, missing: 2 } });
  expect(await u.sql('select a from u.t order by a')).toEqual([{ a: 7 }, { a: 8 }]);
});

it('a row that is referenced while the undo waits stays, and a reference to a removed one is refused', async () => {
  await u.sql('create table u.child (a int references u.t on delete cascade)');
  const id = await load();
  const result = await whileBlocked(
    'insert into u.child values (17)',
    () => u.undo(id),
    async (other) => void (await other.query('commit')),
  );
  expect(result).toMatchObject({ value: { removed: 299, referenced: 1 } });
  expect(await u.sql('select * from u.child')).toEqual([{ a: 17 }]);
  await expect(u.sql('insert into u.child values (18)')).rejects.toMatchObject({ code: '23503' });
});

for (const what of ['an undo', 'a start'])
  it(
    `${what} of another job on the table waits for a running undo`,
    inShortIf(what === 'an undo'),
    async () => {
      const [id, other] = [await load(), await u.into('t', ['a', 'b'], [[1000, 0]])];
      if (what === 'a start') await u.undo(other);
      const second = () => (what === 'a start' ? startAgain(u.database.pool, other) : u.undo(other));
      let after: Promise<unknown> | undefined;
      const first = await whileBlocked(
        'update u.t set b = -1 where a = 299',
        () => u.undo(id),
        async (blocker) => {
          after = second();
          await vi.waitFor(async () =>
            expect(
              await u.sql(
                `select from pg_locks where locktype = 'advisory' and not granted
               and database = (select oid from pg_database where datname = current_database())`,
              ),
            ).toHaveLength(1),
          );
          await blocker.query('rollback');
        },
      );
      expect(first).toMatchObject({ value: { removed: 300 } });
      expect(await after).toMatchObject(what === 'a start' ? { status: 'pending' } : { removed: 1 });
    },
  );

it('a retry waits for a running undo, and then finds the job undone', async () => {
  const id = await load();
  await u.sql(`update jobs set status = 'failed' where id = $1`, [id]);
  let retried: Promise<unknown> | undefined;
  const result = await whileBlocked(
    'update u.t set b = -1 where a = 299',
    () => u.undo(id),
    async (blocker) => {
      retried = retryJob(u.database.pool, id);
      await vi.waitFor(async () =>
        expect(
          await u.sql(
            `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
          ),
        ).toHaveLength(2),
      );
      await blocker.query('rollback');
    },
  );
  expect(result).toMatchObject({ value: { removed: 300 } });
  expect(await retried).toBeNull();
  expect(await findJob(u.database.pool, id)).toMatchObject({ status: 'undone' });
});

it('an undo waits for a lock for half a minute, and its connection may be idle for a minute', async () => {
  await u.sql(`create table u.settings (lock text, idle text);
    create function u.note() returns trigger language plpgsql as $$ begin insert into u.settings
      values (current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')); return null; end $$;
    create trigger note after delete on u.t for each statement execute function u.note()`);
  await u.undo(await load());
  expect(await u.sql('select distinct * from u.settings')).toEqual([{ lock: '30s', idle: '1min' }]);
});

it('only a final job that has loaded something can be undone', async () => {
  const id = await load();
  await u.sql(`update jobs set status = 'processing' where id = $1`, [id]);
  await expect(u.undo(id)).rejects.toMatchObject({
    code: 'job_state_conflict',
    message: expect.stringContaining(`cancel it first: csvjobs cancel ${id}`),
  });
  await u.sql(`update jobs set status = 'completed', deleted_at = now() where id = $1`, [id]);
  await expect(u.undo(id)).rejects.toMatchObject({ code: 'job_not_found' });
  const empty = await u.into('t', ['a', 'b'], [[1, 1]]);
  await expect(u.undo(empty)).rejects.toMatchObject({
    code: 'nothing_to_undo',
    message: expect.stringMatching(/ has completed, and none of its records was loaded; csvjobs show /),
  });
});
