/**
 * Turns an upload whose bytes have all arrived into a job, exactly once, whoever asks for it and however
 * often.
 */
import { PROBLEMS, type Uploaded } from '@csvjobs/shared';
import type { Context } from 'koa';
import { failpoint } from '../../../failpoint.js';
import { asFailure } from '../../../failure.js';
import { HEAD_BYTES } from '../../../intake/offeredFile.js';
import { knownJobs } from '../../../sql/jobs.js';
import { noteRefused, noteTaken, type UploadRow } from '../../../sql/resumable/uploads.js';
import type { AppDeps } from '../../deps.js';
import { answerTo } from '../../problems.js';
import { admitPlanned } from '../admitPlanned.js';
import { fixesOf } from '../fixesOf.js';
import { makeJob } from '../makeJob.js';
import { planUpload, type Wanted } from '../planned.js';
import { refuseHold } from '../refuseWhenFull.js';
import { arrived } from './arrived.js';
import { readMetadata } from './metadata.js';

/**
 * Creates the job. The upload and its job have the same id, so the row shows whether an interrupted try had
 * already inserted it. A temporary failure leaves all bytes in place, for another try; a refusal of the file
 * is recorded.
 * @throws {Failure} the refusals of a plain upload; `upload_not_found` if its bytes are gone
 */
export async function finish(deps: AppDeps, ctx: Context, row: UploadRow): Promise<Uploaded> {
  const { pool, storage } = deps;
  const { id } = row;
  if ((await knownJobs(pool, [id])).length > 0) return note(deps, row, { jobId: id, earlier: null });
  try {
    return await becomeJob(deps, ctx, row);
  } catch (error) {
    const { code, detail, options } = answerTo(error);
    if (isForGood(code)) {
      await noteRefused(pool, id, { code, detail, ...(options && { options }) });
      await storage.pieces.discard(id);
      await storage.remove(id);
    }
    throw error;
  }
}

async function becomeJob(deps: AppDeps, ctx: Context, row: UploadRow): Promise<Uploaded> {
  const { storage } = deps;
  const { id, idempotencyKey } = row;
  const { once, filename, ...said } = readMetadata(row.metadata);
  const received = await arrived(storage, id, HEAD_BYTES);
  const wanted = await wantedOf(deps, ctx, said);
  const planned = await planUpload(deps, ctx.state.caller, wanted);
  const { target, overrides, mode } = planned;
  await refuseHold(deps, mode);
  await admitPlanned(deps, ctx.state.caller, received, planned);
  await received.commit().catch((error: unknown) => {
    // Of the upload's own id: a daemon was killed between placing the file and the end of the commit.
    if (asFailure(error).code !== 'file_exists') throw error;
  });
  await failpoint('after-rename');
  const { sizeBytes, sha256 } = received;
  const job = { id, filename, sizeBytes, sha256, overrides, idempotencyKey, mode, into: target };
  const tookMs = () => Date.now() - row.createdAt.getTime();
  const taken = await makeJob(
    // The file stays until its fate is known.
    { ...deps, storage: { remove: async () => {} } },
    ctx,
    { ...job, parent: wanted.parent?.parent },
    { once, tookMs },
  );
  return note(deps, row, taken);
}

async function note({ pool, storage }: AppDeps, { id }: UploadRow, taken: Uploaded): Promise<Uploaded> {
  await noteTaken(pool, id, taken);
  if (taken.jobId !== id) await storage.remove(id);
  return taken;
}

/** What is said about a file, combined with its parent's job. */
export async function wantedOf(
  { pool }: Pick<AppDeps, 'pool'>,
  ctx: Context,
  { fixes, ...said }: Omit<Wanted, 'parent'> & { fixes: string | undefined },
): Promise<Wanted> {
  return { ...said, parent: fixes === undefined ? undefined : await fixesOf(ctx, pool, fixes) };
}

/** Refusals with another status that pass: another request writes, or a held job waits for an answer. */
const PASSING = new Set<string>(['upload_locked', 'too_many_held']);

/**
 * Whether the same file would be refused again: a temporary shortage in the daemon is 429, or 500 and above.
 */
export function isForGood(code: keyof typeof PROBLEMS): boolean {
  const { status } = PROBLEMS[code];
  return status < 500 && status !== 429 && !PASSING.has(code);
}
