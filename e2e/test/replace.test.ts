/** A file that replaces a table's content, with the real command line and daemon: asked, refused, dry-run, done, undone. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { plainText, startOnTerminal } from '../../packages/cli/test/spawn.js';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let url: string;
beforeAll(async () => {
  place = await openPlace();
  ({ url } = await place.start({ TARGET_TABLES: 'shop.*' }));
});
afterAll(() => place.close());

const run = (...args: string[]) => csvjobs(url, ...args);
const sql = async (text: string) => (await place.database.pool.query(text)).rows;
const prices = () => sql('select sku, price::text, stock from shop.prices order by sku');

beforeEach(async () => {
  await sql(`drop schema if exists shop cascade; create schema shop;
    create table shop.prices (sku text primary key, price numeric(8,2) not null, stock int not null default 0);
    insert into shop.prices select 'a' || lpad(i::text, 2, '0'), i, 7 from generate_series(1, 20) i`);
});

async function fileWith(lines: string[]): Promise<string> {
  const file = join(place.folder, 'prices.csv');
  await writeFile(file, ['sku,price', ...lines, ''].join('\n'));
  return file;
}

const line = (at: number, price = `${at}.00`) => `a${String(at).padStart(2, '0')},${price}`;
const known = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => line(first + at));

test('the user types the name, the guard stops it, and undo restores removed rows', async () => {
  const before = await prices();
  const file = await fileWith([...known(4, 19), line(20, '99.00'), line(21)]);
  const args = ['upload', file, '--into', 'shop.prices', '--replace', '--watch', '--again'];
  const asking = startOnTerminal(args, { env: { CSVJOBS_URL: url }, columns: 200 });
  await asking.until((printed) => printed.includes('Type the name'));
  asking.child.stdin?.write('shop.prices\n');
  expect((await asking.ended).code).toBe(7);
  expect(plainText(asking.stdout())).toContain('3 of the 20 rows of shop.prices would be removed');
  expect(await prices()).toEqual(before);

  const done = await run(...args, '--yes', '--max-removed', '3', '--progress', 'plain');
  expect(done.code).toBe(0);
  expect(done.stderr).toContain('1 inserted, 1 updated, 16 unchanged, 3 removed, 0 rejected');
  expect(await prices()).toEqual([
    ...before.slice(3, 19),
    { sku: 'a20', price: '99.00', stock: 7 },
    { sku: 'a21', price: '21.00', stock: 0 },
  ]);
  const id = done.stdout.trim();
  const undone = await run('undo', id, '--yes');
  expect(undone.stdout).toBe(' 1 row  removed\n4 rows  restored as before the job\n');
  expect(await prices()).toEqual(before);
});

test('a dry run, its load, and the next file --like it', LONG, async () => {
  const file = await fileWith([...known(2, 20), line(30)]);
  const dry = await run(
    'upload',
    file,
    '--into',
    'shop.prices',
    '--replace',
    '--dry-run',
    '--watch',
    '--progress',
    'plain',
  );
  expect(dry.code).toBe(0);
  expect(dry.stderr).toContain('1 inserted, 19 unchanged, 1 removed');
  expect(await prices()).toHaveLength(20);
  const loaded = await run('load', dry.stdout.trim(), '--yes', '--watch');
  expect(loaded.code).toBe(0);
  expect((await prices()).map(({ sku }) => sku).slice(-2)).toEqual(['a20', 'a30']);

  const next = await fileWith([...known(3, 20), line(30)]);
  const asked = await run('upload', next, '--like', loaded.stdout.trim());
  expect(asked).toMatchObject({ code: 2 });
  expect((await run('upload', next, '--like', loaded.stdout.trim(), '--yes', '--watch')).code).toBe(0);
  expect(await prices()).toHaveLength(19);
});

/** Runs a printed command, without its first word. */
const pasted = (command: string, ...more: string[]) => run(...command.split(' ').slice(1), ...more);

test(
  'the commands in refusals work when pasted: of the guard, and of a dry run whose table changed',
  LONG,
  async () => {
    const file = await fileWith(known(1, 15));
    const args = ['upload', file, '--into', 'shop.prices', '--replace', '--yes', '--watch'];
    const refused = await run(...args, '--progress', 'plain');
    expect(refused.code).toBe(7);
    const [, guard = ''] = /if these rows may be removed: (csvjobs .*)/.exec(refused.stderr)!;
    expect(guard).toBe(`csvjobs upload ${file} --into shop.prices --replace --max-removed 5 --watch --yes`);
    const dry = await pasted(guard, '--dry-run');
    expect(dry.code).toBe(0);

    await sql('alter table shop.prices add note text');
    const changed = await run('load', dry.stdout.trim(), '--yes');
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain('so its result may no longer be valid: upload the file again');
    const [, again = ''] = /next: (csvjobs .*)/.exec(changed.stderr)!;
    expect(again).toBe(
      'csvjobs upload prices.csv --into shop.prices --replace --max-removed 5 --dry-run --watch',
    );
    expect((await pasted(again.replace('prices.csv', file))).code).toBe(0);
    expect(await prices()).toHaveLength(20);
    expect((await pasted(guard)).code).toBe(0);
    expect(await prices()).toHaveLength(15);
  },
);

test('rejects: none allowed by default; the fixed ones of a replacement replace nothing', LONG, async () => {
  const file = await fileWith([...known(1, 19), line(20, 'x')]);
  const args = ['upload', file, '--into', 'shop.prices', '--replace', '--yes', '--watch'];
  expect((await run(...args)).code).toBe(7);
  expect(await prices()).toHaveLength(20);
  const allowed = await run(...args, '--max-errors', '1');
  expect(allowed.code).toBe(0);
  expect(await prices()).toHaveLength(19);
  const fixes = join(place.folder, 'fixes.csv');
  await run('errors', allowed.stdout.trim(), '--original', '-o', fixes);
  await writeFile(fixes, 'sku,price,_line,_error\na20,20.00,21,\n');
  const fixed = await run('upload', fixes, '--fixes', allowed.stdout.trim(), '--watch');
  expect(fixed.code).toBe(0);
  expect(await prices()).toHaveLength(20);
});

test('undoing an update job restores updated rows and removes inserted ones', LONG, async () => {
  const before = await prices();
  const file = await fileWith([line(1, '5.00'), line(2), line(40)]);
  const done = await run('upload', file, '--into', 'shop.prices', '--on-conflict', 'update', '--watch');
  expect(done.code).toBe(0);
  expect(await prices()).toHaveLength(21);
  const dry = JSON.parse((await run('undo', done.stdout.trim(), '--dry-run', '--json')).stdout);
  expect(dry).toMatchObject({ removed: 1, restored: 1, inserted: 1, updated: 1 });
  expect((await run('undo', done.stdout.trim(), '--yes')).code).toBe(0);
  expect(await prices()).toEqual(before);
});

for (const how of ['skip', 'update'])
  test(`an atomic load and a dry run with --on-conflict ${how}`, LONG, async () => {
    const before = await prices();
    const file = await fileWith([line(1, '5.00'), line(2), line(40), line(41, 'x')]);
    const args = [
      'upload',
      file,
      '--into',
      'shop.prices',
      '--on-conflict',
      how,
      '--watch',
      '--progress',
      'plain',
    ];
    const counts =
      how === 'skip' ? '1 inserted, 2 skipped, 1 rejected' : '1 inserted, 1 updated, 1 unchanged, 1 rejected';
    const dry = await run(...args, '--dry-run');
    expect(dry.code).toBe(3);
    expect(dry.stderr).toContain(counts);
    expect((await run(...args, '--atomic', '--max-errors', '0')).code).toBe(7);
    expect(await prices()).toEqual(before);
    const done = await run(...args, '--atomic', '--max-errors', '1');
    expect(done.code).toBe(0);
    expect(done.stderr).toContain(counts);
    const after = await prices();
    expect(after).toHaveLength(21);
    expect(after[0].price).toBe(how === 'skip' ? '1.00' : '5.00');

    // The fixed row and the next file are loaded as that job's rows were.
    const id = done.stdout.trim();
    const fixes = join(place.folder, 'fixes.csv');
    await writeFile(fixes, 'sku,price,_line,_error\na41,41.00,5,\na02,9.00,6,\n');
    const fixed = await run('upload', fixes, '--fixes', id, '--watch', '--progress', 'plain');
    expect(fixed.stderr).toContain(how === 'skip' ? '1 inserted, 1 skipped' : '1 inserted, 1 updated');
    const next = await fileWith([line(3, '8.00'), line(50)]);
    const like = await run('upload', next, '--like', id, '--watch', '--progress', 'plain');
    expect(like.stderr).toContain(how === 'skip' ? '1 inserted, 1 skipped' : '1 inserted, 1 updated');
  });
