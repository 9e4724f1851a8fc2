/** From which states a person, a holder or a sweep moves a job, and what the move leaves of it. Loads have tests of their own. */
import { randomUUID } from 'node:crypto';
import type { Job, JobStatus } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deleteJob } from '../../src/sql/deletedJobs.js';
import {
  acceptHeld,
  completeHeld,
  countHolds,
  discardHeld,
  failHeld,
  failUnheld,
  heldInto,
  heldStates,
  holdJobFor,
  LOST,
} from '../../src/sql/heldJobs.js';
import { cancelJob, isSmall, knownJobs, retryJob, unfinishedJobs } from '../../src/sql/jobs.js';
import type { Pool } from '../../src/sql/pool.js';
import { ON_NEWEST } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { rowOf } from './support/processing.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
beforeEach(() => db.pool.query('truncate jobs cascade'));
afterAll(() => db.drop());

interface State {
  status: JobStatus;
  answer: 'accepted' | 'discarded' | null;
  /** Its deadline has passed. */
  over: boolean;
  deleted: boolean;
}

const STATUSES = ['pending', 'processing', 'held', 'completed', 'failed', 'cancelled', 'undone'] as const;
const ENDED: readonly JobStatus[] = ['completed', 'failed', 'cancelled', 'undone'];

/** All of them, those too that no job should be in. */
const STATES: State[] = STATUSES.flatMap((status) =>
  ([null, 'accepted', 'discarded'] as const).flatMap((answer) =>
    [false, true].flatMap((over) =>
      (status === 'held' ? [false] : [false, true]).map((deleted) => ({ status, answer, over, deleted })),
    ),
  ),
);

/** A job in this state, which its second attempt has read completely. */
async function jobIn({ status, answer, over, deleted }: State, more: object = {}): Promise<string> {
  const { pool } = db;
  const id = randomUUID();
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000);
  const counts = { total_rows: 3, processed_rows: 3, success_count: 3, updated_count: 1, removed_count: 2 };
  await pool.query(
    `insert into jobs (id, filename, size_bytes, sha256, status, attempt, held_until, held_answer, deleted_at)
     values ($1, 'f.csv', 1, '', $2, 2, $3, $4, $5)`,
    [id, status, at(over ? -1 : 1), answer, deleted ? at(-1) : null],
  );
  const columns = { ...counts, removed_rows: '[{"a":"1"}]', mode: { atomic: true, hold: true }, ...more };
  const set = Object.keys(columns).map((name, index) => `${name} = $${index + 2}`);
  await pool.query(`update jobs set ${set} where id = $1`, [id, ...Object.values(columns)]);
  return id;
}

const held = (state: State) => state.status === 'held';
const unanswered = (state: State) => held(state) && state.answer === null;
const why = { code: 'hold_lost', message: 'gone' } as const;
const holding = { rows: [], timeoutMs: 1_000 };

type Move = (pool: Pool, id: string, attempt: number) => Promise<Job | Job[] | boolean | null>;

const MOVES: [what: string, move: Move, from: (state: State) => boolean][] = [
  ['is held', (pool, id, at) => holdJobFor(pool, id, at, holding), ({ status }) => status === 'processing'],
  ['is accepted', (pool, id) => acceptHeld(pool, id, 'ci'), (state) => unanswered(state) && !state.over],
  ['is discarded', (pool, id) => discardHeld(pool, id, 'ci'), unanswered],
  ['is committed', (pool, id, at) => completeHeld(pool, id, at), (s) => held(s) && s.answer === 'accepted'],
  ['fails', (pool, id, at) => failHeld(pool, id, at, why, undefined), held],
  ['fails unless accepted', (pool, id, at) => failHeld(pool, id, at, why, 'accepted'), unanswered],
  [
    'fails if its time is over',
    (pool, id, at) => failHeld(pool, id, at, why, 'accepted or in time'),
    (state) => unanswered(state) && state.over,
  ],
  ['is found without a holder', (pool, id) => failUnheld(pool, id), held],
  ['is cancelled', (pool, id) => cancelJob(pool, id), ({ status }) => /pending|processing/.test(status)],
  [
    'is retried',
    (pool, id) => retryJob(pool, id),
    ({ status, deleted }) => /failed|cancelled/.test(status) && !deleted,
  ],
  [
    'is deleted',
    (pool, id) => deleteJob(pool, id),
    ({ status, deleted }) => ENDED.includes(status) && !deleted,
  ],
];
const BY_ATTEMPT = /^(is held|is committed|fails)/;

describe.each(MOVES)('a job %s', (what, move, from) => {
  const moved = (result: Awaited<ReturnType<Move>>) =>
    Array.isArray(result) ? result.length === 1 : result !== null && result !== false;
  const all = async () =>
    (await db.pool.query<{ id: string; text: string }>('select id, jobs::text as text from jobs order by id'))
      .rows;

  test('from its states only, and no other job with it', ON_NEWEST, async () => {
    const ids = await Promise.all(STATES.map((state) => jobIn(state)));
    const before = await all();
    const result: boolean[] = [];
    for (const id of ids) {
      if (BY_ATTEMPT.test(what))
        for (const other of [1, 3]) expect(moved(await move(db.pool, id, other))).toBe(false);
      result.push(moved(await move(db.pool, id, 2)));
    }
    expect(STATES.filter((_, index) => result[index])).toEqual(STATES.filter(from));
    const changed = (await all()).filter(({ text }, index) => text !== before[index]!.text);
    expect(changed.map(({ id }) => id)).toEqual(ids.filter((_, index) => from(STATES[index]!)).sort());
  });
});

const HELD: State = { status: 'held', answer: null, over: false, deleted: false };

test('a job is not held while a record is unaccounted for; one that is held again has no answer', async () => {
  const id = await jobIn({ ...HELD, status: 'processing', answer: 'discarded' }, { total_rows: 4 });
  expect(await holdJobFor(db.pool, id, 2, holding)).toBeNull();
  await db.pool.query(
    `update jobs set total_rows = 3, held_answer_at = now(), held_answer_by = 'ci' where id = $1`,
    [id],
  );
  const job = await holdJobFor(db.pool, id, 2, holding);
  expect(job?.held).toEqual({ until: expect.any(String), rows: [] });
});

test.each<[string, Move]>([
  ['discarded', (pool, id) => discardHeld(pool, id, 'ci')],
  ['failed', (pool, id) => failHeld(pool, id, 2, why, 'accepted')],
  ['found without a holder', (pool, id) => failUnheld(pool, id)],
])('the rows that a replacement removed are back once it is %s', async (_, move) => {
  const id = await jobIn(HELD);
  await move(db.pool, id, 2);
  expect(await rowOf(db.pool, id)).toMatchObject({
    ...{ removed_count: 0, removed_rows: null, success_count: 3 },
    completed_at: expect.any(Date),
  });
});

test('the rows that it removed stay removed once it is committed', async () => {
  const id = await jobIn({ ...HELD, answer: 'accepted' });
  expect(await completeHeld(db.pool, id, 2)).toMatchObject({ removedRows: [{ a: '1' }] });
  expect(await rowOf(db.pool, id)).toMatchObject({ removed_count: 2, completed_at: expect.any(Date) });
});

test('all jobs without a holder are found at once; one whose holder has it is not waited for', async () => {
  const ids = await Promise.all([jobIn(HELD), jobIn({ ...HELD, answer: 'accepted' }), jobIn(HELD)]);
  const holder = await db.pool.connect();
  try {
    await holder.query(`begin; select from jobs where id = '${ids[0]}' for no key update`);
    expect(await failUnheld(db.pool, ids[0])).toEqual([]);
    const found = await failUnheld(db.pool);
    expect(found.map(({ id }) => id).sort()).toEqual([ids[1]!, ids[2]!].sort());
    expect(found.map(({ failure }) => failure)).toEqual([LOST, LOST]);
  } finally {
    await holder.query('rollback');
    holder.release();
  }
});

test('a retry has no failure, and all tries again', async () => {
  const failure = { failures: 3, failure_code: 'c', failure_message: 'm', completed_at: new Date() };
  const id = await jobIn({ ...HELD, status: 'failed' }, failure);
  expect(await retryJob(db.pool, id)).toMatchObject({ failure: null, completedAt: null, status: 'pending' });
  expect(await rowOf(db.pool, id)).toMatchObject({ failures: 0, failure_code: null, failure_message: null });
});

test('jobs are listed for their holder, their table, their queue and their file', async () => {
  const of = (pick: (state: State) => boolean) =>
    STATES.flatMap((state, index) => (pick(state) ? [ids[index]!] : [])).sort();
  const ids = await Promise.all(STATES.map((state) => jobIn(state)));
  const small = await jobIn({ ...HELD, status: 'pending' }, { small: true, mode: {} });
  const there = await jobIn(HELD, { target_table: 'public.there' });
  const first = await jobIn(HELD, { target_table: 'public.there', created_at: '2026-01-01' });
  const { pool } = db;

  const states = await heldStates(pool, ids);
  for (const [index, { status, answer, over }] of STATES.entries())
    expect(states.get(ids[index]!)).toEqual({ status, over, accepted: answer === 'accepted', attempt: 2 });
  expect((await heldInto(pool, 'customers')).sort()).toEqual(of(unanswered));
  expect(await heldInto(pool, 'public.there')).toEqual([first, there]);
  const unfinished = of(({ status }) => /pending|processing/.test(status));
  expect((await unfinishedJobs(pool)).sort()).toEqual(unfinished);
  expect(await unfinishedJobs(pool, true)).toEqual([small]);
  expect(await isSmall(pool, small)).toBe(true);
  for (const [index, { status }] of STATES.entries())
    expect(await isSmall(pool, ids[index]!)).toBe(status === 'pending' ? false : undefined);
  expect((await knownJobs(pool, ids)).sort()).toEqual(of(({ deleted }) => !deleted));

  const holds = unfinished.length + of(held).length + 2;
  expect(await countHolds(pool, 1_000)).toBe(holds);
  expect(await countHolds(pool, holds - 1)).toBe(holds - 1);
});

test('unfinished jobs are listed in the order of their uploads', async () => {
  const made = (day: string, status: JobStatus) =>
    jobIn({ ...HELD, status }, { created_at: `2026-01-${day}`, small: false });
  const second = await made('02', 'pending');
  const first = await made('01', 'pending');
  const third = await made('03', 'processing');
  expect(await unfinishedJobs(db.pool)).toEqual([first, second, third]);
});
