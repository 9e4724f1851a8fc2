/** `csvjobs create-table`, with the real programs of both packages; only --apply asks a daemon. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inShortIf, LONG } from '../../../daemon/test/support/form.js';
import { Peer } from '../peer.js';
import { controls, csvjobs, folder, plainText, start, startOnTerminal } from '../spawn.js';

let cwd: string;
let peer: Peer;
beforeEach(async () => {
  cwd = folder();
  writeFileSync(
    join(cwd, 'orders.csv'),
    'Order ID,Amount,Placed\n1,2.50,2024-01-31\n2,n/a,2024-02-01\n3,1.25,\n',
  );
  peer = await new Peer().listen();
});
afterEach(() => peer.close());

// Nothing listens at this address.
const NOWHERE = { CSVJOBS_URL: 'http://127.0.0.1:9' };
const create = (...args: string[]) => csvjobs(['create-table', ...args], { cwd, env: NOWHERE });
const apply = (...args: string[]) =>
  csvjobs(['create-table', ...args, '--apply'], { cwd, env: { CSVJOBS_URL: peer.url } });

const ODD = 'amount: text, as line 3 has "n/a" (2 other values are numeric)';
const STATEMENT = `-- ${ODD}
create table sales.orders (
  order_id integer not null,
  amount text,
  placed date,
  primary key (order_id)
);
`;
const ORDERS = ['orders.csv', '--into', 'sales.orders', '--key', 'order_id'];

test('only the statement on stdout, notices on stderr, no daemon', async () => {
  const { code, stdout, stderr } = await create(...ORDERS);
  expect(stdout).toBe(STATEMENT);
  expect(stderr.split('\n')).toEqual([
    'orders.csv: notice: read as utf-8, with "," between fields',
    `orders.csv: notice: ${ODD}`,
    'orders.csv: notice: key order_id: not looked through for duplicates; a load rejects rows that repeat it',
    'Nothing was created: add --apply, or run the statement with psql.',
    '',
  ]);
  expect(code).toBe(0);
  expect(await create(...ORDERS, '--quiet')).toMatchObject({ code: 0, stdout: STATEMENT, stderr: '' });
});

test('--decimal and --null: types from the values as a load reads them', LONG, async () => {
  writeFileSync(
    join(cwd, 'preise.csv'),
    'sku;preis;menge;gewicht\na;2,50;1;1.5\nb;k.A.;2;2,5\nc;1234,00;;3\n',
  );
  const columns = async (...options: string[]) => {
    const { stdout } = await create('preise.csv', '--into', 'preise', '--json', ...options);
    return JSON.parse(stdout).columns.map(({ name, type }: Record<string, string>) => [name, type]);
  };
  const plain = ['text', 'text', 'integer', 'text'];
  expect((await columns()).map(([, type]: string[]) => type)).toEqual(plain);
  expect(await columns('--decimal', ',', '--null', 'k.A.')).toEqual([
    ['sku', 'text'],
    ['preis', 'numeric'],
    ['menge', 'integer'],
    // With a decimal comma, a point is not a decimal point.
    ['gewicht', 'text'],
  ]);
});

test('--json: columns with headers, types and odd values, the statement and all notices', async () => {
  const { code, stdout, stderr } = await create(...ORDERS, '--json');
  const odd = { line: 3, value: 'n/a', values: 1, others: 2, type: 'numeric' };
  expect(JSON.parse(stdout)).toEqual({
    table: 'sales.orders',
    columns: [
      { name: 'order_id', header: 'Order ID', type: 'integer', nullable: false, odd: null },
      { name: 'amount', header: 'Amount', type: 'text', nullable: true, odd },
      { name: 'placed', header: 'Placed', type: 'date', nullable: true, odd: null },
    ],
    key: ['order_id'],
    ddl: STATEMENT,
    notices: [expect.stringContaining('utf-8'), ODD, expect.stringContaining('key order_id')],
    totalRows: 3,
    source: { encoding: 'utf-8', delimiter: ',', compression: 'none', fields: 3, lineEnd: 'lf' },
    created: null,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('--apply sends the daemon columns, never a statement, and prints how to load', async () => {
  const { code, stdout, stderr } = await apply(...ORDERS);
  expect({ code, stdout }).toEqual({ code: 0, stdout: STATEMENT });
  expect(stderr).toContain('Created sales.orders. Load it: csvjobs upload orders.csv --into sales.orders\n');
  expect(peer.madeTables).toEqual([
    {
      table: 'sales.orders',
      columns: [
        { name: 'order_id', type: 'integer' },
        { name: 'amount', type: 'text' },
        { name: 'placed', type: 'date' },
      ],
      key: ['order_id'],
    },
  ]);
  const again = await apply('orders.csv', '--into', 'plain', '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ table: 'plain', created: 'public.plain' });
});

test(
  '--apply for an existing table: exit 2, nothing on stdout, and the command that shows it',
  LONG,
  async () => {
    await apply(...ORDERS);
    const { code, stdout, stderr } = await apply(...ORDERS);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('The table exists already');
    expect(stderr).toContain('csvjobs describe sales.orders');
  },
);

test('--apply without a token that allows it: exit 4', async () => {
  peer.token = 'secret';
  expect((await apply(...ORDERS)).code).toBe(4);
});

test('--apply without a daemon: exit 6', LONG, async () => {
  expect((await create(...ORDERS, '--apply')).code).toBe(6);
});

for (const [name, args, words] of [
  ['a missing key column', ['--key', 'order'], 'there is no column "order"'],
  [
    'a key without a value',
    ['--key', 'Placed'],
    'placed cannot be in the key: one field has no value, the first on line 4',
  ],
  ['a name of three parts', ['--into', 'a.b.c'], '"a.b.c" is not the name of a table'],
  ['an unknown encoding', ['--encoding', 'klingon'], 'klingon'],
] as [string, string[], string][])
  test(`${name}: exit 2`, inShortIf(name === 'a missing key column'), async () => {
    const { code, stdout, stderr } = await create('orders.csv', '--into', 'sales.orders', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
  });

for (const [name, bytes, words] of [
  ['empty.csv', '', 'is empty'],
  ['binary.csv', 'PK\x03\x04', 'The file is not a CSV file'],
  ['cut.csv.gz', gzipSync(Buffer.alloc(300_000, 'a,b\n')).subarray(0, -9), 'damaged'],
] as const)
  test(`${name}: exit 2, with a message that fits any table`, inShortIf(name === 'empty.csv'), async () => {
    writeFileSync(join(cwd, name), bytes);
    const { code, stdout, stderr } = await create(name, '--into', 't');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/email|company/);
  });

test('a title above the header is skipped, with a notice', LONG, async () => {
  writeFileSync(join(cwd, 'title.csv'), 'Report\nid,name\n1,Ann\n');
  const { code, stdout, stderr } = await create('title.csv', '--into', 't');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'create table t (\n   id integer,\n   name text\n);\n'.replaceAll('   ', '  '),
  });
  expect(stderr).toContain('skipped 1 line before the header: "Report"');
});

test('stdin, a delimiter and exact names', async () => {
  const running = start(['create-table', '-', '--into', 'T', '--delimiter', 'tab', '--exact-names'], {
    cwd,
    env: NOWHERE,
    input: 'open',
  });
  running.child.stdin?.end('Order ID\tA,b\n1\t0123\n');
  const { code, stdout, stderr } = await running.ended;
  expect(stdout).toContain('create table t (\n  "Order ID" integer,\n  "A,b" text\n);\n');
  expect(stderr).toContain('with "\\t" between fields');
  expect(code).toBe(0);
});

test('on a terminal: each notice once, hostile text made harmless', async () => {
  writeFileSync(join(cwd, 'bad.csv'), 'a\u009b2J,b\u202e\n1,2\n2,3\n3,\u001b[31m\u202e\n');
  const { stdout, code } = await startOnTerminal(['create-table', join(cwd, 'bad.csv'), '--into', 't'], {
    env: NOWHERE,
    columns: 200,
  }).ended;
  expect(controls(plainText(stdout))).toEqual([]);
  expect(stdout.match(/as line 4 has/g)?.length).toBe(1);
  expect(code).toBe(0);
});

test('without csvjobsd: advice, exit 2', LONG, async () => {
  const { code, stderr } = await csvjobs(['create-table', ...ORDERS], {
    cwd,
    env: { CSVJOBS_DAEMON: '/nowhere' },
  });
  expect(stderr).toContain('csvjobsd) was not found');
  expect(code).toBe(2);
});
