/**
 * The complete main job: a generated file through the real command line, daemon, queue and database. The counts, the
 * table and the report agree with the generator's own result for every record.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sized } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { makeCustomers } from '../support/customers.js';
import type { RunningDaemon } from '../support/daemon.js';
import { openPlace, type Place } from '../support/place.js';

const RECORDS = sized(30_000, 100_000);

describe(`a file of ${RECORDS} customers, 5 % of them bad, with quoted commas, quotes and line ends`, {
  tags: ['sized'],
}, () => {
  let place: Place;
  let daemon: RunningDaemon;

  beforeAll(async () => {
    place = await openPlace();
    daemon = await place.start();
  });
  afterAll(() => place?.close());

  it('every record ends in exactly one place', async () => {
    const made = makeCustomers(RECORDS, 0.05);
    expect(made.good.size + made.bad.size).toBe(RECORDS);
    expect(made.bad.size).toBeGreaterThan(RECORDS * 0.04);
    const file = join(place.folder, 'many customers.csv');
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

    const customers = await place.database.pool.query<{
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

    const report = join(place.folder, 'errors.csv');
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
  });
});
