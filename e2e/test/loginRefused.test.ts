/** PostgreSQL refuses the daemon's role while it runs, as between two steps of changing its password. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { onPlain } from '../../packages/daemon/test/support/postgres.js';
import { csvjobs } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let role: string;
let file: string;

beforeEach(async () => {
  place = await openPlace();
  role = `role_${randomBytes(6).toString('hex')}`;
  file = join(place.folder, 'orders.csv');
  await writeFile(file, 'id,price\n1,2.50\n2,3\n');
  await place.database.plain(`create role ${role} login; grant all on all tables in schema public to ${role};
    create table orders (id int primary key, price numeric); grant select, insert on orders to ${role}`);
});
afterEach(async () => {
  const { host, port } = place.database.connection;
  await place.close();
  await onPlain({ host, port, user: 'postgres', database: 'postgres' }, `drop role ${role}`);
});

const upload = (url: string) => csvjobs(url, 'upload', file, '--into', 'orders');

test('requests get a 503 that leads to the reason, and pass once the role may log in', async () => {
  const daemon = await place.start({ DB_USER: role, TARGET_TABLES: 'public.*' });
  const { url } = daemon;
  await place.database.plain(`alter role ${role} nologin;
    select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`);

  const refused = await fetch(`${url}/api/jobs`);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    code: 'unavailable',
    detail: expect.stringMatching(/^PostgreSQL refuses the daemon; .*csvjobs doctor/),
  });
  const doctor = await csvjobs(url, 'doctor');
  expect(doctor.stdout).toContain('✗ postgresql');
  expect(doctor.stdout).toMatch(/✗ workers .*\n +next: start PostgreSQL/);
  expect(daemon.log.join('\n')).toContain('is not permitted to log in');

  await place.database.plain(`alter role ${role} login`);
  const accepted = await upload(url);
  expect(accepted.code, accepted.stderr).toBe(0);
  const ended = await csvjobs(url, 'watch', accepted.stdout.trim(), '--progress', 'plain');
  expect(ended.code, ended.stderr).toBe(0);
});
