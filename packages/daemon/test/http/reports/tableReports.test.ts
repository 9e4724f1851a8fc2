/** Reports of jobs into any table: its own columns in their order, and all reasons as data. */
import { paths, rejectionSchema, type TargetReason, targetSchema } from '@csvjobs/shared';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { countRejects, type Harness, makeJob, startHarness } from '../harness.js';

let harness: Harness;
let target: object;

beforeAll(async () => {
  harness = await startHarness();
  await harness.pool.query(
    `create table items (raw text, id int, "=price" numeric(8,2), note text, unfilled date)`,
  );
  target = targetSchema.parse(await readTarget(harness.pool, { schema: 'public', name: 'items' }));
});

afterAll(async () => {
  await harness.stop();
});

const job = () => makeJob(harness.pool, { target_table: 'public.items', target: JSON.stringify(target) });

async function reject(
  id: string,
  rowNumber: number,
  row: object,
  reasons: TargetReason[] | null,
  message = 'id: "x" is not an integer',
) {
  await harness.pool.query(
    `insert into job_errors (job_id, row_number, line, column_name, code, message, row, reasons)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      id,
      rowNumber,
      rowNumber + 1,
      reasons?.[0]?.column ?? null,
      reasons?.[0]?.code ?? 'unclosed_quote',
      message,
      JSON.stringify(row),
      reasons && JSON.stringify(reasons),
    ],
  );
  await countRejects(harness.pool, id);
}

const INTEGER: TargetReason = { code: 'not_an_integer', column: 'id', params: { value: 'x' } };

test('CSV has the columns that the file fills, in table order, whichever was rejected first', async () => {
  const { id } = await job();
  await reject(id, 1, { raw: '"half' }, null, 'a quote is never closed');
  await reject(id, 2, { note: '=1+1', id: 'x', '=price': '-2' }, [INTEGER]);
  await reject(id, 3, { id: 'y', '=price': 'a,b' }, [INTEGER]);
  const get = async (query = '') => (await fetch(harness.url + paths.report(id) + query)).text();
  expect(await get()).toBe(
    [
      'rowNumber,id,=price,note,error',
      '1,,,,"line 2: a quote is never closed; the record is: ""half"',
      '2,x,-2,=1+1,"line 3: id: ""x"" is not an integer"',
      '3,y,"a,b",,"line 4: id: ""x"" is not an integer"',
      '',
    ].join('\n'),
  );
  expect(await get('?safe=spreadsheet')).toMatch(/^rowNumber,id,'=price,note,error\n.*\n2,x,'-2,'=1\+1,/);
  expect(await get('?after=2')).toBe('3,y,"a,b",,"line 4: id: ""x"" is not an integer"\n');
});

test('a column named raw is an ordinary column', async () => {
  const { id } = await job();
  await reject(id, 1, { raw: '"half' }, null);
  await reject(id, 2, { raw: 'v', id: 'x' }, [INTEGER]);
  expect(await (await fetch(harness.url + paths.report(id))).text()).toMatch(/^rowNumber,raw,id,error\n/);
});

test('if only unreadable records were rejected, the report lists them without columns', async () => {
  const { id } = await job();
  await reject(id, 1, { raw: 'cut' }, null, 'NUL character');
  expect(await (await fetch(harness.url + paths.report(id))).text()).toBe(
    'rowNumber,error\n1,line 2: NUL character; the record is: cut\n',
  );
});

test('known fields of records with the wrong length have their columns too', async () => {
  const { id } = await job();
  await reject(id, 1, { id: '1', note: 'n', raw: '1,n,more' }, null, 'wrong');
  expect(await (await fetch(harness.url + paths.report(id))).text()).toMatch(
    /^rowNumber,raw,id,note,error\n/,
  );
});

test('JSON has each reason with its value, constraint and SQLSTATE', async () => {
  const { id } = await job();
  const reasons: TargetReason[] = [
    INTEGER,
    {
      code: 'foreign_key_missing',
      column: 'note',
      params: { value: '99', references: 'notes.id', constraint: 'items_note_fkey' },
    },
    { code: 'refused', params: { says: 'no', sqlstate: 'P0001', constraint: null } },
  ];
  await reject(id, 1, { id: 'x' }, reasons);
  await reject(id, 2, { raw: 'cut' }, null);
  for (const format of ['json', 'ndjson'] as const) {
    const text = await (await fetch(harness.url + paths.report(id, format))).text();
    const [first, second] =
      format === 'json'
        ? JSON.parse(text)
        : text
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line));
    expect(rejectionSchema.strict().parse(first)).toEqual({
      rowNumber: 1,
      line: 2,
      column: 'id',
      code: 'not_an_integer',
      message: 'id: "x" is not an integer',
      row: { id: 'x' },
      reasons: [
        {
          column: 'id',
          code: 'not_an_integer',
          message: 'id: "x" is not an integer',
          heading: 'id: not an integer',
          advice: 'Use digits alone, or say which character stands between groups (--group).',
          value: 'x',
        },
        {
          column: 'note',
          code: 'foreign_key_missing',
          message: 'note: 99 is not in notes.id (items_note_fkey)',
          heading: 'note: not in notes.id (items_note_fkey)',
          advice: 'Load the row that is missing in notes.id first.',
          value: '99',
          constraint: 'items_note_fkey',
        },
        {
          column: null,
          code: 'refused',
          message: 'refused by a trigger (P0001): no',
          heading: 'refused by a trigger (P0001)',
          advice: 'Correct the row as the message says; the table’s owner knows what its triggers demand.',
          sqlstate: 'P0001',
        },
      ],
    });
    expect(second.reasons).toBeUndefined();
  }
});
