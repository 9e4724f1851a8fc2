/** The load of a preview: the first records one by one, and for a replacement the rest of the file too. */
import { assumedNotices, type LoadMode, type Preview, type Progress } from '@csvjobs/shared';
import { claimJob } from '../../sql/claimJob.js';
import { beginProcessing } from '../../sql/jobProgress.js';
import { insertJob, tableOf } from '../../sql/jobs.js';
import type { JobTarget } from '../../sql/jobTarget.js';
import type { LoaderSession } from '../../sql/lanes.js';
import type { Connection, Pool } from '../../sql/pool.js';
import { previewLane, previewParts } from '../../sql/preview/previewLane.js';
import type { FileSource } from '../../storage/source.js';
import type { WorkingFiles } from '../../storage/workingFiles.js';
import { START } from '../checkpoint.js';
import type { OpenLane } from '../loading.js';
import type { Readers } from '../readers.js';
import type { AnyBatch, BatchesRequest, Reading, ReadLimits, ReadOverrides } from '../reading.js';
import { prepareTarget } from '../target/loadTarget.js';
import type { TargetBatch } from '../target/targetBatch.js';
import { createFates } from './fates.js';
import { recordIn } from './readRecord.js';
import { type RemovalWatch, unknownOfBeginning } from './removal.js';

export interface PreviewTask {
  filename: string;
  /** The file, or, if it is `cut`, its first bytes. */
  bytes: Uint8Array;
  cut: boolean;
  overrides: ReadOverrides;
  into: JobTarget;
  mode: LoadMode;
  /** Number of records to show. */
  rows: number;
  /** Aborted when the caller no longer waits. */
  signal: AbortSignal;
}

export interface PreviewDependencies {
  pool: Pool;
  connection: Connection;
  storage: WorkingFiles;
  limits: ReadLimits;
  readers: Pick<Readers, 'open'>;
}

/** The text that a preview reads, on the disk. */
export interface StoredFile extends PreviewTask {
  id: string;
  input: FileSource;
  beginning: boolean;
  compression: string;
  /** For a replacement: watches which rows of the table would go. */
  watch?: RemovalWatch | undefined;
}

/** The number of the attempt at the job that a preview makes and rolls back. */
export const ATTEMPT = 1;

/**
 * Loads the records of a preview in the session's transaction, which ends with its connection: nothing is committed.
 * @throws the failures of a load
 */
export async function loadRecords(
  deps: PreviewDependencies,
  file: StoredFile,
  reading: Reading,
  session: LoaderSession,
): Promise<Preview> {
  const { id, into, rows, signal, watch } = file;
  const { client } = session;
  const { totalRows, source, notices, headerText } = await reading.survey();
  const plan = await reading.plan(source);
  const shown = Math.min(rows, totalRows);
  // If the file has no key of the table, all rows go, whatever the file's other records are.
  const replaces = watch !== undefined && (!file.beginning || plan.conflict === undefined);
  const wholeFile = replaces && !file.beginning;
  const wanted = wholeFile ? totalRows : shown;
  await session.begin(false);
  const about = { id, filename: file.filename, sizeBytes: file.bytes.length, sha256: '' };
  const mode = modeOf(file.mode, replaces);
  await insertJob(client, { ...about, overrides: {}, idempotencyKey: null, into, mode });
  await claimJob(client, id);
  const surveyed = { totalRows: wanted, headerText, source, notices };
  const job = (await beginProcessing(client, id, ATTEMPT, surveyed))!;

  const fates = createFates(client, { jobId: id, into, plan, readRecord: recordIn(plan, source) });
  // Aborted at the end of the shown records: a replacement must then not end as with the whole file.
  const beginningOnly = new AbortController();
  if (!wholeFile && wanted === 0) beginningOnly.abort();
  let batch: TargetBatch | undefined;
  /** What was assumed about values of the shown records, and in how many rows. */
  const assumed: Record<string, number> = {};
  const batches = async function* (from: BatchesRequest): AsyncGenerator<TargetBatch> {
    for await (batch of reading.batches<TargetBatch>({ ...from, singles: shown })) {
      yield batch;
      if (wholeFile || batch.checkpoint.rowNumber < wanted) continue;
      beginningOnly.abort();
      return;
    }
  };
  const look = async () => {
    if (batch!.checkpoint.rowNumber > shown) return;
    for (const [sentence, rows] of Object.entries(batch!.assumed))
      assumed[sentence] = (assumed[sentence] ?? 0) + rows;
    await fates.add(batch!);
  };
  const settings = { job: id, attempt: ATTEMPT };
  const preview = {
    lane: previewLane(session, settings, look),
    parts: previewParts(session, settings),
    removal: watch,
  };
  const lanes: OpenLane[] = [];
  const start = await prepareTarget({ ...deps, lanes: 1, preview }, into, {
    ...{ job, source, checkpoint: START, totalRows: wanted, lanes, stopped: signal },
    reading: { ...reading, batches: wanted === 0 ? noBatches : (batches as Reading['batches']) },
    ...{ logPath: deps.storage.emailsPath(id), warn: () => {} },
  });
  let rejected = 0;
  const committed = ({ failedCount }: Progress) => {
    rejected = failedCount;
  };
  if (wholeFile) watch?.readsAll();
  await start({ committed, drain: beginningOnly.signal }).catch((error) => {
    // After all records, a failure does not change what is shown of them.
    if (fates.count < shown || !watch?.noteEnd(error)) throw error;
  });
  if (wholeFile) watch?.noteRejected(rejected, totalRows, file.mode);
  else if (watch) watch.notices.push(unknownOfBeginning(plan.conflict !== undefined));
  const removed = watch?.removed;
  const { columns } = into.target;
  return {
    table: tableOf(into),
    columns: columns.map(({ name, type }) => ({ name, type: type.sql })),
    ...(await fates.end()),
    ...(removed && { removed }),
    more: file.beginning || totalRows > shown,
    beginning: file.beginning,
    source: { encoding: source.encoding, delimiter: source.delimiter, compression: file.compression },
    notices: [...notices, ...assumedNotices(assumed), ...(watch?.notices ?? [])],
  };
}

async function* noBatches<Kind extends AnyBatch>(): AsyncGenerator<Kind> {}

/** The part of a mode that decides about single records: not how many may be rejected, or when others see the rows. */
function modeOf({ onConflict, key, updateOnly, maxRemoved }: LoadMode, replaces: boolean): LoadMode {
  return {
    ...(onConflict && { onConflict }),
    ...(key && { key }),
    ...(updateOnly && { updateOnly }),
    ...(replaces && { replace: true, ...(maxRemoved !== undefined && { maxRemoved }) }),
    dryRun: true,
  };
}
