/**
 * The fast path against the obvious one: the same file loaded by `run` in several lanes, and record by record
 * with one insert each. Both leave the same tables, counters and report.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Progress, reasonIn } from '@csvjobs/shared';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/pipeline/run.js';
import { claimJob } from '../../src/sql/claimJob.js';
import { cancelJob, findJob } from '../../src/sql/jobs.js';
import { createPool, type Pool } from '../../src/sql/pool.js';
import { inShortIf, sized } from '../support/form.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { countedReaders } from './support/countedReaders.js';
import { dirtyFile } from './support/dirtyFile.js';
import { LIMITS, type Loading, never, openLoading } from './support/loading.js';
import { oracleRows } from './support/oracle.js';

let loading: Loading;
let database: TestDatabase;

beforeAll(async () => {
  loading = await openLoading();
});
afterAll(() => loading.close());
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

/** One record after the other, as done by hand. */
async function loadObviously(pool: Pool, id: string, text: Uint8Array): Promise<void> {
  const reject = (row: number, line: number, column: string | null, code: string, message: string) =>
    pool.query(`insert into job_errors values ($1, $2, $3, $4, $5, $6, '{}')`, [
      id,
      row,
      line,
      column,
      code,
      message,
    ]);
  for (const record of oracleRows(text, { delimiter: ',', maxRecordBytes: LIMITS.maxRecordBytes })!) {
    const { rowNumber, line } = record;
    if (!('values' in record)) {
      await reject(rowNumber, line, null, record.code, record.faults?.join('; ') ?? '');
      continue;
    }
    const [name, email, phone, company] = record.values;
    const found = await pool.query<{ job_id: string; row_number: number }>(
      'select job_id, row_number from customers where csvjobs_email_key(email) = csvjobs_email_key($1)',
      [email],
    );
    const winner = found.rows[0];
    if (!winner)
      await pool.query(
        'insert into customers (job_id, row_number, name, email, phone, company) values ($1, $2, $3, $4, $5, $6)',
        [id, rowNumber, name, email, phone, company],
      );
    else if (winner.job_id === id)
      await reject(rowNumber, line, 'email', 'duplicate_in_file', `duplicate of row ${winner.row_number}`);
    else await reject(rowNumber, line, 'email', 'already_in_customers', 'already in customers');
  }
}

/** Everything that a load leaves, except IDs and times; jobs by their number. */
async function tables(pool: Pool, ids: string[]) {
  const number = (id: string) => ids.indexOf(id);
  const customers = await pool.query('select job_id, row_number, name, email, phone, company from customers');
  const errors = await pool.query<{ job_id: string; code: string; message: string }>(
    'select job_id, row_number, line, code, message from job_errors',
  );
  const sorted = (rows: { job_id: string; row_number: number }[]) =>
    rows
      .map((row) => ({ ...row, job_id: number(row.job_id) }))
      .sort((a, b) => a.job_id - b.job_id || a.row_number - b.row_number);
  return { customers: sorted(customers.rows), errors: sorted(errors.rows as never) };
}

/**
 * Structural faults have their own messages, which records.test.ts compares with the oracle by their codes.
 */
function comparable({ customers, errors }: Awaited<ReturnType<typeof tables>>) {
  const told = ['required', 'email_invalid', 'duplicate_in_file', 'already_in_customers'];
  return {
    customers,
    errors: errors.map((error) => {
      const { code, message, ...place } = error as typeof error & { code: string; message: string };
      return { ...place, code, message: told.includes(code) ? message : '' };
    }),
  };
}

/** Asserts that a job's reject counts match its report at this moment. */
async function expectReasonsOfReport(pool: Pool, id: string): Promise<void> {
  const { rows } = await pool.query<{ message: string }>('select message from job_errors where job_id = $1', [
    id,
  ]);
  const counts = new Map<string, number>();
  for (const { message } of rows) counts.set(reasonIn(message), (counts.get(reasonIn(message)) ?? 0) + 1);
  const { reasons } = (await findJob(pool, id))!;
  expect(new Map(reasons?.map(({ message, rows }) => [message, rows]))).toEqual(counts);
}

describe('a job that another attempt continues', () => {
  /** Every second record has one empty field too many; a foreign line end cuts one. */
  const lines = Array.from({ length: 400 }, (_, row) => `N,n${row}@x.io,1,C${row % 2 === 0 ? ',' : ''}`);
  lines[333] = 'N,n333@x.io,1,C\nC';
  const text = Buffer.from(['name,email,phone,company', ...lines, ''].join('\r\n'));

  for (const [what, statement] of [
    ['uses the result of the survey', 'select'],
    [
      'surveys the file again if an older daemon has not stored the result',
      "update jobs set source = source - 'fields' - 'lineEnd' where id =",
    ],
  ] as const)
    it(`${what}`, inShortIf(statement !== 'select'), async () => {
      const { pool } = database;
      const id = await loading.makeJob(pool, text);
      const drain = new AbortController();
      const publish = ({ processedRows }: Progress) => {
        if (processedRows >= 80) drain.abort();
      };
      const first = (await claimJob(pool, id))!;
      expect(await run(first, loading.dependencies(database, 1, { publish }), drain.signal)).toBe('drained');
      if (statement !== 'select') await pool.query(`${statement} $1`, [id]);
      await loading.load(database, id, 2);

      const expected = oracleRows(text, { delimiter: ',', maxRecordBytes: LIMITS.maxRecordBytes })!;
      const { rows } = await pool.query<{ row_number: number; code: string }>(
        'select row_number, code from job_errors where job_id = $1 order by row_number',
        [id],
      );
      expect(rows).toEqual(
        expected.flatMap((record) =>
          'code' in record ? [{ row_number: record.rowNumber, code: record.code }] : [],
        ),
      );
      expect(rows).toHaveLength(202);
      expect(await findJob(pool, id)).toMatchObject({
        status: 'completed',
        attempt: 2,
        source: { fields: 4, lineEnd: 'crlf' },
      });
    });
});

describe('compared with loading one record at a time', () => {
  // The second and third file meet the e-mails of earlier ones; the last is the first one again.
  const FILES = [dirtyFile(1, 900), dirtyFile(2, 700), dirtyFile(3, 30), dirtyFile(1, 900)];
  let right: ReturnType<typeof comparable>;

  beforeAll(async () => {
    const obvious = await createDatabase();
    try {
      const ids: string[] = [];
      for (const file of FILES) {
        const id = await loading.makeJob(obvious.pool, file);
        await loadObviously(obvious.pool, id, file);
        ids.push(id);
      }
      right = comparable(await tables(obvious.pool, ids));
    } finally {
      await obvious.drop();
    }
    expect(right.customers.length).toBeGreaterThan(500);
    expect(new Set(right.errors.map(({ code }) => code)).size).toBe(7);
  });

  it.each(sized([4], [1, 2, 4]))(
    '%i lanes leave the same tables, file after file',
    { tags: ['sized'] },
    async (lanes) => {
      const ids: string[] = [];
      for (const file of FILES) {
        const id = await loading.makeJob(database.pool, file);
        await loading.load(database, id, lanes);
        ids.push(id);
      }
      expect(comparable(await tables(database.pool, ids))).toEqual(right);
      for (const [index, id] of ids.entries()) {
        const job = (await findJob(database.pool, id))!;
        const good = right.customers.filter((row) => row.job_id === index).length;
        const bad = right.errors.filter((row) => row.job_id === index).length;
        expect(job).toMatchObject({
          status: 'completed',
          successCount: good,
          failedCount: bad,
          totalRows: good + bad,
        });
        expect(job.errors.map(({ rowNumber }) => rowNumber)).toEqual(
          right.errors
            .filter((row) => row.job_id === index)
            .slice(0, 100)
            .map((row) => row.row_number),
        );
        await expectReasonsOfReport(database.pool, id);
      }
    },
  );

  it('is the same if a user’s trigger rules out skipping the foreign key', async () => {
    await database.pool.query(`
      create table seen (row_number bigint);
      create function seen() returns trigger language plpgsql as $$ begin
        insert into seen values (new.row_number); return new; end $$;
      create trigger seen before insert on customers for each row execute function seen()`);
    const file = dirtyFile(5, 300);
    const id = await loading.makeJob(database.pool, file);
    await loading.load(database, id, 3);
    const obvious = await createDatabase();
    try {
      const slow = await loading.makeJob(obvious.pool, file);
      await loadObviously(obvious.pool, slow, file);
      const left = comparable(await tables(database.pool, [id]));
      expect(left).toEqual(comparable(await tables(obvious.pool, [slow])));
      const { rows } = await database.pool.query('select distinct row_number from seen order by row_number');
      expect(rows).toEqual(expect.arrayContaining(left.customers.map(({ row_number }) => ({ row_number }))));
    } finally {
      await obvious.drop();
    }
  });
});

describe('a drained run', () => {
  it('ends after whole batches, and the next attempt resumes there with the same result', {
    tags: ['sized'],
  }, async () => {
    const file = dirtyFile(7, sized(600, 1_500));
    const id = await loading.makeJob(database.pool, file);
    const drain = new AbortController();
    const seen: Progress[] = [];
    const publish = (progress: Progress) => {
      seen.push(progress);
      if (progress.processedRows > 0) drain.abort();
    };
    const first = await run(
      (await claimJob(database.pool, id))!,
      loading.dependencies(database, 3, { publish }),
      drain.signal,
    );
    expect(first).toBe('drained');
    const between = (await findJob(database.pool, id))!;
    expect(between.processedRows).toBeGreaterThan(0);
    expect(between.processedRows).toBeLessThan(between.totalRows);
    const rows = await database.pool.query<{ count: number }>(
      'select (select count(*) from customers) + (select count(*) from job_errors) as count',
    );
    expect(rows.rows[0]!.count).toBe(between.processedRows);
    await expectReasonsOfReport(database.pool, id);

    expect(await readdir(loading.folder)).toContain(`${id}.emails`);
    await loading.load(database, id, 2);
    expect(await readdir(loading.folder)).not.toContain(`${id}.emails`);
    await expectReasonsOfReport(database.pool, id);
    const obvious = await createDatabase();
    try {
      const slow = await loading.makeJob(obvious.pool, file);
      await loadObviously(obvious.pool, slow, file);
      expect(comparable(await tables(database.pool, [id]))).toEqual(
        comparable(await tables(obvious.pool, [slow])),
      );
    } finally {
      await obvious.drop();
    }
    // Progress starts with the known total and never goes back.
    expect(seen[0]).toMatchObject({ status: 'processing', processedRows: 0, totalRows: between.totalRows });
    const told = seen.map(({ processedRows }) => processedRows);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });
});

describe('an attempt that was taken over', () => {
  it('writes nothing more', async () => {
    const id = await loading.makeJob(database.pool, dirtyFile(9, 800));
    const claimed = (await claimJob(database.pool, id))!;
    let taken: Promise<unknown> | undefined;
    const publish = (progress: Progress) => {
      if (progress.processedRows > 0) taken ??= claimJob(database.pool, id);
    };
    await expect(run(claimed, loading.dependencies(database, 3, { publish }), never)).rejects.toMatchObject({
      code: 'superseded',
    });
    await taken;
    const job = (await findJob(database.pool, id))!;
    expect(job).toMatchObject({ status: 'processing', attempt: 2 });
    const { rows } = await database.pool.query<{ count: number }>(
      'select (select count(*) from customers) + (select count(*) from job_errors) as count',
    );
    expect(rows[0]!.count).toBe(job.processedRows);
    await expectReasonsOfReport(database.pool, id);
  });
});

describe('a failure that does not affect the load is logged, and the job is completed', () => {
  const told: [object, string][] = [];
  const log = { warn: (fields: object, message: string) => void told.push([fields, message]) };
  beforeEach(() => {
    told.length = 0;
  });

  for (const isLogged of [true, false])
    it(
      `its e-mail log cannot be removed; that ${isLogged ? 'is logged' : 'needs no log'}`,
      inShortIf(isLogged),
      async () => {
        const id = await loading.makeJob(database.pool, dirtyFile(3, 30));
        const publish = ({ status, processedRows, totalRows }: Progress) => {
          if (status === 'completed' || processedRows < totalRows) return;
          rmSync(join(loading.folder, `${id}.emails`), { force: true });
          mkdirSync(join(loading.folder, `${id}.emails`), { recursive: true });
        };
        await loading.load(database, id, 1, { ...(isLogged && { log }), publish });
        const warning = [
          { jobId: id, attempt: 1, err: expect.objectContaining({ code: 'ERR_FS_EISDIR' }) },
          expect.stringContaining('cannot remove the e-mail log'),
        ];
        expect(told).toEqual(isLogged ? [warning] : []);
      },
    );

  it('its rejects cannot be counted by code: the metrics count it as ended anyway', async () => {
    await database.pool.query(`
      create function take_the_report() returns trigger language plpgsql as $$ begin
        alter table job_errors rename to elsewhere; return new; end $$;
      create trigger take_the_report after update on jobs for each row when (new.status = 'completed')
        execute function take_the_report()`);
    const id = await loading.makeJob(database.pool, dirtyFile(3, 30));
    const ended = new Promise<unknown[]>((resolve) => {
      const observer = { loaded: () => {}, ended: (...all: unknown[]) => resolve(all) };
      void loading.load(database, id, 1, { log, observer });
    });
    expect(await ended).toMatchObject([{ id, status: 'completed' }, {}]);
    expect(told).toEqual([
      [
        { jobId: id, attempt: 1, err: expect.objectContaining({ code: '42P01' }) },
        expect.stringContaining('cannot count the rejected rows'),
      ],
    ]);
  });
});

it('a job cancelled after its last batch stays cancelled, and the run reports that it lost the job', async () => {
  const id = await loading.makeJob(database.pool, dirtyFile(3, 30));
  const { storage } = loading.dependencies(database, 1);
  const forgetEmails = async () => void (await cancelJob(database.pool, id));
  const load = loading.load(database, id, 1, { storage: { ...storage, forgetEmails } });
  await expect(load).rejects.toMatchObject({ code: 'superseded' });
  expect(await findJob(database.pool, id)).toMatchObject({ status: 'cancelled', failure: null });
});

describe('resources of a run', () => {
  const GOOD = Buffer.from('name,email,company\nAnn,ann@b.co,Acme\n');

  /** Those of a run in a batch have the name of its job, and the one of all runs between batches. */
  const connections = (id: string) =>
    database.pool.query(
      `select from pg_stat_activity where datname = current_database()
         and (application_name like $1 or application_name = 'csvjobs job loader')`,
      [`csvjobs ${id}/%`],
    );

  it('are closed at its end, and on failure', async () => {
    for (const file of [GOOD, Buffer.from('name,company\nAnn,Acme\n')]) {
      const id = await loading.makeJob(database.pool, file);
      const { counts, readers } = countedReaders(loading.dependencies(database, 1).readers);
      const load = loading.load(database, id, 2, { readers });
      if (file === GOOD) await load;
      else await expect(load).rejects.toMatchObject({ code: 'header_invalid' });
      expect(counts).toEqual({ opened: 1, closed: 1 });
      await vi.waitFor(async () => expect((await connections(id)).rows).toEqual([]));
    }
  });

  it('are closed if another attempt takes the job, which is noticed before a batch waits for anything', async () => {
    const id = await loading.makeJob(database.pool, GOOD);
    const earlier = await loading.makeJob(database.pool, GOOD);
    const { counts, readers } = countedReaders(loading.dependencies(database, 1).readers);
    // Another transaction holds a lock on the row that the batch would insert.
    const other = await database.pool.connect();
    await other.query('begin');
    await other.query(
      `insert into customers (job_id, name, email, company) values ($1, 'n', 'ann@b.co', 'c')`,
      [earlier],
    );
    const open: typeof readers.open = (task, warn) => {
      const reading = readers.open(task, warn);
      return {
        ...reading,
        async *batches(from) {
          await claimJob(database.pool, id);
          yield* reading.batches(from);
        },
      };
    };
    const load = loading.load(database, id, 1, { readers: { open } });
    await expect(load).rejects.toMatchObject({ code: 'superseded' });
    await other.query('rollback');
    other.release();
    expect(counts).toEqual({ opened: 1, closed: 1 });
    await vi.waitFor(async () => expect((await connections(id)).rows).toEqual([]));
  });

  it('need one connection, if the server gives no more: the lane gives it back before the job is completed', async () => {
    const id = await loading.makeJob(database.pool, GOOD);
    const claimed = (await claimJob(database.pool, id))!;
    const pool = createPool({ ...database.connection, max: 1 }, () => {});
    const connection = { ...database.connection, database: 'nowhere' };
    const deps = loading.dependencies({ ...database, pool, connection }, 2);
    expect(await run(claimed, deps, never)).toBe('completed');
    await pool.end();
  });

  it('a file is surveyed once, however many attempts its job takes', async () => {
    const id = await loading.makeJob(database.pool, dirtyFile(3, 100));
    const { readers } = loading.dependencies(database, 1);
    let surveys = 0;
    const open: typeof readers.open = (task, warn) => {
      const reading = readers.open(task, warn);
      const survey = () => {
        surveys++;
        return reading.survey();
      };
      return { ...reading, survey };
    };
    const drain = new AbortController();
    const publish = ({ processedRows }: Progress) => {
      if (processedRows > 0) drain.abort();
    };
    const first = loading.dependencies(database, 1, { readers: { open }, publish });
    expect(await run((await claimJob(database.pool, id))!, first, drain.signal)).toBe('drained');
    await loading.load(database, id, 1, { readers: { open } });
    expect(surveys).toBe(1);
  });

  it('the e-mail log is removed before the job is completed: a crash in between would leave it', async () => {
    const id = await loading.makeJob(database.pool, GOOD);
    const { storage } = loading.dependencies(database, 1);
    const seen: unknown[] = [];
    const forgetEmails = async () => {
      for (let look = 0; look < 50; look++) seen.push((await findJob(database.pool, id))?.status);
      await storage.forgetEmails(id);
    };
    await loading.load(database, id, 1, { storage: { ...storage, forgetEmails } });
    expect(new Set(seen)).toEqual(new Set(['processing']));
  });
});
