/** One request of tus to the daemon, as its parts pass it on to each other. */
import type { Uploaded } from '@csvjobs/shared';
import type { Context } from 'koa';
import type { UploadRow } from '../../../sql/resumable/uploads.js';
import type { AppDeps } from '../../deps.js';
import type { Places } from '../../places.js';
import type { Lease } from './lease.js';

export interface TusCall {
  deps: AppDeps;
  ctx: Context;
  /** The room of bodies with a checksum. */
  room: Places;
  /** Ends the body of the request; its reason is the answer. */
  stop: AbortController;
  /** The upload, once it is known. */
  row: UploadRow | undefined;
  lease: Lease | undefined;
  /** What it has become, by this request or before. */
  taken: Uploaded | undefined;
}
