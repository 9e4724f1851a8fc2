/** Uploads that arrive in pieces: an offset that was acknowledged is durable, and what came before a break is kept. */
import { Failure } from '../failure.js';
import type { Received } from './received.js';

export interface AppendOptions {
  /** The whole upload may have this many bytes, all pieces together. */
  maxBytes: number;
  signal?: AbortSignal;
}

/**
 * One writer at a time for each id: who calls keeps others out. `parts` and `removePart` of the store see these uploads,
 * with the time of the last piece.
 */
export interface Pieces {
  /** @throws EEXIST where the id has an upload already; {Failure} `unavailable`, `disk_full` */
  begin(id: string): Promise<void>;
  /** How many bytes are durable; undefined where there is no such upload. */
  length(id: string): Promise<number | undefined>;
  /**
   * Appends a stream, and resolves with the new length, all of it durable. Where it throws, what arrived before is kept
   * and durable (`length` says how much); of a piece that is too large, what fits.
   * @param offset must be the length
   * @throws {Failure} `offset_mismatch`, `pieces_missing`, `file_too_large`, `disk_full`, `unavailable`; the stream's own
   *   errors; the signal's reason
   */
  append(
    id: string,
    offset: number,
    stream: AsyncIterable<Uint8Array>,
    options: AppendOptions,
  ): Promise<number>;
  /**
   * All has arrived: as `receive` returns it, from what is stored. `commit` gives it its place, `discard` removes it.
   * @throws {Failure} `pieces_missing`, `unavailable`
   */
  whole(id: string, options: { headBytes?: number; signal?: AbortSignal }): Promise<Received>;
  /** Removes what arrived; it is no error when there is none. */
  discard(id: string): Promise<void>;
}

export function offsetMismatch(id: string, offset: number, length: number): Failure {
  return new Failure(
    'offset_mismatch',
    `the upload ${id} has ${length} bytes, and a piece was sent for offset ${offset}; send it from byte ${length} on`,
  );
}

export function piecesMissing(id: string, cause?: unknown): Failure {
  return new Failure(
    'pieces_missing',
    `there is no unfinished upload ${id}: it was finished or removed; upload the file again`,
    { cause },
  );
}
