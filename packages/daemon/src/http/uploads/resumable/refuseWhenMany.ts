/**
 * The bound on uploads that have begun and are not complete. They take space until they expire, whether their
 * clients continue or not.
 */
import { countOpenUploads } from '../../../sql/resumable/uploads.js';
import type { AppDeps } from '../../deps.js';
import { refuseWithRetryAfter } from '../../problems.js';

/**
 * All callers together may have MAX_QUEUED incomplete uploads, and a caller may have as many as there are free
 * places. So one caller gets at most half of the places, the next one half of the rest, and there is always a
 * place for a caller who has none.
 * @param owner the caller's name
 * @throws {Failure} `too_many_uploads`
 */
export async function refuseWhenMany(
  { pool, options }: Pick<AppDeps, 'pool' | 'options'>,
  owner: string,
): Promise<void> {
  const { maxQueued } = options;
  if (maxQueued === undefined) return;
  const { all, own } = await countOpenUploads(pool, owner);
  if (own < maxQueued - all) return;
  const detail =
    own === 0
      ? `${all} uploads have begun and are not complete, as many as MAX_QUEUED allows; try again when some are complete or have expired (UPLOAD_EXPIRY)`
      : `${own} of your uploads have begun and are not complete, and MAX_QUEUED allows you no more; complete or delete some, or wait until they have expired (UPLOAD_EXPIRY)`;
  throw refuseWithRetryAfter('too_many_uploads', detail, 60);
}
