/** Jobs into a test's own tables, and an oracle that inserts their records one at a time. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress, Spec, TableName, TargetReason } from '@csvjobs/shared';
import { expect } from 'vitest';
import { armFailpoints } from '../../../src/failpoint.js';
import { modeFor } from '../../../src/intake/mode.js';
import { Fields } from '../../../src/pipeline/parse/fields.js';
import type { AnyBatch, BatchesRequest } from '../../../src/pipeline/reading.js';
import { run } from '../../../src/pipeline/run.js';
import { rowPlan } from '../../../src/rows/rowPlan.js';
import { createRowReader } from '../../../src/rows/rowReader.js';
import { claimJob } from '../../../src/sql/claimJob.js';
import { insertJob } from '../../../src/sql/jobs.js';
import { jobTarget } from '../../../src/sql/jobTarget.js';
import type { Pool } from '../../../src/sql/pool.js';
import { readTargetSoon } from '../../../src/sql/target/catalog.js';
import type { TestDatabase } from '../../support/postgres.js';
import { type Loading, never } from '../support/loading.js';

export interface TargetFile {
  table: TableName;
  header: readonly string[];
  /** Values; the names are in the header as CSV writes them. */
  records: readonly (readonly string[])[];
  spec?: Spec;
}

/** A job for a file; the table is read as its upload would read it. */
export async function makeTargetJob(loading: Loading, pool: Pool, file: TargetFile): Promise<string> {
  const id = randomUUID();
  const written = [file.header, ...file.records.map((cells) => cells.map(inCsv))];
  const text = written.map((cells) => `${cells.join(',')}\n`).join('');
  await writeFile(join(loading.folder, id), text);
  const target = (await readTargetSoon(pool, file.table))!;
  const about = { filename: 'f.csv', sizeBytes: text.length, sha256: '0'.repeat(64) };
  const into = jobTarget(target, file.spec);
  const mode = modeFor(file.spec, target);
  await insertJob(pool, { id, ...about, overrides: {}, idempotencyKey: null, into, mode });
  return id;
}

function inCsv(value: string): string {
  return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

export interface Interruptions {
  lanes: number;
  /** Ends the attempt after this many committed records, and starts another. */
  stopsAt?: readonly number[];
  /** Before that, an attempt whose batch of this number fails before its commit. */
  failsAt?: number;
  /** Called after each attempt that does not reach the end. */
  between?: () => Promise<unknown>;
}

/** Runs a job to its end, in as many attempts as needed. */
export async function runToEnd(
  loading: Loading,
  db: TestDatabase,
  id: string,
  { lanes, stopsAt = [], failsAt, between }: Interruptions,
): Promise<void> {
  if (failsAt !== undefined) {
    armFailpoints([{ name: 'before-commit', nth: failsAt, action: 'throw', ms: 0 }]);
    const failing = run((await claimJob(db.pool, id))!, loading.dependencies(db, lanes), never);
    await expect(failing).rejects.toMatchObject({ code: 'failpoint' });
  }
  for (const stop of [...stopsAt, Number.POSITIVE_INFINITY]) {
    const drain = new AbortController();
    const publish = ({ processedRows }: Progress) => {
      if (processedRows >= stop) drain.abort();
    };
    const claimed = await claimJob(db.pool, id);
    const end = await run(claimed!, loading.dependencies(db, lanes, { publish }), drain.signal);
    if (end === 'completed') return;
    await between?.();
  }
  throw new Error('the job has not ended');
}

/** Runs a job, and `between` after the commit of its first batch. Returns what ended it early. */
export async function runWithin(
  loading: Loading,
  db: TestDatabase,
  id: string,
  lanes: number,
  between: () => Promise<unknown>,
): Promise<unknown> {
  let committedFirst: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    committedFirst = resolve;
  });
  const publish = ({ processedRows }: Progress) => {
    if (processedRows > 0) committedFirst();
  };
  const deps = loading.dependencies(db, lanes, { publish });
  const open: typeof deps.readers.open = (task, warn) => {
    const reading = deps.readers.open(task, warn);
    return {
      ...reading,
      async *batches<Kind extends AnyBatch>(from: BatchesRequest) {
        let index = 0;
        for await (const batch of reading.batches<Kind>(from)) {
          if (index++ === 1) {
            await first;
            await between();
          }
          yield batch;
        }
      },
    };
  };
  const claimed = (await claimJob(db.pool, id))!;
  return run(claimed, { ...deps, readers: { open } }, never).then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

export interface Verdict {
  rowNumber: number;
  /**
   * The codes of the rules, or the SQLSTATE with which PostgreSQL refuses the row; `dropped` if a trigger
   * dropped it.
   */
  why: string;
}

const STATES: Record<string, string> = {
  check_failed: '23514',
  foreign_key_missing: '23503',
  duplicate_in_file: '23505',
  duplicate_in_table: '23505',
  partition_missing: '23514',
  dropped_by_trigger: 'dropped',
};

/**
 * The content of job_errors in the oracle's terms: PostgreSQL refuses a row for one reason, csvjobs for all.
 */
export async function rejected(pool: Pool, id: string): Promise<(Verdict & { row: unknown })[]> {
  const { rows } = await pool.query<{ row_number: number; row: unknown; reasons: TargetReason[] }>(
    'select row_number, row, reasons from job_errors where job_id = $1 order by row_number',
    [id],
  );
  return rows.map(({ row_number, row, reasons }) => {
    const { code, params } = reasons[0]!;
    const state = 'sqlstate' in params ? params.sqlstate : (STATES[code] ?? code);
    return { rowNumber: row_number, why: state, row };
  });
}

/**
 * Inserts the records of a file one after the other. Records rejected by the rules are not sent to
 * PostgreSQL.
 */
export async function insertEach(pool: Pool, file: TargetFile): Promise<(Verdict & { row: unknown })[]> {
  const target = (await readTargetSoon(pool, file.table))!;
  const plan = rowPlan(target, file.spec, file.header);
  const reader = createRowReader(plan);
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const list = plan.columns.map(({ column }) => quote(column)).join(', ');
  const places = plan.columns.map((_, at) => `$${at + 1}`).join(', ');
  const statement = `insert into ${quote(file.table.schema)}.${quote(file.table.name)} (${list}) values (${places})`;
  const refused: (Verdict & { row: unknown })[] = [];
  // A pool closes the connection of a statement that fails; a new one for each refused record took half the time of this test.
  const client = await pool.connect();
  for (const [index, record] of file.records.entries()) {
    const row: Record<string, string> = {};
    for (const { column, from } of plan.columns)
      if (from.kind === 'field') row[column] = record[from.position]!;
    const refuse = (why: string) => refused.push({ rowNumber: index + 1, why, row });
    const { faults, values } = reader.judge(fieldsOf(record));
    if (faults) {
      refuse(faults[0]!.code);
      continue;
    }
    try {
      const { rowCount } = await client.query(statement, values);
      if (rowCount === 0) refuse('dropped');
    } catch (error) {
      const { code } = error as { code: string };
      refuse(code === '23502' ? 'required' : code);
    }
  }
  client.release();
  return refused;
}

function fieldsOf(record: readonly string[]): Fields {
  const fields = new Fields();
  fields.bytes = Buffer.from(record.join(''));
  let at = 0;
  for (const cell of record) {
    const end = at + Buffer.byteLength(cell);
    fields.add(at, end);
    at = end;
  }
  return fields;
}

/** Asserts that a job's counters agree with its report. */
export async function expectCounters(pool: Pool, id: string, records: number, bad: number): Promise<void> {
  const { rows } = await pool.query(
    `select status, total_rows, success_count, failed_count, jsonb_array_length(errors) as shown,
       (select coalesce(sum(value::int), 0)::int from jsonb_each_text(reasons)) as counted from jobs where id = $1`,
    [id],
  );
  expect(rows[0]).toEqual({
    status: 'completed',
    total_rows: records,
    success_count: records - bad,
    failed_count: bad,
    shown: Math.min(100, bad),
    counted: bad,
  });
}

/** Numbers from 0 up to 1, the same for each seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
