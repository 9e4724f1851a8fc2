/** Uploads into a table and with a spec, from the command line: flags, the project file, and the output. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSpec } from '@csvjobs/shared';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { inShortIf } from '../../../daemon/test/support/form.js';
import { refuse } from '../peer/answers.js';
import { Peer } from '../peer.js';
import { csvjobs, folder } from '../spawn.js';

let peer: Peer;
let cwd: string;

const SPEC = 'csvjobs:\n  aliases:\n    id: [number]\n';

beforeEach(async () => {
  peer = await new Peer().listen();
  cwd = folder();
  mkdirSync(join(cwd, 'specs'));
  mkdirSync(join(cwd, 'data'));
  writeFileSync(join(cwd, 'specs', 'orders.yaml'), SPEC);
  writeFileSync(join(cwd, 'data', 'orders-1.csv'), 'id,placed\n1,2024-05-06\n');
  writeFileSync(join(cwd, 'data', 'items.csv'), 'id\n1\n');
  writeFileSync(join(cwd, 'data', 'customers.csv'), 'name,email,phone,company\nA,a@b.co,,C\n');
});
afterEach(() => peer.close());

const run = (args: string[], more: { cwd?: string; stdin?: string; env?: Record<string, string> } = {}) =>
  csvjobs(args, { cwd, ...more, env: { CSVJOBS_URL: peer.url, ...more.env } });
const sent = () => peer.uploads.map(({ filename, query, spec }) => ({ filename, query, spec }));
const project = (value: unknown) => writeFileSync(join(cwd, '.csvjobs.json'), JSON.stringify(value));

const PATTERNS = {
  files: [
    { match: 'orders*.csv', into: 'sales.orders', spec: 'specs/orders.yaml' },
    { match: 'items.csv', into: 'sales.items' },
  ],
};

test('sends --into and --spec, the spec unchanged', async () => {
  const args = ['upload', 'data/orders-1.csv', '--into', 'sales.orders', '--spec', 'specs/orders.yaml'];
  const { code, stderr } = await run([...args, '--progress', 'plain', '--watch']);
  expect(stderr).toMatch(/^orders-1\.csv: accepted as job \S+ into sales\.orders$/m);
  expect(stderr).toMatch(/^orders-1\.csv: completed in .* rows into sales\.orders, /m);
  expect(code).toBe(0);
  expect(sent()).toEqual([{ filename: 'orders-1.csv', query: '?into=sales.orders', spec: SPEC }]);
});

test('a misspelt table: the same command with the table that was meant', async () => {
  peer.fault = ({ method }, response) => {
    if (method !== 'POST') return false;
    refuse(response, 'table_not_found', 'there is no table "sales.order"; did you mean sales.orders?');
    return true;
  };
  const { code, stderr } = await run(['upload', 'data/items.csv', '--into', 'sales.order', '--watch']);
  expect(stderr).toMatch(/next: csvjobs upload data\/items\.csv --watch --into sales\.orders$/m);
  expect(code).toBe(2);
});

test('names the table as the daemon has found it', async () => {
  const { stderr } = await run([
    'upload',
    'data/items.csv',
    '--into',
    'items',
    '--progress',
    'plain',
    '--watch',
  ]);
  expect(stderr).toMatch(/^items\.csv: accepted as job \S+ into public\.items$/m);
  const { stdout } = await run(['upload', 'data/items.csv', '--into', 'items', '--again', '--json']);
  expect(JSON.parse(stdout).uploads[0].table).toBe('public.items');
});

test('without either sends only the file', async () => {
  expect((await run(['upload', 'data/customers.csv'])).code).toBe(0);
  expect(sent()).toEqual([{ filename: 'customers.csv', query: '', spec: undefined }]);
});

test('options override the spec', async () => {
  const args = ['upload', 'data/orders-1.csv', '--into', 'sales.orders', '--spec', 'specs/orders.yaml'];
  await run([...args, '--default', 'Id=0', '--default', 'a=x=y', '--constant', 'source=crm']);
  const { spec } = peer.uploads[0]!;
  expect(readSpec(JSON.parse(spec!))).toEqual({
    ...readSpec(parse(SPEC)),
    csvjobs: {
      ...readSpec(parse(SPEC)).csvjobs,
      default: { Id: '0', a: 'x=y' },
      constant: { source: 'crm' },
    },
  });
});

describe('the project file', () => {
  test('sets table and spec by pattern, relative to its folder; flags win', async () => {
    project(PATTERNS);
    const files = ['data/orders-1.csv', 'data/items.csv', 'data/customers.csv'];
    const { code, stdout } = await run(['upload', ...files, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).uploads.map(({ table }: { table: string | null }) => table)).toEqual([
      'sales.orders',
      'sales.items',
      'customers',
    ]);
    expect(sent()).toEqual([
      { filename: 'orders-1.csv', query: '?into=sales.orders', spec: SPEC },
      { filename: 'items.csv', query: '?into=sales.items', spec: '' },
      { filename: 'customers.csv', query: '', spec: undefined },
    ]);
    peer.uploads.length = 0;
    await run(['upload', 'orders-1.csv', '--into', 'test.orders'], { cwd: join(cwd, 'data') });
    expect(sent()).toEqual([{ filename: 'orders-1.csv', query: '?into=test.orders', spec: SPEC }]);
  });

  test('reports its mistakes before anything is sent', async () => {
    project({ files: [{ match: 'orders*.csv', inot: 'sales.orders' }] });
    const { code, stderr } = await run(['upload', 'data/orders-1.csv']);
    expect(code).toBe(2);
    expect(stderr).toContain('files[0] has a key "inot"');
    expect(peer.seen).toEqual([]);
  });
});

for (const [text, why] of [
  ['csvjobs:\n  alises: {}\n', 'csvjobs.alises: unknown property, did you mean "aliases"?'],
  ['{"csvjobs": ', 'it is not JSON'],
  ['a: [', 'it is not YAML'],
] as [string, string][])
  test(`an invalid spec: no file is sent: ${why}`, inShortIf(why.includes('unknown property')), async () => {
    writeFileSync(join(cwd, 'specs', 'orders.yaml'), text);
    project(PATTERNS);
    const { code, stderr } = await run(['upload', 'data/items.csv', 'data/orders-1.csv']);
    expect(code).toBe(2);
    expect(stderr).toContain('orders.yaml');
    expect(stderr).toContain(why);
    expect(peer.seen).toEqual([]);
  });

test.each([
  ['table_not_found', 2, 'csvjobs tables, or csvjobs create-table data/orders-1.csv --into sales.ordrs'],
  ['header_invalid', 2, 'csvjobs map data/orders-1.csv --into sales.ordrs'],
  ['spec_mismatch', 2, 'csvjobs map data/orders-1.csv --into sales.ordrs'],
  ['key_unusable', 2, 'csvjobs describe sales.ordrs'],
  ['spec_invalid', 2, 'csvjobs describe sales.ordrs --spec'],
  ['table_not_allowed', 4, 'csvjobs tables'],
  ['table_takes_no_rows', 2, 'csvjobs tables'],
] as const)('%s: exit %i, and the next command', async (problem, exitCode, next) => {
  peer.fault = (request, response) => {
    if (request.method !== 'POST') return false;
    refuse(response, problem, 'it is so');
    return true;
  };
  const { code, stderr } = await run(['upload', 'data/orders-1.csv', '--into', 'sales.ordrs', '--json']);
  const { error } = JSON.parse(stderr);
  expect(error).toMatchObject({ code: problem, why: 'it is so', next });
  expect(code).toBe(exitCode);
});

test('a daemon too old for table names is detected before a row is loaded', async () => {
  peer.fault = (request, response) => {
    if (request.method !== 'POST') return false;
    refuse(response, 'field_name_wrong', 'the file is in the field "spec"');
    return true;
  };
  const { code, stderr } = await run(['upload', 'data/orders-1.csv', '--into', 'sales.orders']);
  expect(code).toBe(2);
  expect(stderr).toContain('loads only into customers');
  expect(stderr).toContain('update the daemon');
});

test('list, show and the reports for CI name the table', async () => {
  const job = peer.addJob({ filename: 'orders.csv', table: 'sales.orders', spec: { csvjobs: {} } });
  peer.addJob();
  const list = await run(['list']);
  expect(list.stdout).toMatch(/orders\.csv → sales\.orders$/m);
  expect(list.stdout).toMatch(/ customers\.csv$/m);
  const { stdout } = await run(['list', '--table', 'sales.orders', '--quiet']);
  expect(stdout).toBe(`${job.id}\n`);
  expect((await run(['list', '--table', 'no.rows'])).stderr).toContain('No such jobs into no.rows');
  const shown = await run(['show', job.id]);
  expect(shown.stdout).toMatch(/^ {2}Table +sales\.orders$/m);
  expect(shown.stdout).toMatch(/^ {2}Spec +to see it: csvjobs show .* --json$/m);
  const summary = join(cwd, 'summary.md');
  await run(['watch', job.id, '--junit', 'junit.xml'], { env: { GITHUB_STEP_SUMMARY: summary } });
  expect(readFileSync(join(cwd, 'junit.xml'), 'utf8')).toContain(
    '<testsuite name="orders.csv → sales.orders"',
  );
  expect(readFileSync(summary, 'utf8')).toContain('| orders.csv → sales.orders |');
});

test('rejects of another table are counted by heading', async () => {
  const reason = (value: string) => ({
    column: 'id',
    code: 'not_an_integer' as const,
    message: `id: "${value}" is not an integer`,
    heading: 'id: not an integer',
    value,
  });
  const job = peer.addJob({ table: 'sales.orders', failedCount: 2, processedRows: 102, totalRows: 102 });
  peer.rejections = () =>
    ['x', 'y'].map((value, at) => ({
      rowNumber: at + 1,
      line: at + 2,
      column: 'id',
      code: 'not_an_integer',
      message: reason(value).message,
      row: { id: value },
      reasons: [reason(value)],
    }));
  const { stdout } = await run(['errors', job.id, '--summary', '--json']);
  expect(JSON.parse(stdout)).toEqual({ total: 2, reasons: [{ message: 'id: not an integer', rows: 2 }] });
});

test('a refusal names the options of this command line, not the properties of the spec that they set', async () => {
  const detail = 'csvjobs.key: sku is no unique key of sales.orders; csvjobs.blanks rejects nothing';
  peer.fault = ({ method }, response) => {
    if (method !== 'POST') return false;
    refuse(response, 'key_unusable', detail);
    return true;
  };
  const args = ['upload', 'data/orders-1.csv', '--into', 'sales.orders', '--on-conflict', 'update'];
  const { stderr } = await run([...args, '--key', 'sku']);
  expect(stderr).toContain(
    'why:  --key: sku is no unique key of sales.orders; csvjobs.blanks rejects nothing\n',
  );
});
