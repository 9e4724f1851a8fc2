/** Jobs with a file each, and what `run` needs to load them into their own database. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type RunDependencies, run } from '../../../src/pipeline/run.js';
import { claimJob } from '../../../src/sql/claimJob.js';
import { insertJob } from '../../../src/sql/jobs.js';
import type { Pool } from '../../../src/sql/pool.js';
import { openFolderStore } from '../../../src/storage/folder/folderStore.js';
import type { TestDatabase } from '../../support/postgres.js';
import { compiledReaders } from './readers.js';

/** Batches of 5, 10, 20, and then 40 records: reading starts with an eighth. */
export const LIMITS = { maxRecordBytes: 2_000, maxDecodedBytes: 1e9, batchRows: 40, batchBytes: 1e6 };

export const never: AbortSignal = new AbortController().signal;

/** For tests without held jobs. */
export const NOBODY: RunDependencies['keeper'] = {
  timeoutMs: 0,
  keep: () => {
    throw new Error('nobody keeps held jobs here');
  },
};

export interface Loading {
  /** The folder of the jobs' files. */
  folder: string;
  /** Creates a job whose file has this text. */
  makeJob(pool: Pool, text: Uint8Array): Promise<string>;
  dependencies(db: TestDatabase, lanes: number, more?: Partial<RunDependencies>): RunDependencies;
  /** Claims a job and runs it to its end, in one attempt. */
  load(db: TestDatabase, id: string, lanes: number, more?: Partial<RunDependencies>): Promise<void>;
  close(): Promise<void>;
}

export async function openLoading(): Promise<Loading> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-run-'));
  const storage = await openFolderStore(folder);
  const readers = compiledReaders();
  const dependencies: Loading['dependencies'] = ({ pool, connection }, lanes, more = {}) => ({
    ...{ pool, connection, storage, limits: LIMITS, readers, lanes, keeper: NOBODY, publish: () => {} },
    ...more,
  });
  return {
    folder,
    async makeJob(pool, text) {
      const id = randomUUID();
      await writeFile(join(folder, id), text);
      const file = { filename: 'f.csv', sizeBytes: text.length, sha256: '0'.repeat(64) };
      await insertJob(pool, { id, ...file, overrides: {}, idempotencyKey: null });
      return id;
    },
    dependencies,
    async load(db, id, lanes, more) {
      const claimed = await claimJob(db.pool, id);
      expect(await run(claimed!, dependencies(db, lanes, more), never)).toBe('completed');
    },
    async close() {
      await readers.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
