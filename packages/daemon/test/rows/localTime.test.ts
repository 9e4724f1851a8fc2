/**
 * Times without an offset, in a zone declared by a spec: what is stored, what is rejected, and PostgreSQL's
 * result for the same.
 */
import { adviceOf, readSpec, type SpecInput, sentenceOf } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowPlan, SpecMismatch } from '../../src/rows/rowPlan.js';
import { createRowReader } from '../../src/rows/rowReader.js';
import { type Client, connect } from '../../src/sql/pool.js';
import { sized, sizedIf } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { fieldsOf } from './fields.js';
import { columnOf, targetOf } from './targets.js';

type Field = Omit<NonNullable<SpecInput['schema']>['fields'][number], 'name'>;
type Zone = NonNullable<SpecInput['csvjobs']>['timeZone'];

const range = { kind: 'range' as const, name: 'tstzrange' };
const list = { kind: 'array' as const, name: '_timestamptz', element: 'timestamptz' };
const COLUMNS = {
  c: columnOf('c', 'timestamptz'),
  s: { ...columnOf('s', 'timestamptz'), type: { ...columnOf('s', 'timestamptz').type, typmod: 0 } },
  d: columnOf('d', 'date'),
  r: { ...columnOf('r', 'tstzrange'), type: { ...columnOf('r', 'tstzrange').type, ...range } },
  l: { ...columnOf('l', 'timestamptz[]'), type: { ...columnOf('l', 'timestamptz[]').type, ...list } },
};

function planOf(column: keyof typeof COLUMNS, timeZone: Zone | undefined, field?: Field) {
  const spec = readSpec({
    ...(field && { schema: { fields: [{ name: column, ...field }] } }),
    csvjobs: timeZone === undefined ? {} : { timeZone },
  });
  return rowPlan(targetOf(COLUMNS[column]), spec, [column]);
}

/** The text passed to PostgreSQL, or the codes of the faults; the fast path agrees. */
function read(text: string, timeZone: Zone | undefined, column: keyof typeof COLUMNS = 'c', field?: Field) {
  const reader = createRowReader(planOf(column, timeZone, field));
  const record = fieldsOf(text);
  const { values, faults } = reader.judge(record);
  const straight = reader.write(record);
  if (faults) expect({ text, straight }).toEqual({ text, straight: false });
  return faults ? faults.map(({ code }) => code).join(' ') : values[0];
}

describe('a timestamp without an offset', () => {
  it.each([
    ['2024-01-15 10:20', 'Europe/Berlin', '2024-01-15 10:20+01:00'],
    ['2024-07-15T10:20:30.25', 'Europe/Berlin', '2024-07-15T10:20:30.25+02:00'],
    [' 2024-07-15 10:20 ', 'Asia/Kolkata', '2024-07-15 10:20+05:30'],
    ['2024-07-15 10:20', 'America/St_Johns', '2024-07-15 10:20-02:30'],
    ['2024-07-15 10:20', 'UTC', '2024-07-15 10:20+00:00'],
    ['2024-07-15 10:20', '-07:30', '2024-07-15 10:20-07:30'],
    ['2024-7-5 1:20 PM', 'Europe/Berlin', '2024-07-05 13:20:00+02:00'],
    ['20240705', 'Europe/Berlin', '2024-07-05 00:00:00+02:00'],
    ['12024-07-05 10:20', 'Europe/Berlin', '12024-07-05 10:20:00+02:00'],
    // The mean time of Berlin, before 1893.
    ['1880-01-01 00:00:30.5', 'Europe/Berlin', '1879-12-31 23:07:02.5+00:00'],
    ['', 'Europe/Berlin', null],
    ['2024-07-15 10:20:30.1234567', 'Europe/Berlin', 'too_many_decimals'],
    ['2024-02-30 10:20', 'Europe/Berlin', 'no_such_date'],
    ['2024-02-29 24:00', 'Europe/Berlin', 'no_such_time'],
    ['3/4/2024 10:20', 'Europe/Berlin', 'date_format_unknown'],
    ['soon', 'Europe/Berlin', 'not_a_timestamp'],
    ['2024-07-15 10:20', undefined, 'time_zone_missing'],
  ])('%j in %s', (text, zone, expected) => expect(read(text, zone)).toBe(expected));

  it('with an offset keeps it', () => {
    for (const text of ['2024-07-15 10:20Z', '2024-07-15 10:20+09:30', '2024-03-31 02:30+01:00'])
      expect(read(text, 'Europe/Berlin')).toBe(text);
  });

  it('in a column without fractional seconds: the message shows the file’s text', () => {
    expect(read('2024-07-15 10:20:30.5', 'Europe/Berlin', 's')).toBe('too_many_decimals');
  });

  it.each([
    ['2024-03-31 01:59:59.999999', 'Europe/Berlin', '2024-03-31 01:59:59.999999+01:00'],
    ['2024-03-31 02:00', 'Europe/Berlin', 'time_skipped'],
    ['2024-03-31 02:59:59.999999', 'Europe/Berlin', 'time_skipped'],
    ['2024-03-31 03:00', 'Europe/Berlin', '2024-03-31 03:00+02:00'],
    ['2024-10-27 01:59:59', 'Europe/Berlin', '2024-10-27 01:59:59+02:00'],
    ['2024-10-27 02:00', 'Europe/Berlin', 'time_repeated'],
    ['2024-10-27 02:59:59', 'Europe/Berlin', 'time_repeated'],
    ['2024-10-27 03:00', 'Europe/Berlin', '2024-10-27 03:00+01:00'],
    // Half an hour; a missing midnight; a missing day; today's rules in 400 years and more.
    ['2024-10-06 02:10', 'Australia/Lord_Howe', 'time_skipped'],
    ['2024-04-07 01:45', 'Australia/Lord_Howe', 'time_repeated'],
    ['2017-10-15', 'America/Sao_Paulo', 'time_skipped'],
    ['2011-12-30 12:00', 'Pacific/Apia', 'time_skipped'],
    ['2424-03-31 02:30', 'Europe/Berlin', 'time_skipped'],
    ['2424-10-27 02:30', 'Europe/Berlin', 'time_repeated'],
  ])('around clock changes: %j in %s', (text, zone, expected) => expect(read(text, zone)).toBe(expected));

  it('gives advice on a time that exists twice', () => {
    const { faults } = createRowReader(planOf('c', 'Europe/Berlin')).judge(fieldsOf(' 2024-10-27 02:30'));
    expect(`${sentenceOf(faults![0]!)}. ${adviceOf(faults![0]!)}`).toBe(
      'c: "2024-10-27 02:30" exists twice in Europe/Berlin, where clocks were put back over it. ' +
        'Write it with its offset: +02:00 for the first time, +01:00 for the second.',
    );
  });
});

describe('a spec', () => {
  it('with a format without a zone', () => {
    const field = { type: 'datetime' as const, format: '%d.%m.%Y %H:%M' };
    expect(read('15.07.2024 10:20', 'Europe/Berlin', 'c', field)).toBe('2024-07-15 10:20:00+02:00');
    expect(read('31.03.2024 02:30', 'Europe/Berlin', 'c', field)).toBe('time_skipped');
    expect(read('31.02.2024 02:30', 'Europe/Berlin', 'c', field)).toBe('no_such_date');
    expect(read('x', 'Europe/Berlin', 'c', field)).toBe('not_in_format');
    expect(() => planOf('c', undefined, field)).toThrow('--time-zone Europe/Berlin');
  });

  it('with a format with a zone, or one that ends in Z', () => {
    expect(read('15.07.2024 10:20 -0500', 'Europe/Berlin', 'c', { format: '%d.%m.%Y %H:%M %z' })).toBe(
      '2024-07-15 10:20:00-05:00',
    );
    expect(read('2024-07-15 10:20Z', 'Europe/Berlin', 'c', { format: '%Y-%m-%d %H:%MZ' })).toBe(
      '2024-07-15 10:20:00+00:00',
    );
  });

  it('with limits, which are times in the same zone', () => {
    const field = { constraints: { minimum: '2024-07-15 10:20' } };
    expect(read('2024-07-15 08:20Z', 'Europe/Berlin', 'c', field)).toBe('2024-07-15 08:20Z');
    expect(read('2024-07-15 10:19', 'Europe/Berlin', 'c', field)).toBe('too_small');
  });

  it('for one column, and for one that stores no zone', () => {
    expect(read('2024-07-15 10:20', { c: 'Europe/Berlin' })).toBe('2024-07-15 10:20+02:00');
    const faults = (column: keyof typeof COLUMNS, zone: Zone) => {
      try {
        return planOf(column, zone).notices;
      } catch (error) {
        if (error instanceof SpecMismatch) return error.faults;
        throw error;
      }
    };
    expect(faults('d', { d: 'Europe/Berlin' })).toEqual([
      'csvjobs.timeZone: d is date, which keeps no time zone',
    ]);
    expect(faults('c', { x: 'Europe/Berlin' })).toEqual(['csvjobs.timeZone: the table has no column "x"']);
    expect(faults('d', 'Europe/Berlin')).toEqual([
      { note: 'no column that the file fills keeps a time zone; Europe/Berlin is not used' },
    ]);
  });
});

describe('ranges and arrays', () => {
  it.each([
    ['[2024-07-15 10:20,2024-07-16 10:20)', '[2024-07-15 10:20:00+02:00,2024-07-16 10:20:00+02:00)'],
    ['("2024-07-15 10:20","2024-07-16 10:20Z"]', '("2024-07-15 10:20:00+02:00","2024-07-16 10:20Z"]'],
    ['[,2024-01-16)', '[,2024-01-16 00:00:00+01:00)'],
    ['empty', 'empty'],
    ['[2024-03-31 02:30,)', 'time_skipped'],
  ])('a range %j', (text, expected) => expect(read(text, 'Europe/Berlin', 'r')).toBe(expected));

  it('a range whose bounds have no zone is no longer read as UTC', () => {
    expect(read('[2024-07-15 10:20,)', undefined, 'r')).toBe('time_zone_missing');
    expect(read('[2024-07-15 10:20Z,infinity)', undefined, 'r')).toBe('[2024-07-15 10:20Z,infinity)');
  });

  it.each([
    ['{2024-07-15 10:20, "2024-07-15 10:20Z",NULL}', '{2024-07-15 10:20:00+02:00, "2024-07-15 10:20Z",NULL}'],
    ['{2024-10-27 02:30}', 'time_repeated'],
    ['{x}', 'not_a_timestamp'],
  ])('an array %j', (text, expected) => expect(read(text, 'Europe/Berlin', 'l')).toBe(expected));

  it('a list', () => {
    const field = { type: 'list' as const, delimiter: ';' };
    expect(read('2024-07-15 10:20;2024-01-15', 'Europe/Berlin', 'l', field)).toBe(
      '{"2024-07-15 10:20:00+02:00","2024-01-15 00:00:00+01:00"}',
    );
    expect(read('2024-07-15 10:20;soon', 'Europe/Berlin', 'l', field)).toBe('not_a_timestamp');
    expect(read('2024-03-31 02:30', 'Europe/Berlin', 'l', field)).toBe('time_skipped');
  });
});

/** Since 2017, when the clocks of all of these zones changed. */
const LAST_YEAR = sized(2018, 2024);

describe('PostgreSQL', () => {
  let database: TestDatabase;
  let client: Client;
  beforeAll(async () => {
    database = await createDatabase({ empty: true });
    client = await connect(database.connection, 'csvjobs tests');
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  for (const zone of [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'Africa/Casablanca',
  ])
    it(
      `has the same instants in ${zone}: all half hours of some years that exist once`,
      sizedIf(/Lord_Howe|Sao_Paulo|Casablanca/.test(zone)),
      async () => {
        // Each local time of some instant, with the number of such instants.
        const { rows } = await client.query<{ local: string; instants: string[] }>(
          `select to_char(at at time zone $1, 'YYYY-MM-DD HH24:MI') as local, array_agg(extract(epoch from at)::bigint::text order by at) as instants
         from generate_series('2017-01-01'::timestamptz, $2::timestamptz, '30 minutes') at group by 1 order by 1`,
          [zone, `${LAST_YEAR}-12-31`],
        );
        const once = rows.filter(({ instants }) => instants.length === 1);
        const twice = rows.filter(({ instants }) => instants.length === 2);
        const reader = createRowReader(planOf('c', zone));
        const texts = once.map(({ local }) => {
          const { values, faults } = reader.judge(fieldsOf(local));
          return faults ? faults[0]!.code : values[0]!;
        });
        const { rows: seen } = await client.query<{ instant: string }>(
          `select extract(epoch from text::timestamptz)::bigint::text as instant from unnest($1::text[]) with ordinality t (text, at) order by at`,
          [texts],
        );
        const wrong = once.filter(({ instants }, at) => instants[0] !== seen[at]!.instant);
        expect(wrong).toEqual([]);
        for (const { local } of twice) expect([local, read(local, zone)]).toEqual([local, 'time_repeated']);
        // Local times without an instant do not exist.
        const shown = new Set(rows.map(({ local }) => local));
        const { rows: every } = await client.query<{ local: string }>(
          `select to_char(at, 'YYYY-MM-DD HH24:MI') as local from generate_series('2017-01-02'::timestamp, $1::timestamp, '30 minutes') at`,
          [`${LAST_YEAR}-12-30`],
        );
        const skipped = every.filter(({ local }) => !shown.has(local));
        for (const { local } of skipped) expect([local, read(local, zone)]).toEqual([local, 'time_skipped']);
      },
    );
});
