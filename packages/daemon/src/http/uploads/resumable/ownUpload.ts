import { isUuid } from '@csvjobs/shared';
import type { Context } from 'koa';
import { Failure } from '../../../failure.js';
import type { Db } from '../../../sql/pool.js';
import { findUpload, type UploadRow } from '../../../sql/resumable/uploads.js';
import { noSuchUpload } from './arrived.js';

/**
 * The caller's own upload of an id; of another token's there is nothing to be seen.
 * @param refusedToo also one that was refused, of which nothing but the refusal is left
 * @throws {Failure} `upload_not_found`; what it was refused for
 */
export async function ownUpload(ctx: Context, db: Db, id: string, refusedToo = false): Promise<UploadRow> {
  const row = isUuid(id) ? await findUpload(db, id.toLowerCase(), ctx.state.caller.name) : null;
  if (!row) throw noSuchUpload(id);
  if (row.refused && !refusedToo)
    throw new Failure(row.refused.code, row.refused.detail, { options: row.refused.options });
  return row;
}
