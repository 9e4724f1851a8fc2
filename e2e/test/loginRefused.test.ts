/** PostgreSQL refuses the daemon's role while it runs: a login, as between two steps of changing its password, or a privilege. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { inShortIf, LONG } from '../../packages/daemon/test/support/form.js';
import { onPlain } from '../../packages/daemon/test/support/postgres.js';
import { csvjobs, csvjobsWith } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

const TOKEN = 'planted-token-of-the-operator';

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

test('requests get a 503 that leads to the reason, and pass once the role may log in', LONG, async () => {
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

for (const { revoked, settings, detail, grant } of [
  {
    revoked: 'select on jobs',
    settings: {},
    detail: 'permission denied for table jobs',
    grant: (name: string) => `grant SELECT on "public"."jobs" to ${name};`,
  },
  {
    revoked: 'usage on schema app',
    settings: { DB_SCHEMA: 'app' },
    detail: 'relation "jobs" does not exist',
    grant: (name: string) => `grant USAGE on schema app to ${name};`,
  },
])
  test(
    `without ${revoked}, requests get a 503 with what is missing; doctor has the statement that fixes it`,
    inShortIf(revoked.startsWith('usage')),
    async () => {
      await place.database.plain(`create schema app authorization ${role}`);
      const { url } = await place.start({
        DB_USER: role,
        TARGET_TABLES: 'public.*',
        API_TOKEN: TOKEN,
        ...settings,
      });
      const client = { CSVJOBS_URL: url, CSVJOBS_TOKEN: TOKEN };
      const headers = { Authorization: `Bearer ${TOKEN}` };
      await place.database.plain(`revoke ${revoked} from ${role}`);

      const refused = await fetch(`${url}/api/jobs`, { headers });
      expect(refused.status).toBe(503);
      expect(await refused.json()).toMatchObject({
        code: 'unavailable',
        detail: `PostgreSQL refuses the daemon: ${detail}; the operator finds the reason with csvjobs doctor; nothing was changed`,
      });
      const ready = await fetch(`${url}/readyz`, { headers });
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({
        checks: { postgresql: { ok: false, message: expect.stringContaining(grant(role)) } },
      });
      const doctor = await csvjobsWith(client, 'doctor');
      expect(doctor.code).toBe(6);
      expect(doctor.stdout).toMatch(/✗ postgresql .*\n +next: run the GRANT statements/);

      const [, statement = ''] = /✗ postgresql .*: (grant .*;)/.exec(doctor.stdout) ?? [];
      await place.database.plain(statement);
      const loaded = await csvjobsWith(client, 'upload', file, '--into', 'orders', '--watch');
      expect(loaded.code, loaded.stderr).toBe(0);
    },
  );

test('a job waits while the role lacks a privilege that only its load needs', LONG, async () => {
  const daemon = await place.start({ DB_USER: role, TARGET_TABLES: 'public.*' });
  await place.database.plain(`revoke insert on job_journal from ${role}`);
  const accepted = await upload(daemon.url);
  expect(accepted.code, accepted.stderr).toBe(0);
  await vi.waitFor(() =>
    expect(daemon.log.join('\n')).toContain('this host takes no jobs until it has PostgreSQL'),
  );
  await place.database.plain(`grant insert on job_journal to ${role}`);
  const ended = await csvjobs(daemon.url, 'watch', accepted.stdout.trim(), '--progress', 'plain');
  expect(ended.code, ended.stderr).toBe(0);
});

test(
  'where the role may load into no table, csvjobs tables leads to the statement that changes it',
  LONG,
  async () => {
    const { url } = await place.start({ DB_USER: role, TARGET_TABLES: 'public.orders' });
    await place.database.plain(`revoke insert on orders from ${role}`);
    const tables = await csvjobs(url, 'tables');
    expect(tables).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('csvjobs describe <table>'),
    });
    const described = await csvjobs(url, 'describe', 'orders');
    const [statement = ''] = /grant insert on .*/.exec(described.stderr) ?? [];
    await place.database.plain(statement);
    expect(await csvjobs(url, 'tables', '--quiet')).toMatchObject({ code: 0, stdout: 'public.orders\n' });
  },
);
