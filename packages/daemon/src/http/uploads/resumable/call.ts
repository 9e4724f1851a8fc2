/** One tus request to the daemon, as its parts pass it to each other. */
import type { Uploaded } from '@csvjobs/shared';
import type { Context } from 'koa';
import type { UploadRow } from '../../../sql/resumable/uploads.js';
import type { AppDeps } from '../../deps.js';
import type { Places } from '../../places.js';
import type { Lease } from './lease.js';

export interface TusCall {
  deps: AppDeps;
  ctx: Context;
  /** The memory for bodies with a checksum. */
  room: Places;
  /** Ends the body of the request; its reason is the answer. */
  stop: AbortController;
  /** The upload, once it is known. */
  row: UploadRow | undefined;
  lease: Lease | undefined;
  /** The job that it has become, in this request or before. */
  taken: Uploaded | undefined;
}
