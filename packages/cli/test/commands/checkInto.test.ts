/** `csvjobs check` for any table: the table comes from a daemon or a file, the rules from csvjobsd. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OUTPUT_SCHEMAS } from '@csvjobs/shared';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inShortIf, LONG } from '../../../daemon/test/support/form.js';
import { makeColumn, makeTable } from '../peer/tables.js';
import { Peer } from '../peer.js';
import { csvjobs, folder } from '../spawn.js';

const KEY = {
  name: 'orders_pkey',
  primary: true,
  parts: [{ column: 'id', expression: 'id', deterministic: true }],
  columns: ['id'],
  predicate: null,
  nullsNotDistinct: false,
  deferrable: false,
};
const ORDERS = makeTable('sales', 'orders', {
  columns: [
    makeColumn('id', 'integer', { type: { name: 'int4' }, notNull: true }),
    makeColumn('placed', 'date'),
  ],
  keys: [KEY],
});
const SPEC =
  'schema:\n  fields:\n    - {name: placed, format: "%d.%m.%Y"}\ncsvjobs:\n  aliases:\n    id: [number]\n';
/** Row 2 repeats row 1; row 4 has two faults. */
const TEXT = 'id,placed\n1,2024-05-06\n01,\n2,2024-05-07\nx,3/4/2024\n';
const LEFT = 'sales.orders: only the database can check rows that are already in the table (orders_pkey).\n';

let peer: Peer;
let cwd: string;
beforeEach(async () => {
  peer = await new Peer().listen();
  peer.tables = [ORDERS, makeTable('sales', 'items', { columns: [makeColumn('a')] })];
  cwd = folder();
  mkdirSync(join(cwd, 'specs'));
  writeFileSync(join(cwd, 'specs', 'orders.yaml'), SPEC);
  writeFileSync(join(cwd, 'orders.csv'), TEXT);
  writeFileSync(join(cwd, 'empty.json'), '{}');
  writeFileSync(join(cwd, 'dots.csv'), 'number,placed\n1,06.05.2024\n2,2024-05-06\n');
  writeFileSync(join(cwd, 'customers.csv'), 'name,email,phone,company\nA,a@b.co,,C\n');
});
afterEach(() => peer.close());

const check = (args: string[], url = peer.url) =>
  csvjobs(['check', ...args], { cwd, env: { CSVJOBS_URL: url } });
const NOWHERE = 'http://127.0.0.1:2';
const asked = () => peer.seen.map(({ method, url }) => `${method} ${url}`);
const project = (value: unknown) => writeFileSync(join(cwd, '.csvjobs.json'), JSON.stringify(value));

test('an option with which rejected rows may be good is named, as by an upload', async () => {
  writeFileSync(join(cwd, 'german.csv'), 'id,placed\n1,06.05.2024\n2,07.05.2024\n3,\n3,\n3,\n3,\n');
  const { code, stderr } = await check(['german.csv', '--into', 'sales.orders']);
  expect(code).toBe(3);
  expect(stderr).toMatch(/^german\.csv: advice: Add --date-format .*\.\n/);
  expect((await check(['german.csv', '--into', 'sales.orders', '-q'])).stderr).not.toContain('advice');
});

test('--into: only the table is fetched, the rows are checked locally', async () => {
  const { code, stdout, stderr } = await check(['orders.csv', '--into', 'sales.orders']);
  expect(stdout).toBe(
    'orders.csv:3: row 2: id: duplicate of row 1 (id=1)\n' +
      'orders.csv:5: row 4: id: "x" is not an integer; placed: "3/4/2024" can be read as more than one date\n',
  );
  expect(stderr).toBe(`orders.csv: 4 rows, 2 good, 2 would be rejected\n${LEFT}`);
  expect(code).toBe(3);
  expect(asked()).toEqual(['GET /api/tables/sales.orders']);
});

test('--table-file: takes the output of describe --json, without a daemon', async () => {
  const described = await csvjobs(['describe', 'sales.orders', '--json'], {
    cwd,
    env: { CSVJOBS_URL: peer.url },
  });
  writeFileSync(join(cwd, 't.json'), described.stdout);
  const { stdout, stderr, code } = await check(['orders.csv', '--table-file', 't.json'], NOWHERE);
  expect(stdout).toContain('row 2: id: duplicate of row 1 (id=1)');
  expect(stderr).toContain(LEFT);
  expect(code).toBe(3);
});

test('--json: all reasons and unchecked rules, valid against the schema', async () => {
  const { stdout, code } = await check(['orders.csv', '--into', 'sales.orders', '--json']);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const line of lines) OUTPUT_SCHEMAS.check!.schema.parse(line);
  expect(lines).toMatchObject([
    {
      type: 'rejected',
      rowNumber: 2,
      line: 3,
      column: 'id',
      code: 'duplicate_in_file',
      row: { id: '01', placed: '' },
    },
    {
      type: 'rejected',
      rowNumber: 4,
      column: 'id',
      code: 'not_an_integer',
      reasons: [
        { code: 'not_an_integer', value: 'x' },
        { code: 'date_format_unknown', column: 'placed' },
      ],
    },
    {
      type: 'checked',
      table: 'sales.orders',
      successCount: 2,
      failedCount: 2,
      notJudged: ['rows that are already in the table (orders_pkey)'],
      exitCode: 3,
    },
  ]);
  expect(code).toBe(3);
  const customers = await check(['customers.csv', '--json']);
  expect(JSON.parse(customers.stdout)).toMatchObject({
    table: null,
    notJudged: ['e-mails that are in the table already'],
  });
});

test('--summary counts by reason, JUnit names the table', LONG, async () => {
  const { stdout } = await check(['orders.csv', '--into', 'sales.orders', '--summary', '--junit', 'out.xml']);
  expect(stdout).toContain('id: duplicate of an earlier row');
  expect(readFileSync(join(cwd, 'out.xml'), 'utf8')).toContain('name="orders.csv → sales.orders"');
});

test(
  'the project file sets table and spec by pattern; each table is fetched once, and flags win',
  LONG,
  async () => {
    project({
      files: [
        { match: 'dots.csv', into: 'sales.orders', spec: 'specs/orders.yaml' },
        { match: 'orders*.csv', into: 'sales.orders' },
      ],
    });
    const { stdout, stderr, code } = await check(['dots.csv', 'orders.csv', 'customers.csv']);
    expect(stdout).toContain('dots.csv:3: row 2: placed: "2024-05-06" is not in the format "%d.%m.%Y"');
    expect(stdout).toContain('orders.csv:3: row 2: id: duplicate of row 1 (id=1)');
    expect(stderr.split(LEFT)).toHaveLength(2);
    expect(stderr).toContain('Not checked: whether e-mails are already in the table.');
    expect(code).toBe(3);
    expect(asked()).toEqual(['GET /api/tables/sales.orders']);
    const beaten = await check(['orders.csv', '--into', 'sales.items']);
    expect(beaten.code).toBe(2);
    expect(beaten.stderr).toContain('no field of the file is a column of sales.items');
    expect(beaten.stderr).toContain('csvjobs describe sales.items');
  },
);

test('the table named by a spec', LONG, async () => {
  writeFileSync(join(cwd, 's.yaml'), 'csvjobs:\n  into: sales.orders\n');
  expect((await check(['orders.csv', '--spec', 's.yaml'])).stderr).toContain(LEFT);
  const other = await check(['orders.csv', '--spec', 's.yaml', '--into', 'sales.items']);
  expect(other.stderr).toContain(
    'the file is for sales.items, but csvjobs.into of the spec says sales.orders',
  );
  writeFileSync(join(cwd, 't.json'), JSON.stringify(ORDERS));
  expect((await check(['orders.csv', '--spec', 's.yaml', '--table-file', 't.json'], NOWHERE)).code).toBe(3);
  writeFileSync(join(cwd, 's.yaml'), 'csvjobs:\n  into: items\n');
  const file = await check(['orders.csv', '--spec', 's.yaml', '--table-file', 't.json'], NOWHERE);
  expect(file.stderr).toContain('the file is for sales.orders, but csvjobs.into of the spec says items');
  expect([other.code, file.code]).toEqual([2, 2]);
});

describe('customers', () => {
  for (const table of ['customers', 'shop.customers'])
    test(`--into ${table}: the rules are built in`, inShortIf(table.includes('.')), async () => {
      const args = ['--into', table];
      const parts = [{ column: null, expression: 'csvjobs_email_key(email)', deterministic: true }];
      const names = 'id job_id row_number name email phone company created_at'.split(' ');
      const columns = names.map((name) => makeColumn(name));
      peer.tables = [makeTable('shop', 'customers', { columns, keys: [{ ...KEY, parts }] })];
      const { code, stderr } = await check(['customers.csv', ...args]);
      expect(stderr).toContain('Not checked: whether e-mails are already in the table.');
      expect(code).toBe(0);
      writeFileSync(join(cwd, 'specs', 'firm.yaml'), 'csvjobs: {aliases: {company: [Firm]}}\n');
      writeFileSync(join(cwd, 'firm.csv'), 'name,email,Firm\nA,a@b.co,C\n');
      const specified = await check(['firm.csv', ...args, '--spec', 'specs/firm.yaml']);
      expect(specified).toMatchObject({ code: 0, stdout: '' });
      const filled = await check(['firm.csv', ...args, '--default', 'company=None', '--json']);
      expect(JSON.parse(filled.stdout).notices).toContain(
        'company: "None" in every row (default), as no field stands for it',
      );
    });

  test('a column that their owner added is checked if a daemon knows it', LONG, async () => {
    const parts = [{ column: null, expression: 'csvjobs_email_key(email)', deterministic: true }];
    const own = ['name', 'email', 'company'].map((name) => makeColumn(name, 'text', { notNull: true }));
    const score = makeColumn('score', 'integer', { type: { name: 'int4' } });
    const keys = [{ ...KEY, primary: false, parts, columns: ['email'] }];
    peer.tables = [makeTable('public', 'customers', { columns: [...own, makeColumn('phone'), score], keys })];
    writeFileSync(join(cwd, 'scores.csv'), 'name,email,company,score\nA,a@b.co,C,x\n,b@b.co,C,1\n');
    const found = await check(['scores.csv', '--into', 'customers']);
    expect(found.stdout).toBe(
      'scores.csv:2: row 1: score: not an integer\nscores.csv:3: row 2: name is required\n',
    );
    expect(found.code).toBe(3);
    const offline = await check(['scores.csv', '--into', 'customers'], NOWHERE);
    expect(offline.stderr).toContain('ignored columns: score');
    expect(offline.stdout).toBe('scores.csv:3: row 2: name is required\n');
  });

  test('another table of that name has its own rules', LONG, async () => {
    peer.tables = [makeTable('shop', 'customers', { columns: [makeColumn('name')] })];
    const { code, stderr } = await check(['customers.csv', '--into', 'shop.customers']);
    expect(stderr).toContain('customers.csv: notice: ignored fields: email, phone, company');
    expect(code).toBe(0);
  });
});

describe('a header that does not match', () => {
  /** The words of the command at the end of an error, as a shell splits them. */
  function commandIn(stderr: string): string[] {
    const [, line = ''] = /^ {2}next: csvjobs (.*)$/m.exec(stderr) ?? [];
    return execFileSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' })
      .trim()
      .split('\n');
  }

  const HEADERS: [text: string, options: string | undefined, short?: false][] = [
    ['EMAIL;FIRSTNAME;LASTNAME\na@b.co;A;B\n', '--default company=Unknown', false],
    [
      "What's your name?,E-mail,Which company?\nA,a@b.co,C\n",
      "--map 'name=What'\\''s your name?' --map 'company=Which company?'",
    ],
    ['name,Email,E-mail,company\nA,a@b.co,,C\n', "--map 'email=Email | E-mail'", false],
    ['name,compnay,email\nA,C,a@b.co\n', '--map company=compnay', false],
    ['Company,Email\nC,a@b.co\n', '--map name=Company', false],
    [
      'First Name,Last Name,Email,Firma\n,,a@b.co,C\n,,d@e.co,F\n',
      '--map name=Firma --map company=Firma',
      false,
    ],
    ['Firma,Email\nC,a@b.co\n', '--map name=Firma --map company=Firma', false],
    ['No.;Name;Contact;E-Mail\n1;C;A;a@b.co\n', '--map name=Contact --map company=Name', false],
    ['1,A B,a@b.co,C,555\n', "--no-header --columns 'field 1,name,email,company,phone'", false],
    ['A,a@b.co\n', '--no-header --columns name,email --default company=Unknown', false],
    [
      '"name","email","company"\n"1","A","a@b.co","C"\n"2","D","d@e.co","F"\n',
      '--skip-lines 1 --no-header --columns row,name,email,company',
    ],
    ['Report,of,things,today\nx,y,z,1\nName,Email,Company\nA,a@b.co,C\n', '--skip-lines 2', false],
    ['name,company\nA,C\n', undefined],
  ];
  for (const [text, options, short] of HEADERS)
    test(`suggests a command that works: ${JSON.stringify(text)}`, inShortIf(short ?? true), async () => {
      writeFileSync(join(cwd, 'a file.csv'), text);
      const refused = await check(['a file.csv', '--summary']);
      expect(refused.code).toBe(2);
      if (options === undefined) {
        expect(refused.stderr).not.toContain('next: csvjobs check');
        return;
      }
      expect(refused.stderr).toContain(`next: csvjobs check 'a file.csv' --summary ${options}`);
      const [, ...args] = commandIn(refused.stderr);
      expect(await check(args)).toMatchObject({ code: 0, stdout: '' });
    });

  for (const options of [[], ['--strict']])
    test(
      `suggests one also for a file name that begins with a hyphen, with ${JSON.stringify(options)}`,
      inShortIf(options.length > 0),
      async () => {
        writeFileSync(join(cwd, '-x.csv'), 'name,email\nA,a@b.co\n');
        const refused = await check([...options, '--', '-x.csv']);
        const [, ...args] = commandIn(refused.stderr);
        expect(args).toContain('./-x.csv');
        expect(await check(args)).toMatchObject({ code: 0, stdout: '' });
      },
    );

  test('--like: as in an earlier job', async () => {
    const spec = { csvjobs: { firstOf: { company: ['Shop'] } } };
    const job = peer.addJob({ table: 'customers', spec, overrides: { delimiter: ';' } });
    writeFileSync(join(cwd, 'shop.csv'), 'name;email;Shop;Firm,x\nA;a@b.co;C;D\n');
    expect(await check(['shop.csv', '--like', job.id])).toMatchObject({ code: 0 });
    const changed = await check(['shop.csv', '--like', job.id, '--map', 'company=Shopp']);
    expect(changed.stderr).toContain(
      'the file has no field "Shopp" (did you mean "Shop"?); found: name, email, Shop',
    );
    expect((await check(['shop.csv', '--like', job.id, '--spec', 'specs/orders.yaml'])).code).toBe(2);
  });
});

describe('errors name the next command', () => {
  test('no daemon answers', async () => {
    const { code, stderr } = await check(['orders.csv', '--into', 'sales.orders', '--json'], NOWHERE);
    expect(stderr).toBe('');
    expect(code).toBe(6);
    const { stdout } = await check(['orders.csv', '--into', 'sales.orders', '--json'], NOWHERE);
    expect(JSON.parse(stdout).error.next).toBe(
      'csvjobs daemon start --url http://127.0.0.1:2; or without a daemon: run csvjobs describe sales.orders --json > table.json where one is reachable, then use --table-file table.json instead of --into',
    );
  });

  const IN_SHORT = [
    'csvjobs create-table orders.csv --into sales.ordrs',
    '"a.b.c" is not the name of a table',
    'csvjobs describe <table> --json > nothing.json, then --table-file nothing.json',
    'csvjobs describe <table> --json > table.json, then',
    'not what csvjobs describe <table> --json prints in this version (table)',
    '--into and --table-file cannot be used together',
  ];
  for (const [args, exitCode, words] of [
    [['--into', 'sales.ordrs'], 2, 'csvjobs create-table orders.csv --into sales.ordrs'],
    [['--into', 'a.b.c'], 2, '"a.b.c" is not the name of a table'],
    [['--table-file', 'nothing.json'], 2, 'there is no such file'],
    [
      ['--table-file', 'nothing.json'],
      2,
      'csvjobs describe <table> --json > nothing.json, then --table-file nothing.json',
    ],
    [['--table-file', 'orders.csv'], 2, 'it is not JSON'],
    // Never a command that overwrites a file of the user.
    [['--table-file', 'orders.csv'], 2, 'csvjobs describe <table> --json > table.json, then'],
    [
      ['--table-file', 'empty.json'],
      2,
      'not what csvjobs describe <table> --json prints in this version (table)',
    ],
    [['--table-file', 'specs'], 2, 'it is a folder'],
    [
      ['--into', 'sales.orders', '--table-file', 't.json'],
      2,
      '--into and --table-file cannot be used together',
    ],
    [['--spec', 'specs/orders.yaml'], 2, 'the table has no column "placed"'],
    [['--default', 'company'], 2, '--default "company" is not understood'],
    [['--into', 'sales.orders', '--spec', 'nothing.yaml'], 2, 'The spec nothing.yaml cannot be used'],
  ] as [string[], number, string][])
    test(
      `${JSON.stringify(args)}: exit ${exitCode}: ${words}`,
      inShortIf(IN_SHORT.includes(words)),
      async () => {
        const { code, stderr } = await check(['orders.csv', ...args]);
        expect(stderr).toContain(words);
        expect(code).toBe(exitCode);
      },
    );
});
