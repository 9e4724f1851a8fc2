/** Files of persons and companies: the same mapping by option, spec and earlier job, in checks, dry runs and loads. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let url: string;
let file: string;

/** As DATEV exports debtors: companies in one column, persons in two others. */
const ADDRESSES =
  'Konto;Firmenname;Vorname;Nachname;E-Mail\r\n' +
  '10001;Müller GmbH;;;m@d.example\r\n' +
  '10002;Roe Inc;Ann;Roe;a@d.example\r\n' +
  '10003;;Jörg;;j@d.example\r\n' +
  '10004;;;;none@d.example\r\n';
const FIELDS = 'Vorname + Nachname | Firmenname';
const NAMES = ['Müller GmbH', 'Ann Roe', 'Jörg'];

beforeEach(async () => {
  place = await openPlace();
  await place.database.pool.query('create table contacts (id int primary key, who text not null, mail text)');
  ({ url } = await place.start({ TARGET_TABLES: 'public.*' }));
  file = join(place.folder, 'addresses.csv');
  writeFileSync(file, ADDRESSES);
});
afterEach(() => place.close());

async function jobOf(id: string): Promise<Job> {
  return (await (await fetch(`${url}/api/jobs/${id}`)).json()) as Job;
}

async function names(column: string, table: string): Promise<string[]> {
  const { rows } = await place.database.pool.query<{ name: string }>(
    `select ${column} as name from ${table} order by id`,
  );
  return rows.map(({ name }) => name);
}

test('customers: with --map, and again with --like', LONG, async () => {
  const options = ['--map', `name=${FIELDS}`, '--default', 'company=-'];
  const checked = await csvjobs(url, 'check', file, ...options);
  expect(checked).toMatchObject({ code: 3, stdout: expect.stringContaining('row 4: name is required') });
  const loaded = await csvjobs(url, 'upload', file, '--watch', '--progress', 'plain', ...options);
  expect(loaded).toMatchObject({ code: 3, stderr: expect.stringContaining('3 good') });
  expect((await names('name', 'customers')).sort()).toEqual([...NAMES].sort());

  const id = loaded.stdout.trim();
  const next = join(place.folder, 'next.csv');
  writeFileSync(next, ADDRESSES.replaceAll('@d.', '@e.'));
  const like = await csvjobs(url, 'upload', next, '--like', id, '--watch', '--progress', 'plain');
  expect(like).toMatchObject({ code: 3 });
  expect((await names('name', 'customers')).sort()).toEqual([...NAMES, ...NAMES].sort());
  const firstOf = { name: [{ combine: ['Vorname', 'Nachname'] }, 'Firmenname'] };
  expect(await jobOf(like.stdout.trim())).toMatchObject({ spec: { csvjobs: { firstOf } } });
});

test('any table: the spec saved by map, and the command it prints', LONG, async () => {
  const options = ['--map', `who=${FIELDS}`, '--map', 'id=Konto', '--map', 'mail=E-Mail'];
  const spec = join(place.folder, 'addresses.yaml');
  const first = await csvjobs(url, 'upload', file, '--into', 'contacts', '--dry-run', '--watch', ...options);
  expect(first).toMatchObject({ code: 3 });
  expect(await names('who', 'contacts')).toEqual([]);
  const mapped = await csvjobs(url, 'map', file, '--like', first.stdout.trim(), '-o', spec);
  expect(mapped).toMatchObject({ code: 0 });
  expect(parse(readFileSync(spec, 'utf8')).csvjobs.firstOf.who).toEqual([
    { combine: ['Vorname', 'Nachname'] },
    'Firmenname',
  ]);
  const [program, command, ...words] = mapped.stdout.trim().split(' ');
  expect([program, command]).toEqual(['csvjobs', 'upload']);
  const loaded = await csvjobs(url, command!, ...words, '--progress', 'plain');
  expect(loaded).toMatchObject({ code: 3 });
  expect(loaded.stderr).toContain('4 rows');
});

test('the reverse order, and an operator without a field', async () => {
  const map = (who: string) => ['--into', 'contacts', '--map', 'id=Konto', '--map', `who=${who}`];
  const firms = await csvjobs(url, 'upload', file, '--watch', ...map('Firmenname | Vorname + Nachname'));
  expect(firms).toMatchObject({ code: 3 });
  expect(await names('who', 'contacts')).toEqual(['Müller GmbH', 'Roe Inc', 'Jörg']);
  const broken = await csvjobs(url, 'upload', file, ...map('Vorname + | Firmenname'));
  expect(broken).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('a field is missing between "+" and "|"'),
  });
});
