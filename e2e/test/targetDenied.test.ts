/** A right revoked between an upload and its load: the job fails with its own code, names the right, and loads once it is back. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '@csvjobs/shared';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { onPlain } from '../../packages/daemon/test/support/postgres.js';
import { csvjobs } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let role: string;

beforeEach(async () => {
  place = await openPlace();
  role = `role_${randomBytes(6).toString('hex')}`;
  await place.database.plain(`create role ${role} login; grant all on all tables in schema public to ${role};
    grant select on pgmigrations to ${role};
    create schema sales; grant usage on schema sales to ${role};
    create table sales.orders (id int primary key, price numeric); grant insert on sales.orders to ${role}`);
});
afterEach(async () => {
  const { host, port } = place.database.connection;
  await place.close();
  await onPlain({ host, port, user: 'postgres', database: 'postgres' }, `drop role ${role}`);
});

test('target_denied: reported by the command line, and resolved', async () => {
  const shared = { DB_USER: role, TARGET_TABLES: 'sales.*' };
  const own = (name: string) => ({ ...shared, DATA_DIR: join(place.folder, name) });
  const api = await place.start(own('api'), '--role', 'api');
  const file = join(place.folder, 'orders.csv');
  await writeFile(file, 'id,price\n1,2.50\n2,3\n');
  const upload = await csvjobs(api.url, 'upload', file, '--into', 'sales.orders');
  expect(upload.code, upload.stderr).toBe(0);
  const id = upload.stdout.trim();

  await place.database.plain(
    `revoke insert on sales.orders from ${role}; grant insert (id) on sales.orders to ${role}`,
  );
  await place.start(own('worker'), '--role', 'worker');
  const watch = await csvjobs(api.url, 'watch', id, '--progress', 'plain');
  expect(watch.code, watch.stderr).toBe(5);
  const grant = `its owner can grant it: grant insert ("price") on "sales"."orders" to "${role}"`;
  expect(watch.stderr).toContain(`may not insert into price of sales.orders; ${grant}; then retry the job`);
  const shown = async () => JSON.parse((await csvjobs(api.url, 'show', id, '--json')).stdout) as Job;
  expect(await shown()).toMatchObject({
    status: 'failed',
    failure: { code: 'target_denied' },
    successCount: 0,
  });
  // An upload now is refused at once.
  const again = await csvjobs(api.url, 'upload', file, '--into', 'sales.orders');
  expect(again.code).toBe(2);
  const why = 'this database role may not insert into price of sales.orders';
  expect(again.stderr).toContain(`${why}; remove the field from the file, or ${grant}`);

  await place.database.plain(/grant insert \(.+ to "\w+"/.exec(again.stderr)![0]);
  const retry = await csvjobs(api.url, 'retry', id);
  expect(retry.code, retry.stderr).toBe(0);
  const ended = await csvjobs(api.url, 'watch', id, '--progress', 'plain');
  expect(ended.code, ended.stderr).toBe(0);
  expect(await shown()).toMatchObject({ status: 'completed', successCount: 2 });
});

test(
  'a right that a default or a check needs: check, map, describe and upload name it in the same words, with what grants it',
  LONG,
  async () => {
    const { url } = await place.start({ DB_USER: role, TARGET_TABLES: 'sales.*' });
    await place.database.plain(`create sequence sales.seq;
    create function sales.sound(n int) returns bool immutable language plpgsql as 'begin return n > 0; end';
    revoke execute on function sales.sound from public;
    create table sales.needs (id int primary key default nextval('sales.seq'), n int check (sales.sound(n)));
    grant insert on sales.needs to ${role}`);
    const [without, filled] = [join(place.folder, 'without.csv'), join(place.folder, 'filled.csv')];
    await writeFile(without, 'n\n5\n');
    await writeFile(filled, 'id,n\n7,5\n');
    const run = (command: string, file: string, ...more: string[]) =>
      csvjobs(url, command, file, '--into', 'sales.needs', ...more);
    const ways = [['check'], ['map', '--print'], ['preview'], ['upload', '--watch']] as const;
    const sequence = `grant usage on sequence sales.seq to "${role}"`;
    const execute = `grant execute on function sales.sound(n integer) to "${role}"`;
    const start = 'the database role lacks rights that rules of sales.needs need: ';
    const [seqNeed, execNeed] = [
      'USAGE on sequence sales.seq (needed by the default of id)',
      'EXECUTE on function sales.sound(n integer) (needed by the check needs_n_check)',
    ];
    const both = `${start}${seqNeed}; ${execNeed}. The owner can grant them: ${sequence}; ${execute}`;
    const one = `${start}${execNeed}. The owner can grant it: ${execute}`;
    const refused = async (says: string, file: string, command: string, ...more: string[]) => {
      const { code, stderr } = await run(command, file, ...more);
      expect(stderr, command).toContain(says);
      expect(code, command).toBe(2);
    };
    for (const [command, ...more] of ways) await refused(both, without, command, ...more);
    await refused(one, filled, 'check');
    const described = await csvjobs(url, 'describe', 'sales.needs');
    expect(described.stdout).toContain(
      `\nMissing rights\n  ${both}\n  a file that fills id needs no right for its default\n`,
    );

    await place.database.plain(execute);
    await refused(`${start}${seqNeed}. The owner can grant it: ${sequence}`, without, 'check');
    expect(await run('check', filled)).toMatchObject({ code: 0 });
    await place.database.plain(sequence);
    for (const [command, ...more] of ways)
      expect(await run(command, without, ...more), command).toMatchObject({ code: 0 });
    expect((await csvjobs(url, 'describe', 'sales.needs')).stdout).not.toContain('Missing rights');
  },
);
