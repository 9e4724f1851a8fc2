/** `csvjobs check` and a real upload of the same file say the same, reject by reject, and end with the same code. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dirtyFile } from '../../packages/daemon/test/pipeline/support/dirtyFile.js';
import { createDatabase, type TestDatabase } from '../../packages/daemon/test/support/postgres.js';
import { type TestRedis, useRedis } from '../../packages/daemon/test/support/redis.js';
import { csvjobs } from '../support/cli.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';

let database: TestDatabase;
let redis: TestRedis;
let daemon: RunningDaemon;
let folder: string;

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
});
afterAll(async () => {
  await daemon?.stop();
  await redis?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

const utf16 = (text: Buffer) => Buffer.from(`\ufeff${text}`, 'utf16le');

it.each([
  ['dirty', dirtyFile(11, 30_000), []],
  ['dirty in UTF-16', utf16(dirtyFile(12, 3_000)), []],
  ['within the limit', dirtyFile(13, 100), ['--max-errors', '100%']],
  ['above the limit', dirtyFile(14, 100), ['--max-errors', '1']],
  ['good', Buffer.from('name,email,company\nAnn,ann@good.co,Acme\n'), []],
  ['no columns', Buffer.from('a,b\n1,2\n'), []],
  ['binary', Buffer.from('PK\x03\x04 and more'), []],
])('%s', async (_name, bytes, limit) => {
  await database.pool.query('truncate customers, job_errors, jobs cascade');
  const file = join(folder, 'in.csv');
  await writeFile(file, bytes);
  const check = await csvjobs('http://127.0.0.1:9', 'check', file, '--json', ...limit);
  const upload = await csvjobs(daemon.url, 'upload', file, '--watch', '--quiet', ...limit);
  expect(check.code).toBe(upload.code);

  const told = check.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const last = told.pop();
  if (upload.code === 2) {
    expect(upload.stderr).toContain(last.error.message);
    expect(upload.stderr).toContain(last.error.why);
    return;
  }
  const id = upload.stdout.trim();
  const job = JSON.parse((await csvjobs(daemon.url, 'show', id, '--json')).stdout);
  const { totalRows, successCount, failedCount, source, notices } = job;
  expect(last).toMatchObject({ totalRows, successCount, failedCount, source, notices });
  const report = JSON.parse((await csvjobs(daemon.url, 'errors', id, '--json')).stdout);
  expect(told.map(({ type, file: _file, ...rejection }) => rejection)).toEqual(report);
});
