/**
 * The store of one request for @tus/server: the upload's row in PostgreSQL, its bytes in the Store's pieces.
 */
import { DataStore, Upload } from '@tus/server';
import { knownJobs } from '../../../sql/jobs.js';
import { deleteUpload, insertUpload } from '../../../sql/resumable/uploads.js';
import { refuse } from '../../problems.js';
import { noSuchUpload, offsetOf } from './arrived.js';
import type { TusCall } from './call.js';
import { finish } from './finish.js';
import { expiryOf, holdLease } from './lease.js';
import { writeBody } from './write.js';

export const EXTENSIONS = ['creation', 'creation-with-upload', 'termination', 'expiration', 'checksum'];

export class TusStore extends DataStore {
  override extensions = EXTENSIONS;
  readonly #call: TusCall;
  readonly #idempotencyKey: string | null;

  constructor(call: TusCall, idempotencyKey: string | null) {
    super();
    this.#call = call;
    this.#idempotencyKey = idempotencyKey;
  }

  override async create(upload: Upload): Promise<Upload> {
    const { deps, ctx, stop } = this.#call;
    const { id, size = 0, metadata = {} } = upload;
    await deps.storage.pieces.begin(id);
    const row = { id, owner: ctx.state.caller.name, length: size, metadata };
    const expiryMs = expiryOf(deps.options);
    this.#call.row = await insertUpload(
      deps.pool,
      { ...row, idempotencyKey: this.#idempotencyKey },
      expiryMs,
    );
    // No other request knows of it yet; but the first bytes may come with it.
    this.#call.lease = await holdLease(deps, id, stop);
    return upload;
  }

  override async getUpload(id: string): Promise<Upload> {
    const { row } = this.#call;
    if (row?.id !== id) throw noSuchUpload(id);
    return new Upload({
      id,
      size: row.length,
      offset: row.taken ? row.length : await offsetOf(this.#call.deps.storage, id),
      metadata: row.metadata,
      // @tus/server adds the expiration to it.
      creation_date: new Date(row.expiresAt.getTime() - this.getExpiration()).toISOString(),
    });
  }

  /**
   * The body is not in `_stream`: it is read from the request, which still needs an answer when the body
   * breaks.
   */
  override async write(_stream: unknown, id: string, offset: number): Promise<number> {
    const { deps, ctx, row, lease } = this.#call;
    if (row?.taken) return row.length;
    if (row?.id !== id || !lease) throw noSuchUpload(id);
    const length = offset < row.length ? await writeBody({ ...this.#call, row, lease }, offset) : offset;
    if (length === row.length) this.#call.taken = await finish(deps, ctx, row);
    return length;
  }

  override async remove(id: string): Promise<void> {
    const { deps, row } = this.#call;
    if (row?.taken)
      throw refuse('job_state_conflict', `the upload is job ${row.taken.jobId}; cancel that, or delete it`);
    // A complete file has its job's id: if a daemon turned it into a job before it was killed, its bytes must
    // stay.
    const isJob = (await knownJobs(deps.pool, [id])).length > 0;
    await deleteUpload(deps.pool, id);
    if (isJob) return;
    await deps.storage.pieces.discard(id);
    await deps.storage.remove(id);
  }

  override getExpiration(): number {
    return expiryOf(this.#call.deps.options);
  }
}
