/**
 * Roles and databases whose settings contradict everything that csvjobs relies on: the main job and every endpoint still
 * work. And roles with few connections or few rights.
 */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Job, jobSchema, paths, type Rejection, uploadedSchema } from '@csvjobs/shared';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { inShortIf, LONG } from '../../packages/daemon/test/support/form.js';
import { onPlain } from '../../packages/daemon/test/support/postgres.js';
import { TESTED_VERSION } from '../../packages/daemon/test/support/versions.js';
import { csvjobs } from '../support/cli.js';
import { type MadeFile, makeCustomers } from '../support/customers.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

/** Each is a plausible value that would break csvjobs, or change its output. */
const HOSTILE: Record<string, string> = {
  datestyle: 'German, DMY',
  intervalstyle: 'sql_standard',
  timezone: 'Asia/Kathmandu',
  bytea_output: 'escape',
  extra_float_digits: '-15',
  standard_conforming_strings: 'off',
  client_encoding: 'LATIN1',
  search_path: 'nowhere',
  row_security: 'off',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
  default_transaction_deferrable: 'on',
  statement_timeout: '1s',
  lock_timeout: '1s',
  ...(TESTED_VERSION >= 17 && { transaction_timeout: '2s' }),
  idle_in_transaction_session_timeout: '1s',
  idle_session_timeout: '1s',
  synchronous_commit: 'off',
  transform_null_equals: 'on',
  array_nulls: 'off',
  quote_all_identifiers: 'on',
  xmloption: 'document',
  enable_indexscan: 'off',
  jit_above_cost: '0',
  plan_cache_mode: 'force_generic_plan',
  client_min_messages: 'debug1',
};

let place: Place;
let role: string;
let reset = '';

/** A place whose daemons log in as their own role, which owns the tables. */
async function begin(options = ''): Promise<void> {
  place = await openPlace();
  role = `role_${randomBytes(6).toString('hex')}`;
  await place.database.plain(`create role ${role} login ${options}`);
  place.environment.DB_USER = role;
}

async function own(): Promise<void> {
  await place.database.plain(`
    grant create on schema public to ${role};
    do $$ declare name text; begin
      for name in select tablename from pg_tables where schemaname = 'public' loop
        execute format('alter table %I owner to ${role}', name);
      end loop; end $$`);
}

afterEach(async () => {
  const { host, port } = place.database.connection;
  if (reset !== '') await place.database.plain(reset);
  reset = '';
  await place.close();
  await onPlain({ host, port, user: 'postgres', database: 'postgres' }, `drop role ${role}`);
});

async function write(made: MadeFile): Promise<string> {
  const file = join(place.folder, 'customers.csv');
  await writeFile(file, made.text);
  return file;
}

/** Uploads a file with the command line and waits for its end. */
async function load(daemon: RunningDaemon, made: MadeFile): Promise<Job> {
  const upload = await csvjobs(daemon.url, 'upload', await write(made), '--watch');
  expect(upload.code, upload.stderr).toBe(3);
  const job = jobSchema.parse(await (await fetch(daemon.url + paths.job(upload.stdout.trim()))).json());
  expect(job).toMatchObject({
    status: 'completed',
    attempt: 1,
    successCount: made.good.size,
    failedCount: made.bad.size,
  });
  return job;
}

it('DB_SCHEMA: a separate schema; tables of the same names elsewhere are not touched', LONG, async () => {
  await begin();
  await own();
  const { database } = place.database.connection;
  await place.database.plain(`grant create on database ${database} to ${role}`);
  const daemon = await place.start({ DB_SCHEMA: 'Csv Jobs' });
  const made = makeCustomers(1_000, 0.05);
  await load(daemon, made);
  const { rows } = await place.database.plain(
    `select (select count(*)::int from "Csv Jobs".customers) as ours, (select count(*)::int from public.customers) as theirs`,
  );
  expect(rows).toEqual([{ ours: made.good.size, theirs: 0 }]);
  expect((await csvjobs(daemon.url, 'doctor')).stdout).toMatch(/PostgreSQL \d+\.\d+, schema Csv Jobs\n/);
});

describe.each([
  ['role', {}],
  ['database', { tags: 'long' }],
] as const)('settings of the %s', (whose, form) => {
  it('change neither a job nor any answer', form, async () => {
    await begin();
    await own();
    const { database } = place.database.connection;
    const on = whose === 'role' ? `role ${role}` : `database ${database}`;
    const set = Object.entries(HOSTILE).map(([name, value]) => {
      return `alter ${on} set ${name} to ${name === 'search_path' ? value : `'${value}'`}`;
    });
    await place.database.plain(set.join(';'));
    // The checks of the tests themselves run without these settings.
    reset = `begin read write; alter ${on} reset all; commit`;
    const daemon = await place.start({
      WORKER_LANES: '2',
      BATCH_ROWS: '1000',
      TARGET_TABLES: 'public.customers,public.odd',
    });
    await loadOddTable(daemon);
    const made = makeCustomers(4_000, 0.05);
    const before = Date.now();
    const job = await load(daemon, made);
    expect(Date.parse(job.createdAt)).toBeGreaterThan(before - 60_000);
    expect(Date.parse(job.completedAt!)).toBeLessThan(Date.now() + 60_000);
    const report = (await (await fetch(daemon.url + paths.report(job.id, 'json'))).json()) as Rejection[];
    expect(report.map(({ rowNumber, line, message }) => [rowNumber, `line ${line}: ${message}`])).toEqual([
      ...made.bad,
    ]);
    await everyEndpoint(daemon, job.id);
    expect(daemon.log.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });

  it('do not abort a load that waits for a lock', LONG, async () => {
    await begin();
    await own();
    const on = whose === 'role' ? `role ${role}` : `database ${place.database.connection.database}`;
    for (const name of Object.keys(HOSTILE).filter((name) =>
      /^(statement|lock|transaction)_timeout$/.test(name),
    ))
      await place.database.plain(`alter ${on} set ${name} to '500ms'`);
    const daemon = await place.start({ WORKER_LANES: '2', BATCH_ROWS: '1000' });
    const made = makeCustomers(4_000, 0.05);
    // The pool's connections have our own settings, but the holder may be any application.
    const holder = await place.database.pool.connect();
    await holder.query('begin');
    await holder.query('lock table customers in share row exclusive mode');
    const loading = load(daemon, made);
    loading.catch(() => {});
    try {
      await vi.waitFor(async () => {
        const { rows } = await place.database.pool.query(
          `select from pg_stat_activity where application_name like 'csvjobs %/1' and datname = current_database()
               and wait_event_type = 'Lock' and clock_timestamp() - query_start > interval '2500 ms'`,
        );
        expect(rows).toHaveLength(1);
      });
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    await loading;
  });
});

/** Its types are those whose text depends on settings, and a policy filters its rows. */
const ODD_TABLE = `create table odd (
    id int primary key, day date, moment timestamptz, span interval, data bytea, real float8, note text, many text[], part xml);
  alter table odd enable row level security;
  alter table odd force row level security;
  create policy small on odd using (true) with check (id < 100)`;

const ODD_FILE = `id,day,moment,span,data,real,note,many,part
1,2024-03-04,2024-03-04 05:06:07+00,-1 day 02:03:04,\\xdeadbeef,0.1,C:\\new,"{NULL,x}",a<b/>
2,2024-13-04,2024-03-04 05:06:07+00,1 day,\\x00,1,bad day,{},
1,2024-03-05,2024-03-04 05:06:07+00,1 day,\\x00,1,again,{},
100,2024-03-05,2024-03-04 05:06:07+00,1 day,\\x00,1,against the policy,{},
`;

/** Loads its own table, in all three ways: the values are those of the file, the rejects those of the table's rules. */
async function loadOddTable(daemon: RunningDaemon): Promise<void> {
  await place.database.plain(`begin read write; set local search_path = public; ${ODD_TABLE};
    alter table odd owner to ${role}; commit`);
  const file = join(place.folder, 'odd.csv');
  await writeFile(file, ODD_FILE);
  const upload = await csvjobs(daemon.url, 'upload', file, '--into', 'public.odd', '--watch');
  expect(upload.code, upload.stderr).toBe(3);
  const report = await (await fetch(daemon.url + paths.report(upload.stdout.trim(), 'json'))).json();
  expect((report as Rejection[]).map(({ rowNumber, code }) => [rowNumber, code])).toEqual([
    [2, 'no_such_date'],
    [3, expect.stringMatching(/^duplicate_in_/)],
    [4, 'refused'],
  ]);
  const { rows } = await place.database.plain(
    `select id, to_char(day, 'YYYY-MM-DD') as day, extract(epoch from moment)::int as moment, extract(epoch from span)::int as span,
       encode(data, 'hex') as data, real = 0.1 as real, note, many[1] is null as null_in_array, part::text from public.odd`,
  );
  const moment = Date.UTC(2024, 2, 4, 5, 6, 7) / 1000;
  expect(rows).toEqual([
    {
      id: 1,
      day: '2024-03-04',
      moment,
      span: -79_016,
      data: 'deadbeef',
      real: true,
      note: 'C:\\new',
      null_in_array: true,
      part: 'a<b/>',
    },
  ]);
}

/** Calls each operation of the OpenAPI description on a finished job; none may fail with a 5xx. */
async function everyEndpoint({ url }: RunningDaemon, id: string): Promise<void> {
  const description = (await (await fetch(url + paths.description)).json()) as {
    paths: Record<string, object>;
  };
  const calls = Object.entries(description.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => ['get', 'post', 'delete'].includes(method))
      .map((method) => ({ path, method })),
  );
  expect(calls.length).toBeGreaterThan(12);
  const token = await made(`${url}${paths.tokens}`, { name: 'hostile', scope: 'admin' });
  const headers = { Authorization: `Bearer ${token.token}`, 'Content-Type': 'application/json' };
  const listed = await fetch(`${url}/api/jobs?status=completed&limit=1`, { headers });
  expect(await listed.json()).toMatchObject([{ id }]);
  // The job is deleted last, followed only by the token in use.
  const rank = ({ path, method }: { path: string; method: string }) =>
    method !== 'delete' ? 0 : path.includes('token') ? 2 : 1;
  for (const call of calls.sort((a, b) => rank(a) - rank(b))) {
    const target = call.path
      .replace(/\{(id|jobId)\}/g, call.path.includes('token') ? token.id : id)
      .replace(/\{[^}]+\}/g, 'csv');
    const ended = new AbortController();
    const answer = await fetch(url + target, {
      method: call.method.toUpperCase(),
      headers,
      signal: ended.signal,
      ...(call.method === 'post' && { body: '{}' }),
    });
    expect(answer.status, `${call.method} ${target}`).toBeLessThan(500);
    if (target === paths.allStreams) ended.abort();
    else await answer.text();
  }
}

async function made(url: string, body: object): Promise<{ id: string; token: string }> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as { id: string; token: string };
}

describe('few connections', () => {
  for (const limit of [4, 1])
    it(`a role limited to ${limit} loads with those it has`, LONG, async () => {
      await begin();
      await own();
      const daemon = await place.start({ WORKER_LANES: '4', BATCH_ROWS: '1000' });
      // From here on; open connections stay as long as they are used.
      await place.database.plain(`alter role ${role} connection limit ${limit}`);
      reset = `alter role ${role} connection limit -1`;
      // Requests wait for a free connection; none is refused.
      const answers = await Promise.all(Array.from({ length: 30 }, () => fetch(daemon.url + paths.jobs)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      await Promise.all(answers.map((answer) => answer.text()));
      const made = makeCustomers(4_000, 0.05);
      const body = new FormData();
      body.append('file', new Blob([made.text]), 'customers.csv');
      const { jobId } = uploadedSchema.parse(
        await (await fetch(daemon.url + paths.upload, { method: 'POST', body })).json(),
      );
      // Not through the daemon, which may have no free connection.
      await vi.waitFor(async () => {
        const { rows } = await place.database.plain(`select * from jobs where id = '${jobId}'`);
        expect(rows[0]).toMatchObject({
          status: 'completed',
          // Shown if this fails.
          failure_message: null,
          attempt: 1,
          success_count: String(made.good.size),
          failed_count: String(made.bad.size),
        });
      });
    });
});

describe('few rights', () => {
  it('a start lists the missing rights, and exactly these suffice for the main job', async () => {
    await begin();
    const refused = await place.start().then(
      () => '',
      (error: Error) => error.message,
    );
    expect(refused).toMatch(/^the daemon ended with 1:/);
    expect(refused).not.toMatch(/^ +at /m);
    await place.database.plain(`grant select on pgmigrations to ${role}`);
    const second = await place.start().then(
      () => '',
      (error: Error) => error.message,
    );
    await place.database.plain(/^ +grant [\s\S]*;$/m.exec(second)![0]);
    const daemon = await place.start({ WORKER_LANES: '2', BATCH_ROWS: '1000' });
    const job = await load(daemon, makeCustomers(4_000, 0.05));
    await everyEndpoint(daemon, job.id);
    expect(daemon.log.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });

  // DB_SCHEMA has a schema of its own in the short form.
  it('a role with its own schema', inShortIf(false), async () => {
    await begin();
    await place.database.plain('drop table job_errors, customers, api_tokens, jobs, pgmigrations cascade');
    await place.database.plain(
      `create schema ours authorization ${role}; alter role ${role} set search_path = ours`,
    );
    const daemon = await place.start({ WORKER_LANES: '2', BATCH_ROWS: '1000' });
    await load(daemon, makeCustomers(4_000, 0.05));
  });
});
