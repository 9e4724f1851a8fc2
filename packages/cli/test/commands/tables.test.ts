/**
 * `csvjobs tables` and `describe`: what is printed, in a pipe, on terminals of any width, and as YAML and JSON.
 *
 * @module-tag sized
 */
import { OUTPUT_SCHEMAS, readSpec, specOf } from '@csvjobs/shared';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { inShortIf, LONG, sized } from '../../../daemon/test/support/form.js';
import { makeColumn, makeTable } from '../peer/tables.js';
import { Peer } from '../peer.js';
import { controls, csvjobs, plainText, startOnTerminal } from '../spawn.js';

const key = (name: string, columns: string[], more: object = {}) => ({
  name,
  primary: false,
  parts: columns.map((column) => ({ column, expression: column, deterministic: true })),
  columns,
  predicate: null,
  nullsNotDistinct: false,
  deferrable: false,
  ...more,
});

const EVIL = 'evil\u001b]0;title\u0007\u009b31m\u202e';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
  peer.tables = [
    makeTable('Mixed', `${EVIL} "quoted"`, {
      columns: [makeColumn(EVIL, 'text', { comment: `${EVIL}\nsecond line`, default: `'${EVIL}'::text` })],
    }),
    makeTable('sales', 'a_table_with_a_name_that_is_as_long_as_postgresql_will_take_it__', {
      kind: 'partitioned table',
      columns: [makeColumn('a_column_with_a_name_that_is_as_long_as_postgresql_will_take_it_')],
    }),
    makeTable('sales', 'orders', {
      rowEstimate: 1_204_000,
      columns: [
        makeColumn('id', 'bigint', {
          type: { name: 'int8' },
          notNull: true,
          identity: 'always',
          insertable: false,
        }),
        makeColumn('customer_id', 'bigint', { type: { name: 'int8' }, notNull: true, comment: 'who pays' }),
        makeColumn('code', 'character varying(10)', { type: { name: 'varchar', typmod: 14 } }),
        makeColumn('created', 'timestamp with time zone', {
          type: { name: 'timestamptz' },
          notNull: true,
          default: "date_trunc('second'::text, now())",
        }),
        makeColumn('twice', 'numeric', { generated: 'stored', insertable: false }),
        makeColumn('hidden', 'text', { insertable: false }),
      ],
      keys: [
        key('orders_pkey', ['id'], { primary: true }),
        key('orders_code', ['code'], { predicate: '(code <> $$)', deferrable: true, nullsNotDistinct: true }),
      ],
      checks: [{ name: 'orders_check', columns: ['code'], expression: "code <> 'x'::text", enforced: false }],
      foreignKeys: [
        {
          name: 'orders_customer',
          columns: ['customer_id'],
          references: { schema: 'Sales', name: 'customers' },
          referencedColumns: ['id'],
          match: 'simple',
          enforced: true,
          deferrable: false,
        },
      ],
      exclusions: [{ name: 'no_overlap', definition: 'EXCLUDE USING gist (during WITH &&)' }],
      triggers: [{ name: 'stamp', timing: 'before', level: 'row', events: ['insert', 'update'] }],
      rules: ['elsewhere'],
      rowSecurity: true,
      partitionKey: 'RANGE (id)',
      missingRights: [
        {
          rule: 'check',
          name: 'orders_check',
          right: 'EXECUTE',
          object: 'function sales.sound(text)',
          grant: 'grant execute on function sales.sound(text) to "app"',
        },
        {
          rule: 'default',
          name: 'created',
          right: 'USAGE',
          object: `sequence sales."${EVIL}"`,
          grant: `grant usage on sequence sales."${EVIL}" to "app"`,
        },
      ],
    }),
  ];
});
afterEach(() => peer.close());
const env = (more: Record<string, string> = {}) => ({ CSVJOBS_URL: peer.url, ...more });
const run = (...args: string[]) => csvjobs(args, { env: env() });

async function widest(text: string): Promise<number> {
  const { default: width } = await import('string-width');
  return Math.max(
    ...plainText(text)
      .trimEnd()
      .split('\n')
      .map((line) => width(line)),
  );
}

test('tables: in a pipe complete, from all pages, without escape sequences', async () => {
  const { stdout, stderr, code } = await run('tables');
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(controls(stdout)).toEqual([]);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.length).toBe(4);
  expect(lines[0]).toMatch(/^TABLE +KIND +ROWS +KEY$/);
  expect(lines[3]).toMatch(/^sales\.orders +table +~1,204,000 +id$/);
  expect(lines[2]).toMatch(/will_take_it__ +partitioned table +\? +-$/);
});

test('tables: --json and --quiet', async () => {
  const { stdout } = await run('tables', '--json');
  expect(OUTPUT_SCHEMAS.tables?.schema.parse(JSON.parse(stdout))).toHaveLength(3);
  expect((await run('tables', '--quiet')).stdout.trimEnd().split('\n')[2]).toBe('sales.orders');
});

test('tables: none, with the reason on stderr', async () => {
  peer.tables = [];
  const { stdout, stderr, code } = await run('tables');
  expect({ stdout, code }).toEqual({ stdout: '', code: 0 });
  expect(stderr).toContain('TARGET_TABLES');
});

describe.each(sized([40], [40, 80, 120]))('on a terminal of %i columns', (columns) => {
  test('tables: every line fits, and hostile names are harmless', async () => {
    const { stdout, code } = await startOnTerminal(['tables'], { env: env(), columns }).ended;
    expect(code).toBe(0);
    expect(stdout).not.toContain('\u001b]0;');
    expect(await widest(stdout)).toBeLessThanOrEqual(columns);
    expect(plainText(stdout)).toContain('sales.orders');
  });

  test('describe: every line fits, with names, requirements, and each rule', async () => {
    for (const { table } of peer.tables) {
      const name = `"${table.schema}"."${table.name.replaceAll('"', '""')}"`;
      const { stdout, code } = await startOnTerminal(['describe', name], { env: env(), columns }).ended;
      expect(code).toBe(0);
      expect(stdout).not.toContain('\u001b]0;');
      // Only the terminal breaks a command.
      expect(await widest(stdout.replace(/^csvjobs describe .* --spec/m, ''))).toBeLessThanOrEqual(columns);
    }
    const { stdout } = await startOnTerminal(['describe', 'orders'], { env: env(), columns }).ended;
    const text = plainText(stdout).replace(/\s+/g, ' ');
    for (const part of [
      'sales.orders (table, about 1,204,000 rows)',
      'orders_pkey: primary key (id)',
      'orders_code: (code) where (code <> $$) nulls not distinct deferrable',
      "orders_check: code <> 'x'::text (not enforced)",
      'orders_customer: (customer_id) in "Sales".customers (id)',
      'no_overlap: EXCLUDE USING gist (during WITH &&)',
      'stamp: before insert or update, each row',
      'Rules elsewhere',
      'Partitioned by RANGE (id)',
      'EXECUTE on function sales.sound(text) (needed by the check orders_check)',
      'grant execute on function sales.sound(text) to "app"',
      'a file that fills created needs no right for its default',
      'policies may refuse rows',
      'customer_id: who pays',
      'csvjobs describe sales.orders --spec',
    ])
      expect(text).toContain(part);
    expect(plainText(stdout)).toMatch(/^customer_id +bigint .*required$/m);
  });
});

test('describe: in a pipe the columns are not cut, with what a file needs', async () => {
  const { stdout, stderr, code } = await run('describe', 'sales.orders');
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(controls(stdout)).toEqual([]);
  const lines = stdout.split('\n').slice(2, 9);
  expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
    ['COLUMN', 'TYPE', 'NULL', 'DEFAULT', 'KEY', 'IN A FILE'],
    ['id', 'bigint', 'no', 'identity always', 'P', 'never'],
    ['customer_id', 'bigint', 'no', '-', 'F', 'required'],
    ['code', 'character varying(10)', 'yes', '-', 'U', 'optional'],
    ['created', 'timestamp with time zone', 'no', "date_trunc('second'::text, now())", '-', 'optional'],
    ['twice', 'numeric', 'yes', 'generated stored', '-', 'never'],
    ['hidden', 'text', 'yes', '-', '-', 'no right'],
  ]);
  expect(stdout).toContain('\n  a file may lack a required column if one of these triggers fills it\n');
});

test('describe --spec: the spec as YAML, or as JSON with --json', async () => {
  const expected = specOf(peer.tables[2]!);
  const yaml = await run('describe', 'orders', '--spec');
  expect(yaml.stdout).toMatch(/^schema:\n {2}fields:\n {4}- name: customer_id\n/);
  expect(parse(yaml.stdout)).toEqual(expected);
  expect(() => readSpec(parse(yaml.stdout))).not.toThrow();
  const json = await run('describe', 'orders', '--spec', '--json');
  expect(JSON.parse(json.stdout)).toEqual(expected);
});

test('describe --yaml and --json: all details', async () => {
  expect(parse((await run('describe', 'orders', '--yaml')).stdout)).toEqual(peer.tables[2]);
  const { stdout } = await run('describe', 'orders', '--json');
  expect(JSON.parse(stdout)).toEqual(peer.tables[2]);
  expect(() => OUTPUT_SCHEMAS.describe?.schema.parse(JSON.parse(stdout))).not.toThrow();
  expect((await run('describe', 'orders', '-q')).stdout).toBe('sales.orders\n');
});

test('hostile names survive YAML, without raw control characters in it', async () => {
  const { table, spec } = peer.tables[0]!;
  const name = `"Mixed"."${table.name.replaceAll('"', '""')}"`;
  const { stdout } = await run('describe', name, '--spec');
  expect(controls(stdout)).toEqual([]);
  expect(stdout).not.toMatch(/[\u0080-\u009f\u202e]/);
  expect(parse(stdout)).toEqual(spec);
});

test.each([
  [['describe'], 'The argument <table> is missing'],
  [['describe', 'a.b.c'], '"a.b.c" is not the name of a table'],
  [['describe', '..'], '".." is not the name of a table'],
  [['describe', '"'], 'is not the name of a table'],
  [['describe', 'orders', '--yaml', '--json'], '--yaml and --json cannot be used together'],
])('%j is a usage error: nothing is asked of the daemon', async (args, says) => {
  const { stderr, code } = await run(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(says);
  expect(peer.seen).toEqual([]);
});

for (const [code, exitCode, next] of [
  ['table_not_found', 2, 'csvjobs tables'],
  ['table_name_invalid', 2, 'csvjobs tables'],
  ['table_ambiguous', 2, 'csvjobs tables'],
  // No other table: the reason has the GRANT.
  ['table_no_rights', 2, 'have the right granted, then run the command again'],
  ['table_takes_no_rows', 2, 'csvjobs tables'],
  ['table_not_allowed', 4, 'csvjobs tables'],
] as const)
  test(
    `${code} exits with ${exitCode}, the reason and advice`,
    inShortIf(/invalid|ambiguous|rights|allowed/.test(code)),
    async () => {
      const { refuse } = await import('../peer/answers.js');
      peer.fault = (_request, response) => {
        refuse(response, code, 'did you mean sales.orders?');
        return true;
      };
      const ended = await run('describe', 'nothing');
      expect(ended.code).toBe(exitCode);
      expect(ended.stderr).toContain('did you mean sales.orders?');
      expect(ended.stderr).toContain(`next: ${next}\n`);
    },
  );

test('a name stays one part of the URL, whatever it contains', async () => {
  peer.tables = [makeTable('a/b', '%2F?x=1#')];
  expect((await run('describe', '"a/b"."%2F?x=1#"', '-q')).stdout).toBe('"a/b"."%2F?x=1#"\n');
});

test('a token is created for tables, and the list shows them', async () => {
  const made = await run('token', 'create', '--name', 'shop', '--table', 'shop.*', '--table', 'public.x');
  expect(made.stderr).toContain('(write, for shop.*, public.x)');
  peer.addToken('whole');
  const { stdout } = await run('token', 'list');
  expect(stdout).toMatch(/^NAME +SCOPE +TABLES +CREATED +USED +STATUS$/m);
  expect(stdout).toMatch(/^shop +write +shop\.\*, public\.x +/m);
  expect(stdout).toMatch(/^whole +write +all +/m);
});

test('completes table names', async () => {
  const { stdout } = await csvjobs(['__complete', 'zsh', '--', 'describe', 'sales.o'], {
    env: env({ CSVJOBS_COMPLETE_TIMEOUT: '60s' }),
  });
  expect(stdout).toBe('sales.orders\ttable\n');
});

test('a pattern without a schema: the error has the full corrected command', LONG, async () => {
  const args = [
    'token',
    'create',
    '--name',
    'shop',
    '--scope',
    'read',
    '--table',
    'orders',
    '--table',
    'x.*',
  ];
  const { code, stderr } = await run(...args);
  expect(code).toBe(2);
  const next = 'csvjobs token create --name shop --scope read --table sales.orders --table ';
  expect(stderr).toContain(`${next}'x.*'`);
  const unknown = await run('token', 'create', '--name', 'shop', '--table', 'nowhere');
  expect(unknown.stderr).toContain('csvjobs token create --name shop --scope write --table public.nowhere');
  const wrong = await run('token', 'create', '--name', 'shop', '--table', 'a b.c');
  expect(wrong.stderr).toContain('has " " in a name');
  expect(peer.seen.some(({ method, url }) => method === 'POST' && url === '/api/tokens')).toBe(false);
});
