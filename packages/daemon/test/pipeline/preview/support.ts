/** Previews of files for a test's own tables. */
import { readdir } from 'node:fs/promises';
import type { Preview, SpecInput, TableName } from '@csvjobs/shared';
import { readSpec } from '@csvjobs/shared';
import { expect } from 'vitest';
import { modeFor } from '../../../src/intake/mode.js';
import { overridesFor } from '../../../src/intake/overrides.js';
import type { PreviewTask } from '../../../src/pipeline/preview/loadRecords.js';
import { previewFile } from '../../../src/pipeline/preview/previewFile.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { openFolderStore } from '../../../src/storage/folder/folderStore.js';
import type { TestDatabase } from '../../support/postgres.js';
import { LIMITS, type Loading } from '../support/loading.js';

/** Large enough for records that tests make long. */
const limits = { ...LIMITS, maxRecordBytes: 100_000 };

export async function previewOf(
  loading: Loading,
  db: TestDatabase,
  table: string | TableName,
  text: string | Uint8Array,
  { csvjobs, ...more }: Partial<PreviewTask> & { csvjobs?: SpecInput['csvjobs'] } = {},
): Promise<Preview> {
  const { pool, connection } = db;
  const name = typeof table === 'string' ? { schema: 'public', name: table } : table;
  const target = (await readTarget(pool, name))!;
  const spec = csvjobs && readSpec({ csvjobs });
  const { readers } = loading.dependencies(db, 1);
  const storage = await openFolderStore(loading.folder);
  const customers = name.name === 'customers' ? ({ customers: true } as const) : {};
  return previewFile(
    { pool, connection, storage, readers, limits },
    {
      ...{ filename: 'f.csv', bytes: Buffer.from(text), cut: false, rows: 20 },
      ...{
        overrides: overridesFor({}, spec),
        mode: modeFor(spec, target),
        into: { target, spec, ...customers },
      },
      signal: new AbortController().signal,
      ...more,
    },
  );
}

/** Asserts that nothing of a preview is left: no job, no report, no file. */
export async function expectNothingLeft(loading: Loading, { pool }: TestDatabase): Promise<void> {
  const { rows } = await pool.query(
    `select (select count(*) from jobs) as jobs, (select count(*) from job_errors) as errors,
       (select count(*) from job_transactions) as transactions, (select count(*) from job_journal) as journal`,
  );
  expect(rows[0]).toEqual({ jobs: 0, errors: 0, transactions: 0, journal: 0 });
  const files = (await readdir(loading.folder, { recursive: true })).filter((name) =>
    /[0-9a-f]{8}-/.test(name),
  );
  expect(files).toEqual([]);
}
