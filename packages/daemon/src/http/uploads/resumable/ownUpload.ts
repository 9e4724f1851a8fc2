import { isUuid } from '@csvjobs/shared';
import type { Context } from 'koa';
import { Failure } from '../../../failure.js';
import type { Db } from '../../../sql/pool.js';
import { findUpload, type UploadRow } from '../../../sql/resumable/uploads.js';
import { noSuchUpload } from './arrived.js';

/**
 * Returns the caller's own upload with this id; the caller cannot see another token's upload.
 * @param refusedToo also returns a refused upload, of which only the refusal is left
 * @throws {Failure} `upload_not_found`; the reason of the refusal
 */
export async function ownUpload(ctx: Context, db: Db, id: string, refusedToo = false): Promise<UploadRow> {
  const row = isUuid(id) ? await findUpload(db, id.toLowerCase(), ctx.state.caller.name) : null;
  if (!row) throw noSuchUpload(id);
  if (row.refused && !refusedToo)
    throw new Failure(row.refused.code, row.refused.detail, { options: row.refused.options });
  return row;
}
