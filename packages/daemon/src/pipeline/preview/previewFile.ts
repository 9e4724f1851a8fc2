/**
 * The first records of a file as they would be stored. A preview loads them one by one, in a transaction that it rolls back. Each is
 * a batch of its own, so the batch's counts, rejects and written rows are those of the record.
 *
 * The rules are those of a load, because it is one: the same reading thread, plan and lane (loadTarget.ts). Nobody else sees any of
 * it, not even the job. The file stays on the disk while it is read. Numbers that a sequence has given stay used.
 */
import { randomUUID } from 'node:crypto';
import { PREVIEW_BYTES, type Preview } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { tableOf } from '../../sql/jobs.js';
import { borrowSession, type LoaderSession, openSession } from '../../sql/lanes.js';
import { isLocked } from '../../sql/patience.js';
import { cut, silenceOf } from '../../sql/pool.js';
import { InTheWay, whatIsInTheWay } from '../../sql/preview/previewLane.js';
import { unlessAborted } from '../hold.js';
import { beginningOf } from './beginning.js';
import {
  ATTEMPT,
  loadRecords,
  type PreviewDependencies,
  type PreviewTask,
  type StoredFile,
} from './loadRecords.js';
import { withRemoval } from './removal.js';

/** Longest time of a preview, in ms: it locks the keys of its records, and others may wait for them. */
const LONGEST_MS = 30_000;

/**
 * @throws {Failure} the failure that the file's job would have; `rows_locked` if another transaction is in the way, `unavailable`
 *   if the preview takes too long; errors of PostgreSQL
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
    // The work may still write beside the file.
    await work?.catch(() => {});
    await storage.removeScratch(id);
  }
}

function isDeadlock(error: unknown): boolean {
  return (error as { code?: string }).code === '40P01';
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

function tooLong(): Failure {
  return new Failure(
    'unavailable',
    `the preview took longer than ${LONGEST_MS / 1_000} s and was rolled back; preview fewer records (--rows), or use a dry run, which has no time limit: csvjobs upload <file> --dry-run`,
  );
}
