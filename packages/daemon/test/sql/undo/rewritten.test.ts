/** Tables that were rewritten since the load: ALTER TABLE gives their rows new IDs, VACUUM FULL keeps them. */
import type { Spec } from '@csvjobs/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inShortIf, ON_NEWEST, ON_OLDEST } from '../../support/form.js';
import { openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());
beforeEach(() =>
  u.sql(`drop schema u cascade; create schema u; create table u.t (id int primary key, v text);
    insert into u.t values (1, 'a'), (2, 'b'), (3, 'c')`),
);

const HEADER = ['id', 'v'];
const UPDATE = { csvjobs: { mode: 'update', key: ['id'] } } as Spec;
const REPLACE = { csvjobs: { replace: true, maxRemoved: '100%', key: ['id'] } } as Spec;
const BOTH: [number, string][] = [
  [1, 'x'],
  [2, 'y'],
];
const REWRITES = [
  'alter table u.t alter v type varchar(20) using lower(v)',
  'alter table u.t add column x uuid default gen_random_uuid()',
];
const rows = () => u.sql('select id, v from u.t order by id');
const load = (records: [number, string][], spec: Spec = UPDATE) => u.into('t', HEADER, records, { spec });

describe.each(REWRITES)('%s', (rewrite) => {
  const CASES: [what: string, spec: Spec, records: [number, string][], advice: RegExp][] = [
    [
      'updated',
      UPDATE,
      BOTH,
      /; nothing was changed; to get the old values back, load the previous version of the file: csvjobs upload <file> --like [-0-9a-f]{36} --blanks null$/,
    ],
    [
      'updated and inserted',
      UPDATE,
      [...BOTH, [7, 'z']],
      /--like [-0-9a-f]{36} --blanks null; then remove the rows that it inserted: delete from u\.t where <what tells them from others>$/,
    ],
    [
      'updated, with a default,',
      { csvjobs: { ...UPDATE.csvjobs, default: { v: 'q' } } } as Spec,
      BOTH,
      /--blanks null; --default and --constant of the job apply again, so v may get other values$/,
    ],
    [
      'replaced all',
      REPLACE,
      [...BOTH, [3, 'z'], [7, 'z']],
      /--like [-0-9a-f]{36}; it also removes rows that others have added since, and without a terminal it needs --yes$/,
    ],
    [
      'replaced',
      REPLACE,
      BOTH,
      /previous version of the file: csvjobs upload <file> --like [-0-9a-f]{36}; it also removes rows that others have added since, and without a terminal it needs --yes$/,
    ],
  ];
  // In the short form each in one of both ways, in turn; on the oldest PostgreSQL the first.
  for (const [at, [what, spec, records, advice]] of CASES.entries())
    it(
      `is why a job that has ${what} rows cannot be undone, with advice that loses none`,
      inShortIf(ON_OLDEST ? at === 0 && rewrite === REWRITES[1] : rewrite === REWRITES[at % 2]),
      async () => {
        const id = await load(records, spec);
        await u.sql(rewrite);
        const before = await rows();
        for (const dryRun of [true, false])
          await expect(u.undo(id, dryRun)).rejects.toMatchObject({
            code: 'undo_impossible',
            message: expect.stringMatching(/^none of its rows .* u\.t has been rewritten since/),
          });
        await expect(u.undo(id)).rejects.toThrow(advice);
        expect(await rows()).toEqual(before);
      },
    );

  it(
    'hides also whether others have changed the rows before it or after',
    inShortIf(rewrite === REWRITES[0] && !ON_OLDEST),
    async () => {
      const id = await load(BOTH);
      await u.sql(`update u.t set v = 'other' where id = 1`);
      await u.sql(rewrite);
      await u.sql(`update u.t set v = 'later' where id = 2`);
      await expect(u.undo(id)).rejects.toMatchObject({ code: 'undo_impossible' });
    },
  );
});

it('the advice says that a job like one that was held is held too', ON_NEWEST, async () => {
  const id = await load(BOTH);
  await u.sql(`update jobs set mode = mode || '{"atomic": true, "hold": true}' where id = $1`, [id]);
  await u.sql(REWRITES[0]!);
  await expect(u.undo(id)).rejects.toThrow(/ --blanks null; the new job is held too, until you accept it$/);
});

it('a rewrite before the rows were changed by a later job hides them too', ON_NEWEST, async () => {
  const id = await load(BOTH);
  await u.sql(REWRITES[0]!);
  const later = await load([[1, 'later']]);
  await expect(u.undo(id)).rejects.toMatchObject({ code: 'undo_impossible' });
  expect(await u.undo(later)).toMatchObject({ restored: 1 });
  await expect(u.undo(id)).rejects.toMatchObject({ code: 'undo_impossible' });
});

it('a second undo is refused too if the rows that the first has left are lost', ON_NEWEST, async () => {
  const id = await load([
    [1, 'x'],
    [2, 'y'],
    [7, 'z'],
  ]);
  await u.sql(`alter table u.t add constraint c check (v <> 'b') not valid`);
  expect(await u.undo(id)).toMatchObject({ removed: 1, restored: 1, refused: 1 });
  await u.sql(`alter table u.t drop constraint c; ${REWRITES[0]}`);
  await expect(u.undo(id)).rejects.toMatchObject({ code: 'undo_impossible' });
});

it('TRUNCATE removes rows, and hides none', ON_NEWEST, async () => {
  const id = await load([
    [1, 'x'],
    [7, 'z'],
  ]);
  await u.sql('truncate u.t');
  expect(await u.undo(id)).toMatchObject({ restored: 0, removed: 0, missing: 2 });
});

it('the advice for customers that a job has inserted names the job', ON_NEWEST, async () => {
  await u.customers(['a@x.de', 'b@x.de']);
  const id = await u.customers(['c@x.de']);
  await u.sql('alter table customers alter company type varchar(500) using lower(company)');
  await expect(u.undo(id)).rejects.toThrow(
    `nothing was changed; to remove its rows by hand, also those that others have updated since: delete from customers where job_id = '${id}'`,
  );
  await u.sql('alter table customers alter company type text');
});

describe.each(['vacuum full u.t', 'cluster u.t using t_pkey'])('%s', (rewrite) => {
  const isFull = rewrite.startsWith('vacuum');

  it('leaves rows that others have changed as changed', inShortIf(isFull), async () => {
    const id = await load(BOTH);
    await u.sql(`update u.t set v = 'other' where id < 3`);
    await u.database.plain(rewrite);
    expect(await u.undo(id)).toMatchObject({ restored: 0, changed: 2 });
  });

  const CASES: [string, Spec][] = [
    ['updated', UPDATE],
    ['removed', REPLACE],
  ];
  for (const [what, spec] of CASES)
    it(
      `is no rewrite to an undo if a later job has ${what} the rows that this one has inserted`,
      inShortIf((what === 'updated') === isFull && !ON_OLDEST),
      async () => {
        await u.sql('truncate u.t');
        const id = await load(BOTH);
        const later = await load(
          [
            [1, 'later'],
            [spec === REPLACE ? 8 : 2, 'later'],
          ],
          spec,
        );
        await u.database.plain(rewrite);
        expect(await u.undo(id)).toMatchObject({ removed: 0, missing: 2 });
        await u.undo(later);
        expect(await u.undo(id)).toMatchObject({ removed: 2 });
        expect(await rows()).toEqual([]);
      },
    );

  it(
    'leaves rows that a later job has changed to that job, even if no older row is left',
    inShortIf(!isFull && !ON_OLDEST),
    async () => {
      await u.sql('delete from u.t where id = 3');
      const id = await load(BOTH);
      const later = await load([
        [1, 'later'],
        [2, 'later'],
      ]);
      await u.database.plain(rewrite);
      expect(await u.undo(id)).toMatchObject({ changed: 2, changedBy: [{ jobId: later, rows: 2 }] });
      expect(await u.undo(later)).toMatchObject({ restored: 2 });
      expect(await u.undo(id)).toMatchObject({ restored: 2 });
      expect(await rows()).toEqual([
        { id: 1, v: 'a' },
        { id: 2, v: 'b' },
      ]);
    },
  );
});
