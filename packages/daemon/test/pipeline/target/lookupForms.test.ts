/** Natural keys are read as values of the columns that they must equal, in the forms that the spec gives them. */
import { EventEmitter, once } from 'node:events';
import { readSpec, type SpecInput, sentenceOf, type TargetReason } from '@csvjobs/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { headerRuleFor, targetHeader } from '../../../src/pipeline/headerRule.js';
import { run } from '../../../src/pipeline/run.js';
import { assertSameKeys } from '../../../src/pipeline/target/sameKeys.js';
import { claimJob } from '../../../src/sql/claimJob.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { readLookups, withKeyTypes } from '../../../src/sql/target/lookupTables.js';
import { inShortIf } from '../../support/form.js';
import { never } from '../support/loading.js';
import { openTestLoad } from '../support/testLoad.js';
import { makeTargetJob, runToEnd } from './support.js';

const { loading, db } = await openTestLoad();
beforeEach(() => db.plain('drop schema if exists "Sales" cascade; create schema "Sales"'));

it('a key that PostgreSQL would guess is rejected, with the reason that a column of its type has', async () => {
  await db.plain(`set search_path = "Sales"; create table days (id int primary key, day date, at timestamptz, n numeric);
    insert into days values (1, '2024-03-04', '2024-03-04 10:00Z', 1000), (2, '2024-04-03', '2024-04-03 10:00Z', 1.5);
    create table u (a int, day int, at int, n int)`);
  const by = (column: string, field: string) => ({
    table: '"Sales".days',
    value: 'id',
    by: { [column]: field },
  });
  const spec = readSpec({
    csvjobs: { lookup: { day: by('day', 'Day'), at: by('at', 'At'), n: by('n', 'N') } },
  });
  const records = [
    ['1', '2024-03-04', ' 2024-04-03 10:00Z ', '1.50'],
    ['2', '20240304', '2024-04-03T12:00+02', '1e3'],
    ['3', '3/4/2024', '2024-04-03 10:00', '1_000'],
    ['4', '04.03.2024', 'today', 'x'],
  ];
  const id = await makeTargetJob(loading, db.pool, {
    table: { schema: 'Sales', name: 'u' },
    header: ['a', 'Day', 'At', 'N'],
    records,
    spec,
  });
  await runToEnd(loading, db, id, { lanes: 1 });
  expect((await db.plain('select * from "Sales".u order by a')).rows).toEqual([
    { a: 1, day: 1, at: 2, n: 2 },
    { a: 2, day: 1, at: 2, n: 1 },
  ]);
  const { rows } = await db.pool.query<{ reasons: TargetReason[] }>(
    'select reasons from job_errors where job_id = $1 order by row_number',
    [id],
  );
  expect(rows.map(({ reasons }) => reasons.map(sentenceOf))).toEqual([
    [
      'day: "3/4/2024" can be read as more than one date',
      'at: "2024-04-03 10:00" names no time zone',
      'n: "1_000" is not a number',
    ],
    [
      'day: "04.03.2024" can be read as more than one date',
      'at: "today" is not a timestamp',
      'n: "x" is not a number',
    ],
  ]);
});

describe('a key in the forms of the spec', () => {
  const KEYS = `set search_path = "Sales"; create type size as enum ('small', 'large');
    create domain day as date check (value > '2000-01-01');
    create table keys (id int primary key, day day, at timestamptz, n numeric(8,2), no int, flag bool, size size, label text, tags text[], price money);
    insert into keys select n, date '2024-03-01' + n, timestamptz '2024-03-01 10:00+01' + n * interval '1 day', 1000 + n / 4.0, 1000 + n,
      n = 1, case n when 1 then 'small' when 2 then 'large' end::size, 'k' || n, array['t', n::text], 10.5 + n from generate_series(1, 4) n`;

  const by = (column: string) => ({ table: '"Sales".keys', value: 'id', by: { [column]: `f_${column}` } });
  const columns = ['day', 'at', 'n', 'no', 'flag', 'size', 'label', 'tags', 'price'];
  const spec = (): SpecInput => ({
    schema: {
      fields: [
        { name: 'day', type: 'date', format: '%d.%m.%Y', missingValues: ['', '-'] },
        { name: 'flag', type: 'boolean', trueValues: ['ja'], falseValues: ['nein'] },
        {
          name: 'size',
          categories: [
            { value: 'S', label: 'small' },
            { value: 'L', label: 'large' },
          ],
        },
        // As of `describe --spec`: what the column itself keeps.
        { name: 'label', type: 'integer', constraints: { required: true } },
        { name: 'tags', type: 'list', delimiter: '|' },
        { name: 'price', type: 'number', bareNumber: false, decimalChar: ',' },
      ],
    },
    csvjobs: {
      lookup: Object.fromEntries(columns.map((column) => [column, by(column)])),
      decimalChar: ',',
      groupChar: '.',
      timestampFormat: '%d.%m.%Y %H:%M',
      timeZone: 'Europe/Berlin',
      trim: ['label'],
    },
  });
  const HEADER_OF_KEYS = ['a', ...columns.map((column) => `f_${column}`)];
  const records = [
    ['1', ' 02.03.2024', '02.03.2024 10:00', '1.000,25', '1.001', 'ja', 'S', ' k1 ', 't|1', '€ 11,50'],
    ['2', '-', '', '', '', '', '', 'k2', '', ''],
    ['3', '2024-03-02', '2024-03-02 10:00+01', '1,0', 'x', 'yes', 'X', 'k9', 't|9', '99'],
    ['4', '31.12.2024', '31.03.2024 02:30', '1.000,254', '9', '', 'large', 'k1', '', '12,5'],
    ['5', '', '', '1.000,50', '+1.002', 'ja', '', 'k1', '', ''],
  ];
  const fromFile = [
    'day: "2024-03-02" is not in the format "%d.%m.%Y"',
    'at: "2024-03-02 10:00+01" is not in the format "%d.%m.%Y %H:%M"',
    'no: "x" is not a number with "." between groups and "," before the decimals',
    'flag: "yes" is none of ja, nein',
    'size: "X" is none of S, L, small, large',
  ];
  const skipped =
    'at: "31.03.2024 02:30" does not exist in Europe/Berlin, where clocks were put forward past it';
  const fromTable = [
    ['n: "1.0" is not in "Sales".keys.n', 'label: "k9" is not in "Sales".keys.label'],
    ['tags: "{\\"t\\",\\"9\\"}" is not in "Sales".keys.tags', 'price: "99" is not in "Sales".keys.price'],
    ['day: "2024-12-31" is not in "Sales".keys.day', 'n: "1000.254" is not in "Sales".keys.n'],
    ['no: "9" is not in "Sales".keys.no'],
  ].flat();
  const none = Object.fromEntries(columns.map((column) => [column, null]));

  for (const [way, more, trigger] of [
    ['staged', {}, ''],
    ['staged, and updated by key', { mode: 'update' as const }, ''],
    [
      'one by one',
      {},
      `create function "Sales".refuse() returns trigger language plpgsql as 'begin if new.a = 5 then raise ''not five''; end if; return new; end';
        create trigger refuse before insert on "Sales".u for each row execute function "Sales".refuse()`,
    ],
  ] as const)
    it(way, inShortIf(way !== 'staged'), async () => {
      await db.plain(KEYS);
      await db.plain(
        `create table "Sales".u (a int primary key, ${columns.map((name) => `${name} int`).join(', ')}); ${trigger}`,
      );
      const given = spec();
      const file = {
        ...{ table: { schema: 'Sales', name: 'u' }, header: HEADER_OF_KEYS, records },
        spec: readSpec({ ...given, csvjobs: { ...given.csvjobs, ...more } }),
      };
      const id = await makeTargetJob(loading, db.pool, file);
      await runToEnd(loading, db, id, { lanes: 1 });
      const { rows } = await db.pool.query<{ row_number: number; reasons: TargetReason[] }>(
        'select row_number, reasons from job_errors where job_id = $1 order by row_number',
        [id],
      );
      const five = { ...none, a: 5, n: 2, no: 2, flag: 1, label: 1 };
      expect((await db.plain('select * from "Sales".u order by a')).rows).toEqual([
        Object.fromEntries(['a', ...columns].map((column) => [column, 1])),
        { ...none, a: 2, label: 2 },
        ...(trigger === '' ? [five] : []),
      ]);
      expect(rows.map(({ row_number, reasons }) => [row_number, ...reasons.map(sentenceOf)])).toEqual([
        // If a trigger may change a row, only the faults of the file are known in advance.
        [3, ...fromFile, ...(trigger === '' ? fromTable.slice(0, 4) : [])],
        [4, skipped, ...(trigger === '' ? fromTable.slice(4) : [])],
        ...(trigger === '' ? [] : [[5, 'refused by a trigger (P0001): not five']]),
      ]);
    });

  it('a form is that of the parts that it suits; one that suits none is refused', async () => {
    await db.plain(KEYS);
    await db.plain('create table "Sales".u (a int primary key, key int)');
    const table = { schema: 'Sales', name: 'u' };
    const lookup = { key: { table: '"Sales".keys', value: 'id', by: { label: 'Label', day: 'Day' } } };
    const format = '%d.%m.%Y';
    const read = {
      schema: { fields: [{ name: 'key', type: 'date' as const, format }] },
      csvjobs: { lookup },
    };
    const records = [['1', 'k3', '4.3.2024']];
    const file = { table, header: ['a', 'Label', 'Day'], records, spec: readSpec(read) };
    await runToEnd(loading, db, await makeTargetJob(loading, db.pool, file), { lanes: 1 });
    expect((await db.plain('select * from "Sales".u')).rows).toEqual([{ a: 1, key: 3 }]);
    const numbers = { schema: { fields: [{ name: 'key', trueValues: ['ja'] }] }, csvjobs: { lookup } };
    const into = await withKeyTypes(db.pool, {
      target: (await readTarget(db.pool, table))!,
      spec: readSpec(numbers),
    });
    expect(() => headerRuleFor(into)(['a', 'Label', 'Day'], ',')).toThrow(
      'schema.fields: key: trueValues and falseValues are for booleans',
    );
    const dates = { schema: { fields: [{ name: 'key', type: 'number' as const, decimalChar: ',' }] } };
    const day = { key: { table: '"Sales".keys', value: 'id', by: { day: 'Day' } } };
    const csvjobs = { lookup: day, timeZone: { key: 'Europe/Berlin' } };
    const twice = await withKeyTypes(db.pool, { ...into, spec: readSpec({ ...dates, csvjobs }) });
    const refused = () => headerRuleFor(twice)(['a', 'Day'], ',');
    expect(refused).toThrow('a number cannot be stored in "Sales".keys.day, which is date');
    expect(refused).toThrow('csvjobs.timeZone: key is looked up by "Sales".keys.day, without a time zone');
  });

  it('stops if the other table’s column has changed its type since the file was read', async () => {
    await db.plain(KEYS);
    await db.plain('create table "Sales".u (a int primary key, day int)');
    const into = {
      target: (await readTarget(db.pool, { schema: 'Sales', name: 'u' }))!,
      spec: readSpec({ csvjobs: { lookup: { day: by('day') } } }),
    };
    const plan = targetHeader(await withKeyTypes(db.pool, into))(['a', 'f_day'], ',').plan;
    const lookups = () => readLookups(db.pool, into.target, plan.lookups);
    const before = await lookups();
    expect(() => assertSameKeys(plan, before)).not.toThrow();
    await db.plain('alter table "Sales".keys alter day type text');
    const after = await lookups();
    expect(() => assertSameKeys(plan, after)).toThrow('day is now text; retry the job');
  });

  it('a load that finds it changed after waiting for its table fails, and loads nothing', async () => {
    await db.plain(`${KEYS}; create table u (a int primary key, day int)`);
    const id = await makeTargetJob(loading, db.pool, {
      table: { schema: 'Sales', name: 'u' },
      ...{ header: ['a', 'f_day'], records: [['1', '2024-03-02']] },
      spec: readSpec({ csvjobs: { lookup: { day: by('day') } } }),
    });
    const other = await db.pool.connect();
    await other.query('begin; lock table "Sales".u in access exclusive mode');
    const waits = new EventEmitter();
    const log = { warn: () => void waits.emit('lock') };
    const waiting = once(waits, 'lock');
    const load = run((await claimJob(db.pool, id))!, loading.dependencies(db, 1, { log }), never);
    await waiting;
    await db.plain('alter table "Sales".keys alter day type text');
    await other.query('rollback');
    other.release();
    await expect(load).rejects.toMatchObject({ code: 'target_changed' });
    expect((await db.plain('select from "Sales".u')).rowCount).toBe(0);
  });
});
