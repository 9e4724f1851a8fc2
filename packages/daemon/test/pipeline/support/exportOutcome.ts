/** The result of an export uploaded without options: rows in PostgreSQL, or the options that load it. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { asFailure } from '../../../src/failure.js';
import { run } from '../../../src/pipeline/run.js';
import { surveyFile } from '../../../src/pipeline/surveyFile.js';
import { claimJob } from '../../../src/sql/claimJob.js';
import { findJob, insertJob } from '../../../src/sql/jobs.js';
import { openFolderStore } from '../../../src/storage/folder/folderStore.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { NOBODY } from './loading.js';
import { compiledReaders } from './readers.js';

const LIMITS = { maxRecordBytes: 4_000, maxDecodedBytes: 1e9, batchRows: 1_000, batchBytes: 1e6 };

export interface Outcome {
  /** `name · email · phone · company`. */
  rows?: string[];
  rejected?: unknown[];
  notices?: unknown[];
  /** The options that load a refused file, and the reason for the refusal. */
  options?: string[];
  why?: unknown;
}

/** A database and a folder for a test file; returns a function that loads a file there. */
export function exportLoader(): (bytes: Uint8Array) => Promise<Outcome> {
  let folder: string;
  let database: TestDatabase;
  const readers = compiledReaders();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'csvjobs-exports-'));
    database = await createDatabase();
  });
  afterAll(async () => {
    await readers.close();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => database.pool.query('truncate customers, job_errors, jobs cascade'));

  return async function outcomeOf(bytes) {
    const { pool, connection } = database;
    const id = randomUUID();
    const path = join(folder, id);
    await writeFile(path, bytes);
    try {
      await surveyFile({ input: { kind: 'file', path }, limits: LIMITS, overrides: {}, into: undefined });
    } catch (error) {
      const { options = [], message } = asFailure(error);
      return { options: [...options], why: message };
    }
    const file = { filename: 'f.csv', sizeBytes: bytes.length, sha256: '0'.repeat(64) };
    await insertJob(pool, { id, ...file, overrides: {}, idempotencyKey: null });
    const storage = await openFolderStore(folder);
    const deps = {
      pool,
      connection,
      storage,
      limits: LIMITS,
      readers,
      lanes: 1,
      keeper: NOBODY,
      publish: () => {},
    };
    await run((await claimJob(pool, id))!, deps, new AbortController().signal);
    const { rows } = await pool.query<{ row: string }>(
      `select concat_ws(' · ', name, email, coalesce(phone, '–'), company) as row from customers order by row_number`,
    );
    const { errors, notices = [] } = (await findJob(pool, id))!;
    return { rows: rows.map(({ row }) => row), rejected: errors.map(({ message }) => message), notices };
  };
}
