/**
 * Which row a duplicate repeats, or that its key was in the table: the same in any number of lanes and
 * attempts.
 */
import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { readSpec } from '@csvjobs/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { inShortIf } from '../../support/form.js';
import { openTestLoad } from '../support/testLoad.js';
import { type Interruptions, makeTargetJob, runToEnd, type TargetFile } from '../target/support.js';

const { loading, db } = await openTestLoad();
beforeEach(async () => {
  await db.pool.query('drop schema if exists "Sales" cascade; create schema "Sales"');
});

const TABLE = { schema: 'Sales', name: 't' };
const logOf = (id: string) => join(loading.folder, `${id}.emails`);

async function messages(id: string): Promise<[row: number, code: string, message: string][]> {
  const { rows } = await db.pool.query<{ row_number: number; code: string; message: string }>(
    'select row_number, code, message from job_errors where job_id = $1 order by 1',
    [id],
  );
  return rows.map(({ row_number, code, message }) => [row_number, code, message]);
}

const WAYS: [string, Interruptions][] = [
  ['one lane', { lanes: 1 }],
  ['two lanes and three attempts', { lanes: 2, stopsAt: [40, 130] }],
  ['four lanes, one attempt that fails before a commit', { lanes: 4, stopsAt: [5], failsAt: 4 }],
];

for (const [way, how] of WAYS)
  describe(way, inShortIf(how.failsAt !== undefined), () => {
    it('a duplicate names the loaded row with its key, or the table', async () => {
      await db.pool.query(`create table "Sales".p (id int primary key); insert into "Sales".p values (1);
      create table "Sales".t (a int, b text, p int references "Sales".p, primary key (a, b));
      insert into "Sales".t select 900 + a, 'x' from generate_series(0, 9) a`);
      // Each key appears every 150 rows, in another spelling; those from 140 on are in the table. The first of
      // 7 is rejected.
      const records = Array.from({ length: 450 }, (_, at) => {
        const place = at % 150;
        const number = place >= 140 ? 760 + place : place;
        return [at < 150 ? String(number) : `00${number}`, 'x', at === 7 ? '2' : '1'];
      });
      const file: TargetFile = { table: TABLE, header: ['a', 'b', 'p'], records };
      const id = await makeTargetJob(loading, db.pool, file);
      await runToEnd(loading, db, id, how);
      const expected = records.flatMap(([text], at): unknown[] => {
        const number = Number(text);
        if (at === 7) return [[8, 'foreign_key_missing', 'p: 2 is not in p.id (t_p_fkey)']];
        if (number >= 900) return [[at + 1, 'duplicate_in_table', `already in t (a=${number}, b=x)`]];
        const first = number === 7 ? 158 : number + 1;
        return first === at + 1
          ? []
          : [[at + 1, 'duplicate_in_file', `duplicate of row ${first} (a=${number}, b=x)`]];
      });
      expect(await messages(id)).toEqual(expected);
      const { rows } = await db.pool.query<{ constraint: string }>(
        `select distinct reasons -> 0 -> 'params' ->> 'constraint' as constraint from job_errors where job_id = $1 and code like 'dup%'`,
        [id],
      );
      expect(rows).toEqual([{ constraint: 't_pkey' }]);
    });

    it('by several keys, defaults and other spellings of a value', async () => {
      await db.pool.query(
        'create table "Sales".t (a int primary key, d date not null unique, c char(4), unique nulls not distinct (c))',
      );
      const records = [
        ...Array.from({ length: 60 }, (_, at) => [
          String(at),
          `${(at % 28) + 1}.${Math.floor(at / 28) + 1}.2024`,
          `c${at}`,
        ]),
        ['60', '1.4.2024', '-'],
        ['61', '2.4.2024', ' '],
        ['62', '05.01.2024', 'y'],
        ['63', '3.4.2024', 'c3'],
        ['64', '4.4.2024', 'c0'],
        ['59', '5.4.2024', 'z'],
        ['65', '', 'w'],
        ['66', '31.12.2023', 'v'],
        ['66', '', 'u'],
      ];
      const spec = readSpec({
        schema: {
          fields: [
            { name: 'd', format: '%d.%m.%Y' },
            { name: 'c', missingValues: ['', '-', ' '] },
          ],
        },
        csvjobs: { default: { d: '2023-12-31' } },
      });
      const id = await makeTargetJob(loading, db.pool, {
        table: TABLE,
        header: ['a', 'd', 'c'],
        records,
        spec,
      });
      await runToEnd(loading, db, id, how);
      expect(await messages(id)).toEqual([
        [62, 'duplicate_in_file', 'c: duplicate of row 61 (c=NULL)'],
        [63, 'duplicate_in_file', 'd: duplicate of row 5 (d=2024-01-05)'],
        [64, 'duplicate_in_file', 'c: duplicate of row 4 (c=c3)'],
        [65, 'duplicate_in_file', 'c: duplicate of row 1 (c=c0)'],
        [66, 'duplicate_in_file', 'a: duplicate of row 60 (a=59)'],
        [68, 'duplicate_in_file', 'd: duplicate of row 67 (d=2023-12-31)'],
        [69, 'duplicate_in_file', 'd: duplicate of row 67 (d=2023-12-31)'],
      ]);
    });
  });

describe('unknown rows stay unknown', () => {
  const records = Array.from({ length: 120 }, (_, at) => [String(at % 60)]);
  const file: TargetFile = { table: TABLE, header: ['a'], records };

  for (const [what, damage] of [
    ['is gone', (id: string) => rm(logOf(id))],
    ['is truncated', (id: string) => truncate(logOf(id), 16 + 5 * 8)],
    ['is from another version', (id: string) => truncate(logOf(id), 3)],
  ] as const)
    it(`the log of keys ${what} before the job continues`, inShortIf(what === 'is truncated'), async () => {
      await db.pool.query('create table "Sales".t (a int primary key)');
      const id = await makeTargetJob(loading, db.pool, file);
      await runToEnd(loading, db, id, { lanes: 1, stopsAt: [75], between: () => damage(id) });
      const found = await messages(id);
      // Duplicates of batches committed before are named: records up to 75 at least.
      const unknown = found.filter(([, code]) => code === 'duplicate_in_table');
      expect(found).toHaveLength(60);
      expect(found[0]).toEqual([61, 'duplicate_in_file', 'a: duplicate of row 1 (a=0)']);
      expect(unknown.length).toBeGreaterThan(10);
      expect(unknown.at(-1)).toEqual([
        120,
        'duplicate_in_table',
        'a: already in t, perhaps from an earlier row of this file (a=59)',
      ]);
    });

  it('a key that only PostgreSQL compares', async () => {
    await db.pool.query('create table "Sales".t (a text); create unique index k on "Sales".t (lower(a))');
    const id = await makeTargetJob(loading, db.pool, file);
    await runToEnd(loading, db, id, { lanes: 1 });
    const found = await messages(id);
    expect(found).toHaveLength(60);
    expect(found[0]).toEqual([
      61,
      'duplicate_in_table',
      'a: already in t, perhaps from an earlier row of this file (lower(a)=0)',
    ]);
  });
});
