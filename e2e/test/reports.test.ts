/** Reports of the real daemon with the real command line: values as in the file, and safe for spreadsheets. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../packages/daemon/test/support/postgres.js';
import { type TestRedis, useRedis } from '../../packages/daemon/test/support/redis.js';
import { csvjobs } from '../support/cli.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';

let database: TestDatabase;
let redis: TestRedis;
let daemon: RunningDaemon;
let folder: string;
let id: string;

/** Rejected for their addresses; each name starts like a formula, according to OWASP ("CSV Injection"). */
const FORMULAS = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '=HYPERLINK("http://evil.example","click")'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-e2e-'));
  database = await createDatabase();
  redis = await useRedis();
  const { host, port, user, database: name } = database.connection;
  daemon = await startDaemon({
    DB_HOST: host,
    DB_PORT: String(port),
    DB_USER: user,
    DB_NAME: name,
    REDIS_URL: `unix://${redis.options.path}`,
    QUEUE_PREFIX: redis.prefix,
    DATA_DIR: folder,
  });
  const file = join(folder, 'formulas.csv');
  const rows = FORMULAS.map((name) => `"${name.replaceAll('"', '""')}",nobody,,ACME\n`);
  await writeFile(file, `name,email,phone,company\n${rows.join('')}Ada,ada@example.com,,ACME\n`);
  const { stdout, code } = await csvjobs(daemon.url, 'upload', file, '--watch');
  expect(code).toBe(3);
  id = stdout.trim();
});
afterAll(async () => {
  await daemon?.stop();
  await redis?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

/** The names in a report; none of them has a line end. */
const names = (report: string) =>
  report
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) =>
      (/^\d+,(?:"((?:[^"]|"")*)"|([^,]*)),/.exec(line) ?? []).slice(1).join('').replaceAll('""', '"'),
    );

it('keeps values unchanged, and with --excel has no formula cells', async () => {
  const plain = await csvjobs(daemon.url, 'errors', id);
  expect(names(plain.stdout)).toEqual(FORMULAS);
  const output = join(folder, 'excel.csv');
  const saved = await csvjobs(daemon.url, 'errors', id, '-o', output, '--excel');
  expect({ code: saved.code, stdout: saved.stdout }).toEqual({ code: 0, stdout: '' });
  const guarded = names(await readFile(output, 'utf8'));
  expect(guarded.length).toBe(FORMULAS.length);
  for (const name of guarded) expect(name).toMatch(/^'/);
  expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
});

it('counts by reason, over all rows', async () => {
  const { stdout } = await csvjobs(daemon.url, 'errors', id, '--summary', '--json');
  expect(JSON.parse(stdout)).toEqual({
    total: FORMULAS.length,
    reasons: [{ message: 'email is not a valid address', rows: FORMULAS.length }],
  });
});

it('show breaks down the time, as measured by the daemon', async () => {
  const { stdout } = await csvjobs(daemon.url, 'show', id);
  expect(stdout).toMatch(/Time +queued \d+\.\d s, reading \d+\.\d s, loading \d+\.\d s/);
});
