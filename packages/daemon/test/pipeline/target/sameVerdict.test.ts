/**
 * Times in a declared zone, and --strict: one verdict and one stored value, straight, staged, one by one, and
 * in a check.
 */
import { join } from 'node:path';
import { type CheckEvent, readSpec, type SpecInput } from '@csvjobs/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkFile } from '../../../src/pipeline/checkFile.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { sized } from '../../support/form.js';
import { LIMITS } from '../support/loading.js';
import { openTestLoad } from '../support/testLoad.js';
import { makeTargetJob, runToEnd, type TargetFile } from './support.js';

const { loading, db } = await openTestLoad();
beforeEach(async () => {
  await db.pool.query('drop schema if exists sales cascade; create schema sales');
});

const TABLE = { schema: 'sales', name: 't' };

/** What in a table decides the path of its rows. */
const WAYS = [
  // Straight.
  '',
  // Staged: each row has a value that only PostgreSQL reads.
  ', i interval',
  // One by one: rows may refer to each other.
  ', b int references sales.t',
];

interface Verdict {
  stored: unknown[];
  rejected: [row: number, code: string, message: string][];
}

async function loaded(file: TargetFile, columns: string, more: string): Promise<Verdict> {
  await db.pool.query(`drop table if exists sales.t; create table sales.t (${columns}${more})`);
  const id = await makeTargetJob(loading, db.pool, file);
  const checked = await check(id, file);
  await runToEnd(loading, db, id, { lanes: 2, stopsAt: [20] });
  const { rows } = await db.pool.query('select a, v::text from sales.t order by a');
  const { rows: rejects } = await db.pool.query(
    'select row_number, code, message from job_errors where job_id = $1 order by 1',
    [id],
  );
  const rejected: Verdict['rejected'] = rejects.map(({ row_number, code, message }) => [
    row_number,
    code,
    message,
  ]);
  expect(checked).toEqual(rejected);
  return { stored: rows, rejected };
}

async function check(id: string, { spec }: TargetFile): Promise<Verdict['rejected']> {
  const target = (await readTarget(db.pool, TABLE))!;
  const task = { path: join(loading.folder, id), overrides: {}, limits: LIMITS, maxUploadBytes: 1e9 };
  const events: CheckEvent[] = [];
  for await (const event of checkFile({ ...task, into: { target, spec } })) events.push(event);
  return events.flatMap((event) =>
    event.type === 'rejected'
      ? [[event.rowNumber, event.code, event.message] as [number, string, string]]
      : [],
  );
}

/** Each value several times, so that there are several batches. */
function fileOf(values: readonly string[], csvjobs: NonNullable<SpecInput['csvjobs']>): TargetFile {
  const records = Array.from({ length: 60 }, (_, at) => [String(at), values[at % values.length]!]);
  return { table: TABLE, header: ['a', 'v'], records, spec: readSpec({ csvjobs }) };
}

function withInterval({ header, records, ...rest }: TargetFile): TargetFile {
  return { ...rest, header: [...header, 'i'], records: records.map((cells) => [...cells, '1 day']) };
}

/** In the short form of the test in some ways. */
async function sameEverywhere(file: TargetFile, type: string, some: string[]): Promise<Verdict> {
  const ways = sized(some, WAYS);
  let first: Verdict | undefined;
  for (const more of ways) {
    const whole = more.includes('interval') ? withInterval(file) : file;
    const verdict = await loaded(whole, `a int primary key, v ${type}`, more);
    first ??= verdict;
    expect([more, verdict]).toEqual([more, first]);
  }
  return first!;
}

describe('times without an offset', () => {
  const TIMES = [
    '2024-07-15 10:20',
    '2024-01-15 10:20:30.5',
    '2024-07-15T10:20Z',
    '2024-03-31 02:30',
    '2024-10-27 02:30',
    'x',
    '',
  ];

  it('in the spec’s zone', { tags: ['sized'] }, async () => {
    const { stored, rejected } = await sameEverywhere(
      fileOf(TIMES, { timeZone: 'Europe/Berlin' }),
      'timestamptz',
      WAYS.slice(0, 2),
    );
    expect(stored.slice(0, 4)).toEqual([
      { a: 0, v: '2024-07-15 08:20:00+00' },
      { a: 1, v: '2024-01-15 09:20:30.5+00' },
      { a: 2, v: '2024-07-15 10:20:00+00' },
      { a: 6, v: null },
    ]);
    expect(rejected.slice(0, 3)).toEqual([
      [
        4,
        'time_skipped',
        'v: "2024-03-31 02:30" does not exist in Europe/Berlin, where clocks were put forward past it',
      ],
      [
        5,
        'time_repeated',
        'v: "2024-10-27 02:30" exists twice in Europe/Berlin, where clocks were put back over it',
      ],
      [6, 'not_a_timestamp', 'v: "x" is not a timestamp'],
    ]);
  });

  it('without a zone are rejected, not read as UTC', { tags: ['sized'] }, async () => {
    const { rejected } = await sameEverywhere(fileOf(TIMES, {}), 'timestamptz', WAYS.slice(2));
    expect(rejected[0]).toEqual([1, 'time_zone_missing', 'v: "2024-07-15 10:20" names no time zone']);
  });

  it('as a key: one instant is one key, however it is written', async () => {
    await db.pool.query('create table sales.t (a int, v timestamptz primary key)');
    const values = ['2024-07-15 10:20', '2024-07-15 08:20Z', '2024-07-15T10:20:00', '2024-01-15 10:20'];
    const records = values.map((value, at) => [String(at), value]);
    const spec = readSpec({ csvjobs: { timeZone: 'Europe/Berlin' } });
    const file = { table: TABLE, header: ['a', 'v'], records, spec };
    const id = await makeTargetJob(loading, db.pool, file);
    const checked = await check(id, file);
    expect(checked.map(([row, code]) => [row, code])).toEqual([
      [2, 'duplicate_in_file'],
      [3, 'duplicate_in_file'],
    ]);
    await runToEnd(loading, db, id, { lanes: 1 });
    const { rows } = await db.pool.query(
      'select row_number, message from job_errors where job_id = $1 order by row_number',
      [id],
    );
    expect(rows.map(({ row_number, message }) => [row_number, message])).toEqual(
      checked.map(([row, , message]) => [row, message]),
    );
  });
});

it('--strict: blanks that a type would ignore', { tags: ['sized'] }, async () => {
  const { stored, rejected } = await sameEverywhere(
    fileOf(['7', ' 7', '7 ', ''], { strict: true }),
    'int',
    WAYS.slice(0, 1),
  );
  expect(stored.slice(0, 2)).toEqual([
    { a: 0, v: '7' },
    { a: 3, v: null },
  ]);
  expect(rejected.slice(0, 2)).toEqual([
    [2, 'blanks_around', 'v: " 7" has blanks around it'],
    [3, 'blanks_around', 'v: "7 " has blanks around it'],
  ]);
});
