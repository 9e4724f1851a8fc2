/**
 * The first records of a file as they would be stored: the load of them, one by one, in a transaction that is rolled back. Each is a
 * batch of its own, so that what the batch has counted, rejected and written is what became of the record.
 *
 * The rules are those of a load, because it is one: the same reading thread, plan and lane (loadTarget.ts). Nothing of it is seen by
 * others, be it the job; the file is on the disk for as long as it is read. What a sequence has given away is used up.
 */
import { randomUUID } from 'node:crypto';
import { type LoadMode, PREVIEW_BYTES, type Preview } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { beginProcessing, claimJob, type JobTarget } from '../../sql/jobProgress.js';
import { insertJob, tableOf } from '../../sql/jobs.js';
import { borrowSession, type LoaderSession, openSession } from '../../sql/lanes.js';
import { type Connection, cut, type Pool, silenceOf } from '../../sql/pool.js';
import { inTheWay, previewLane } from '../../sql/preview/previewLane.js';
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
    work = previewStored(deps, file);
    return await unlessAborted(signal, work, tooLong);
  } catch (error) {
    throw isLocked(error) || isDeadlock(error) ? inTheWay() : error;
  } finally {
    // It may still write beside the file.
    await work?.catch(() => {});
    await Promise.all([storage.removeScratch(id), storage.forgetEmails(id)]);
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
}

async function previewStored(deps: PreviewDependencies, file: StoredFile): Promise<Preview> {
  const { id, signal } = file;
  const { storage, readers, limits } = deps;
  const reading = readers.open({
    ...{ input: file.input, emailsPath: storage.emailsPath(id), jobId: id },
    ...{ overrides: file.overrides, into: file.into, cut: file.beginning },
    limits: { ...limits, batchRows: 1 },
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
  const { id, into, rows, signal } = file;
  const { client } = session;
  const { totalRows, source, notices, headerText } = await reading.survey();
  const wanted = Math.min(rows, totalRows);
  await session.begin(false);
  const about = { id, filename: file.filename, sizeBytes: file.bytes.length, sha256: '' };
  await insertJob(client, { ...about, overrides: {}, idempotencyKey: null, into, mode: modeOf(file.mode) });
  await claimJob(client, id);
  const surveyed = { totalRows: wanted, headerText, source, notices };
  const job = (await beginProcessing(client, id, ATTEMPT, surveyed))!;

  const plan = await reading.plan(source);
  const fates = createFates(client, { jobId: id, into, plan, readRecord: recordIn(plan, source) });
  let batch: TargetBatch | undefined;
  const batches = async function* (from: BatchesRequest): AsyncGenerator<TargetBatch> {
    for await (batch of reading.batches<TargetBatch>(from)) {
      yield batch;
      if (batch.checkpoint.rowNumber >= wanted) return;
    }
  };
  const lane = previewLane(session, { job: id, attempt: ATTEMPT }, () => fates.add(batch!));
  const lanes: OpenLane[] = [];
  const start = await prepareTarget({ ...deps, lanes: 1, lane }, into, {
    ...{ job, source, checkpoint: START, totalRows: wanted, lanes, stopped: signal },
    reading: { ...reading, batches: wanted === 0 ? noBatches : (batches as Reading['batches']) },
    ...{ logPath: deps.storage.emailsPath(id), warn: () => {} },
  });
  await start({ committed: () => {}, drain: NEVER });
  const { columns } = into.target;
  return {
    table: tableOf(into),
    columns: columns.map(({ name, type }) => ({ name, type: type.sql })),
    ...(await fates.end()),
    more: file.beginning || totalRows > wanted,
    beginning: file.beginning,
    source: { encoding: source.encoding, delimiter: source.delimiter, compression: file.compression },
    notices,
  };
}

const NEVER = new AbortController().signal;

async function* noBatches<Kind extends AnyBatch>(): AsyncGenerator<Kind> {}

/** What becomes of known keys; how many rows may be wrong, and when the others are seen, is no question of a few records. */
function modeOf({ onConflict, key, updateOnly }: LoadMode): LoadMode {
  return {
    ...(onConflict && { onConflict }),
    ...(key && { key }),
    ...(updateOnly && { updateOnly }),
    dryRun: true,
  };
}

function tooLong(): Failure {
  return new Failure(
    'unavailable',
    `the preview took longer than ${LONGEST_MS / 1_000} s and was rolled back; ask for fewer records (--rows), or let a dry run take its time: csvjobs upload <file> --dry-run`,
  );
}
