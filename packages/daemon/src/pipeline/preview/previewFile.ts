/**
 * The first records of a file as they would be stored: the load of them, one by one, in a transaction that is rolled back. Each is a
 * batch of its own, so that what the batch has counted, rejected and written is what became of the record.
 *
 * The rules are those of a load, because it is one: the same reading thread, plan and lane (loadTarget.ts). Nothing of it is seen by
 * others, be it the job; the file is on the disk for as long as it is read. What a sequence has given away is used up.
 */
import { randomUUID } from 'node:crypto';
import { type LoadMode, PREVIEW_BYTES, type Preview, type Progress } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { beginProcessing, claimJob, type JobTarget } from '../../sql/jobProgress.js';
import { insertJob, tableOf } from '../../sql/jobs.js';
import { borrowSession, type LoaderSession, openSession } from '../../sql/lanes.js';
import { type Connection, cut, type Pool, silenceOf } from '../../sql/pool.js';
import { InTheWay, previewLane, previewParts, whatIsInTheWay } from '../../sql/preview/previewLane.js';
import { isLocked } from '../../sql/target/catalog.js';
import type { FileSource } from '../../storage/source.js';
import type { WorkingFiles } from '../../storage/workingFiles.js';
import { START } from '../checkpoint.js';
import { unlessAborted } from '../hold.js';
import type { OpenLane } from '../loading.js';
import type { Readers } from '../readers.js';
import type { AnyBatch, BatchesRequest, Reading, ReadLimits, ReadOverrides } from '../reading.js';
import { prepareTarget } from '../target/loadTarget.js';
import type { TargetBatch } from '../target/targetBatch.js';
import { beginningOf } from './beginning.js';
import { createFates } from './fates.js';
import { recordIn } from './readRecord.js';
import { type RemovalWatch, unknownOfBeginning, withRemoval } from './removal.js';

export interface PreviewTask {
  filename: string;
  /** The file, or where it is `cut` its first bytes. */
  bytes: Uint8Array;
  cut: boolean;
  overrides: ReadOverrides;
  into: JobTarget;
  mode: LoadMode;
  /** How many records are wanted. */
  rows: number;
  /** Aborted when nobody waits for it any more. */
  signal: AbortSignal;
}

export interface PreviewDependencies {
  pool: Pool;
  connection: Connection;
  storage: WorkingFiles;
  limits: ReadLimits;
  readers: Pick<Readers, 'open'>;
}

/** A preview holds the keys of its records, which others may wait for: no longer than this. */
const LONGEST_MS = 30_000;

/**
 * @throws {Failure} for what is wrong with the file as a whole, as its job would fail; `unavailable` where another transaction is in
 *   the way, or it takes too long; errors of PostgreSQL
 */
export async function previewFile(deps: PreviewDependencies, task: PreviewTask): Promise<Preview> {
  const { storage } = deps;
  const id = randomUUID();
  const signal = AbortSignal.any([task.signal, AbortSignal.timeout(LONGEST_MS)]);
  const { text, compression, cut: beginning } = await beginningOf(task.bytes, task.cut, PREVIEW_BYTES);
  let work: Promise<Preview> | undefined;
  try {
    const input = await storage.writeScratch(id, text);
    const file = { ...task, id, input, beginning, compression, signal };
    work = task.mode.replace
      ? withRemoval(signal, (until, watch) => previewStored(deps, { ...file, signal: until, watch }))
      : previewStored(deps, file);
    return await unlessAborted(signal, work, tooLong);
  } catch (error) {
    if (error instanceof InTheWay || isLocked(error) || isDeadlock(error))
      throw await whatIsInTheWay(deps.pool, tableOf(task.into));
    throw error;
  } finally {
    // It may still write beside the file.
    await work?.catch(() => {});
    await storage.removeScratch(id);
  }
}

function isDeadlock(error: unknown): boolean {
  return (error as { code?: string }).code === '40P01';
}

interface StoredFile extends PreviewTask {
  id: string;
  input: FileSource;
  beginning: boolean;
  compression: string;
  /** Of a replacement: which rows of the table go is looked for too. */
  watch?: RemovalWatch | undefined;
}

async function previewStored(deps: PreviewDependencies, file: StoredFile): Promise<Preview> {
  const { id, signal } = file;
  const { storage, readers, limits } = deps;
  const reading = readers.open({
    ...{ input: file.input, emailsPath: storage.emailsPath(id), jobId: id },
    ...{ overrides: file.overrides, into: file.into, cut: file.beginning },
    limits,
  });
  let session: LoaderSession | undefined;
  const stop = () => {
    void reading.close().catch(() => {});
    if (session) cut(session.client);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    session = await openLoader(deps, id);
    signal.throwIfAborted();
    return await loadRecords(deps, file, reading, session);
  } finally {
    signal.removeEventListener('abort', stop);
    await Promise.all([reading.close(), session?.close()]);
    await storage.forgetEmails(id);
  }
}

async function openLoader({ pool, connection }: PreviewDependencies, id: string): Promise<LoaderSession> {
  const settings = { job: id, attempt: ATTEMPT, skipForeignKey: false, whole: false };
  const all = { ...settings, silenceMs: silenceOf(connection) };
  return await openSession(connection, all).catch((error) => {
    // Too many connections (PostgreSQL, appendix A).
    if ((error as { code?: string }).code !== '53300') throw error;
    return borrowSession(pool, all);
  });
}

const ATTEMPT = 1;

/** The session's transaction ends with its connection: nothing of it is committed. */
async function loadRecords(
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
  // Where the file has no key of the table all rows go, whatever its other records are.
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
  // Then a replacement does not end as with the whole file.
  const beginningOnly = new AbortController();
  if (!wholeFile && wanted === 0) beginningOnly.abort();
  let batch: TargetBatch | undefined;
  const batches = async function* (from: BatchesRequest): AsyncGenerator<TargetBatch> {
    for await (batch of reading.batches<TargetBatch>({ ...from, singles: shown })) {
      yield batch;
      if (wholeFile || batch.checkpoint.rowNumber < wanted) continue;
      beginningOnly.abort();
      return;
    }
  };
  const look = async () => {
    if (batch!.checkpoint.rowNumber <= shown) await fates.add(batch!);
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
    // Behind all records it is of no concern for what is shown of them.
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
    notices: [...notices, ...(watch?.notices ?? [])],
  };
}

async function* noBatches<Kind extends AnyBatch>(): AsyncGenerator<Kind> {}

/** What becomes of known keys; how many rows may be wrong, and when the others are seen, is no question of a few records. */
function modeOf({ onConflict, key, updateOnly, maxRemoved }: LoadMode, replaces: boolean): LoadMode {
  return {
    ...(onConflict && { onConflict }),
    ...(key && { key }),
    ...(updateOnly && { updateOnly }),
    ...(replaces && { replace: true, ...(maxRemoved !== undefined && { maxRemoved }) }),
    dryRun: true,
  };
}

function tooLong(): Failure {
  return new Failure(
    'unavailable',
    `the preview took longer than ${LONGEST_MS / 1_000} s and was rolled back; ask for fewer records (--rows), or let a dry run take its time: csvjobs upload <file> --dry-run`,
  );
}
