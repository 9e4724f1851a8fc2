/** `csvjobs sniff`, with the real programs of both packages, without a daemon. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { beforeEach, expect, test } from 'vitest';
import { LONG } from '../../../daemon/test/support/form.js';
import { csvjobs, folder } from '../spawn.js';

let cwd: string;
beforeEach(() => {
  cwd = folder();
  const text = 'Name;E-Mail;Größe\nJürgen Müller;j@x.example;1\n"Käthe ""K"" Böhm";k@x.example;2\n';
  writeFileSync(join(cwd, 'kunden.csv'), iconv.encode(text, 'windows-1252'));
  writeFileSync(join(cwd, 'miasta.csv'), iconv.encode('name\nGdańsk\n', 'windows-1250'));
});

// Nothing listens at this address.
const sniff = (...args: string[]) =>
  csvjobs(['sniff', ...args], { cwd, env: { CSVJOBS_URL: 'http://127.0.0.1:9' } });

test('prints what it detected, the first rows, and the equivalent command', async () => {
  const { code, stdout, stderr } = await sniff('kunden.csv');
  expect(stdout.split('\n')).toEqual([
    'kunden.csv: 2 records, 79 B',
    'encoding     windows-1252: assumed by its words "Größe", "Jürgen", "Müller"',
    'compression  none',
    'delimiter    ; (semicolon)',
    'line end     LF',
    'quotes       around some fields',
    'header       3 columns',
    '',
    '#  COLUMN  TYPE',
    '1  Name    text',
    '2  E-Mail  text',
    '3  Größe   integer',
    '',
    'Name            E-Mail       Größe',
    'Jürgen Müller   j@x.example  1',
    'Käthe "K" Böhm  k@x.example  2',
    '',
    'Equivalent command:',
    "csvjobs upload kunden.csv --encoding windows-1252 --delimiter ';'",
    '',
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('takes options for values, and prints them again', async () => {
  writeFileSync(join(cwd, 'preise.csv'), 'sku;preis\na;2,50\nb;-\n');
  const found = await sniff('preise.csv', '--decimal', ',', '--null', '-');
  expect(found.stdout).toMatch(/preis +numeric/);
  expect(found.stdout.trim().split('\n').at(-1)).toBe(
    "csvjobs upload preise.csv --encoding utf-8 --delimiter ';' --null - --decimal ,",
  );
});

test('takes options for the file, and prints them again', LONG, async () => {
  writeFileSync(join(cwd, 'list.csv'), 'a title\n\nName|Size\n19" rack|2\nTotal|2\n');
  const found = await sniff('list.csv', '--quotes', 'lenient', '--footer', '1');
  expect(found.stdout).toContain('1 record');
  expect(found.stdout.trim().split('\n').at(-1)).toBe(
    "csvjobs upload list.csv --encoding utf-8 --delimiter '|' --skip-lines 2 --quotes lenient --footer 1",
  );
  const again = await sniff('list.csv', '--skip-lines', '2', '--quotes', 'lenient', '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({
    totalRows: 2,
    options: ['--encoding', 'utf-8', '--delimiter', '|', '--quotes', 'lenient', '--skip-lines', '2'],
  });
});

test('--json has the same, with the options as an array', async () => {
  const { code, stdout } = await sniff('kunden.csv', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    file: 'kunden.csv',
    source: { encoding: 'windows-1252', delimiter: ';', lineEnd: 'lf' },
    totalRows: 2,
    columns: [{ header: 'Name', type: 'text' }, { header: 'E-Mail' }, { header: 'Größe', type: 'integer' }],
    options: ['--encoding', 'windows-1252', '--delimiter', ';'],
  });
});

test('a file that needs an option: exit 2, both readings and the option; works with it', async () => {
  const refused = await sniff('miasta.csv');
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('as windows-1250: "Gdańsk" (as windows-1252: "Gdañsk")');
  expect(refused.stderr).toContain('--encoding <name>');
  const { code, stdout } = await sniff('miasta.csv', '--encoding', 'cp1250');
  expect(code).toBe(0);
  expect(stdout).toContain('encoding     windows-1250: asked for (cp1250)\n');
});

test('check --strict refuses assumptions, and accepts the same as options', async () => {
  const text = 'name,email,company\nJosé Núñez,j@x.example,Acme\n';
  writeFileSync(join(cwd, 'clientes.csv'), iconv.encode(text, 'windows-1252'));
  const check = (...args: string[]) => csvjobs(['check', 'clientes.csv', ...args], { cwd });
  expect(await check()).toMatchObject({ code: 0 });
  const strict = await check('--strict');
  expect(strict.code).toBe(2);
  expect(strict.stderr).toContain('encoding assumed: windows-1252: "José"');
  expect(strict.stderr).toContain('Add --encoding windows-1252.');
  expect(await check('--strict', '--encoding', 'windows-1252')).toMatchObject({ code: 0 });
});
