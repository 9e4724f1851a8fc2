/**
 * The main job, whole: a generated file through the real command line, daemon, queue and database. The counts, the
 * table and the report agree with what the generator knows of every single record.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../packages/daemon/test/support/postgres.js';
import { type TestRedis, useRedis } from '../../packages/daemon/test/support/redis.js';
import { csvjobs } from '../support/cli.js';
import { makeCustomers } from '../support/customers.js';
import { type RunningDaemon, startDaemon } from '../support/daemon.js';

const RECORDS = 100_000;

describe('a file of 100,000 customers, 5 % of them bad, with quoted commas, quotes and line ends', () => {
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

  it('every record ends in exactly one place', async () => {
    const made = makeCustomers(RECORDS, 0.05);
    expect(made.good.size + made.bad.size).toBe(RECORDS);
    expect(made.bad.size).toBeGreaterThan(RECORDS * 0.04);
    const file = join(folder, 'many customers.csv');
    await writeFile(file, made.text);

    const upload = await csvjobs(daemon.url, 'upload', file, '--watch');
    expect(upload.code, upload.stderr).toBe(3);
    const id = upload.stdout.trim();
    expect(upload.stderr).toContain(`csvjobs errors ${id}`);

    const shown = await csvjobs(daemon.url, 'show', id, '--json');
    const job = JSON.parse(shown.stdout) as Job;
    expect(job).toMatchObject({
      filename: 'many customers.csv',
      status: 'completed',
      totalRows: RECORDS,
      processedRows: RECORDS,
      successCount: made.good.size,
      failedCount: made.bad.size,
      notices: ['ignored columns: notes'],
      source: { encoding: 'utf-8', delimiter: ',', compression: 'none' },
    });

    const customers = await database.pool.query<{
      row_number: number;
      name: string;
      email: string;
      phone: string;
      company: string;
    }>('select row_number, name, email, phone, company from customers where job_id = $1', [id]);
    const loaded = new Map(
      customers.rows.map((row) => [row.row_number, [row.name, row.email, row.phone, row.company]]),
    );
    expect(loaded.size).toBe(customers.rows.length);
    expect(loaded).toEqual(made.good);

    const report = join(folder, 'errors.csv');
    const errors = await csvjobs(daemon.url, 'errors', id.slice(0, 8), '-o', report);
    expect(errors.code, errors.stderr).toBe(0);
    const lines = (await readFile(report, 'utf8')).split(/\r?\n(?=\d+,|$)/);
    expect(lines[0]).toBe('rowNumber,name,email,phone,company,error');
    const told = new Map(
      lines
        .slice(1)
        .filter(Boolean)
        .map((line) => [Number(line.split(',')[0]), line]),
    );
    expect([...told.keys()].sort((a, b) => a - b)).toEqual([...made.bad.keys()]);
    for (const [row, message] of made.bad) expect(told.get(row)).toContain(message);
  }, 120_000);
});
