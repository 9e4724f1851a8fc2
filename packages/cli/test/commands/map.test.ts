/** `csvjobs map` without a terminal: the best mapping found, as a spec, with the real programs of both packages. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OUTPUT_SCHEMAS } from '@csvjobs/shared';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { inShortIf, LONG } from '../../../daemon/test/support/form.js';
import { VANS, writeVans } from '../mapVans.js';
import { Peer } from '../peer.js';
import { controls, csvjobs, folder } from '../spawn.js';

let peer: Peer;
let cwd: string;
beforeEach(async () => {
  peer = await new Peer().listen();
  peer.tables = [VANS];
  cwd = folder();
  writeVans(cwd);
});
afterEach(() => peer.close());

const map = (args: string[], input?: string) =>
  csvjobs(['map', ...args], { cwd, env: { CSVJOBS_URL: peer.url }, ...(input !== undefined && { input }) });
const INTO = ['--into', 'shop.vans'];
const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);

test('prints a spec that works unchanged, with exit 0; guesses and notices on stderr', async () => {
  write('a.csv', 'Crew,PLATE,Depot Code,Extra\nAda,a@x.io,ACME,1\n');
  const { code, stdout, stderr } = await map(['a.csv', ...INTO]);
  expect(parse(stdout)).toEqual({
    csvjobs: {
      into: 'shop.vans',
      firstOf: { crew: ['Crew'], plate: ['PLATE'], depot: ['Depot Code'] },
    },
  });
  expect(stderr).toContain('a.csv: guess: depot may be "Depot Code"; a load uses it only with this spec');
  expect(stderr).toContain('a.csv: notice: ignored field: Extra');
  expect(code).toBe(0);
  write('a.yaml', stdout);
  const checked = await csvjobs(['check', 'a.csv', ...INTO, '--spec', 'a.yaml'], {
    cwd,
    env: { CSVJOBS_URL: peer.url },
  });
  expect(checked).toMatchObject({ code: 0, stdout: '' });
});

test('reports missing columns with exit 2, and still prints the spec', async () => {
  const { code, stdout, stderr } = await map(['vans.csv', ...INTO]);
  expect(parse(stdout).csvjobs.firstOf).toMatchObject({
    plate: ['Number Plate'],
    depot: ['Depot Code'],
  });
  expect(stderr).toContain('error: vans.csv does not fit shop.vans with this spec');
  expect(stderr).toContain('missing column: crew');
  expect(stderr).toContain('csvjobs map vans.csv --into shop.vans');
  expect(code).toBe(2);
});

test('--json has everything in one document, valid against its schema', async () => {
  for (const [name, text, exitCode] of [
    ['a.csv', 'crew,plate,depot\nAda,a@x.io,ACME\n', 0],
    ['b.csv', 'crew\nAda\n', 2],
  ] as const) {
    write(name, text);
    const { code, stdout, stderr } = await map([name, ...INTO, '--json']);
    const document = OUTPUT_SCHEMAS.map!.schema.parse(JSON.parse(stdout));
    expect(document).toMatchObject({ file: name, table: 'shop.vans', exitCode });
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: '' });
  }
  const { stdout } = await map(['a.csv', ...INTO, '--json']);
  const { columns, fields, faults } = JSON.parse(stdout);
  expect(columns[1]).toMatchObject({
    column: 'crew',
    match: 'exact',
    from: { kind: 'field', position: 0 },
  });
  expect(fields[1]).toEqual({ name: 'plate', samples: ['a@x.io'] });
  expect(faults).toEqual([]);
});

test('-o writes the file and prints the command; it never overwrites', async () => {
  write('a.csv', 'crew;plate;depot\nAda;a@x.io;ACME\n');
  const { code, stdout } = await map(['a.csv', ...INTO, '-o', 'my spec.yaml', '--delimiter', ';']);
  expect(stdout).toBe(
    "csvjobs upload a.csv --into shop.vans --spec 'my spec.yaml' --delimiter ';' --watch\n",
  );
  expect(parse(readFileSync(join(cwd, 'my spec.yaml'), 'utf8'))).toEqual({
    csvjobs: { into: 'shop.vans' },
  });
  expect(code).toBe(0);
  const again = await map(['a.csv', ...INTO, '-o', 'my spec.yaml']);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('the file already exists');
});

test('starts from a given spec, and keeps its value options', LONG, async () => {
  write(
    's.yaml',
    'schema: {fields: [{name: serviced, format: "%d.%m.%Y"}]}\ncsvjobs: {combine: {crew: [Front, Rear]}}\n',
  );
  const { code, stdout } = await map(['vans.csv', ...INTO, '--spec', 's.yaml']);
  const spec = parse(stdout);
  expect(spec.schema.fields[0]).toMatchObject({ name: 'serviced', format: '%d.%m.%Y' });
  expect(spec.csvjobs.combine).toEqual({ crew: ['Front', 'Rear'] });
  expect(code).toBe(0);
});

test('--like: starts from the table, spec and delimiter of a job', LONG, async () => {
  const spec = { csvjobs: { combine: { crew: ['Front', 'Rear'] }, default: { depot: 'none' } } };
  const { id } = peer.addJob({ table: 'shop.vans', spec, overrides: { delimiter: '::' } });
  write('next.csv', 'Front::Rear::plate\nAda::Byron::a@x.io\n');
  const { code, stdout } = await map(['next.csv', '--like', id, '-o', 'next.yaml']);
  expect(stdout).toBe('csvjobs upload next.csv --into shop.vans --spec next.yaml --delimiter :: --watch\n');
  expect(parse(readFileSync(join(cwd, 'next.yaml'), 'utf8'))).toEqual({
    csvjobs: { into: 'shop.vans', ...spec.csvjobs },
  });
  expect(code).toBe(0);
  const changed = await map(['next.csv', '--like', id, '--default', 'depot=Delft']);
  expect(parse(changed.stdout).csvjobs.default).toEqual({ depot: 'Delft' });
  expect((await map(['next.csv', '--like', id, '--spec', 'next.yaml'])).code).toBe(2);
});

test('from stdin, and with a table file instead of a daemon', LONG, async () => {
  write('t.json', JSON.stringify(VANS));
  const { code, stdout } = await csvjobs(['map', '-', '--table-file', 't.json'], {
    cwd,
    env: { CSVJOBS_URL: 'http://127.0.0.1:9' },
    input: 'crew,plate,depot\nA,a@x.io,C\n',
  });
  expect(parse(stdout)).toEqual({ csvjobs: { into: 'shop.vans' } });
  expect(code).toBe(0);
});

test('customers, if no table is named: without a daemon', LONG, async () => {
  write('c.csv', 'Name,Mail,Compnay,Zzz\nAnn,ann@x.io,ACME,x\n');
  const nowhere = { CSVJOBS_URL: 'http://127.0.0.1:9' };
  const { code, stdout } = await csvjobs(['map', 'c.csv'], { cwd, env: nowhere });
  expect(parse(stdout)).toEqual({
    csvjobs: { firstOf: { name: ['Name'], email: ['Mail'], company: ['Compnay'] } },
  });
  expect(code).toBe(0);
  write('c.yaml', stdout);
  expect(await csvjobs(['check', 'c.csv'], { cwd, env: nowhere })).toMatchObject({ code: 2 });
  const specified = await csvjobs(['check', 'c.csv', '--spec', 'c.yaml'], { cwd, env: nowhere });
  expect(specified).toMatchObject({ code: 0, stdout: '' });
});

describe('errors', () => {
  for (const [args, exitCode, words] of [
    [['nothing.csv', ...INTO], 2, 'nothing.csv'],
    [['vans.csv', '--into', 'shop.peopel'], 2, 'csvjobs create-table vans.csv --into shop.peopel'],
    [['binary.csv', ...INTO], 2, 'next: unpack it and upload the CSV file that is in it'],
    [['vans.csv', ...INTO, '--table-file', 't.json'], 2, '--into and --table-file cannot be used together'],
  ] as [string[], number, string][])
    test(`${JSON.stringify(args)}: exit ${exitCode}`, inShortIf(args[0] === 'nothing.csv'), async () => {
      writeFileSync(join(cwd, 'binary.csv'), Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0]));
      const { code, stderr } = await map(args);
      expect(stderr).toContain(words);
      expect(code).toBe(exitCode);
    });

  test('hostile names do not reach the terminal', async () => {
    write('evil.csv', 'crew\u001b[2J,plate \u202e,depot\nA,a@x.io,C\n');
    const { stdout, stderr } = await map(['evil.csv', ...INTO]);
    expect(controls(stdout + stderr)).toEqual([]);
  });

  test('a wide file without a matching name finishes quickly', LONG, async () => {
    const names = Array.from({ length: 1_600 }, (_, at) => `unrelated heading ${at}`);
    write('wide.csv', `${names.join(',')}\n${names.map((_, at) => at).join(',')}\n`);
    const { code, stderr } = await map(['wide.csv', ...INTO]);
    expect(code).toBe(2);
    expect(stderr).toContain('missing columns: crew, plate, depot');
  });
});
