/**
 * Uploads that arrive in pieces: an acknowledged offset is durable, and bytes that arrived before an
 * interruption are kept.
 */
import { Failure } from '../failure.js';
import type { Received } from './received.js';

export interface AppendOptions {
  /** Maximum size of the whole upload, all pieces together, in bytes. */
  maxBytes: number;
  signal?: AbortSignal;
}

/**
 * Each id may have one writer at a time: the caller excludes others. `parts` and `removePart` of the store
 * cover these uploads, with the time of the last piece.
 */
export interface Pieces {
  /** @throws EEXIST if the id has an upload already; {Failure} `unavailable`, `disk_full` */
  begin(id: string): Promise<void>;
  /** Number of durable bytes; undefined if there is no such upload. */
  length(id: string): Promise<number | undefined>;
  /**
   * Appends a stream, and resolves with the new length, all of it durable. If it throws, what arrived before
   * is kept and durable (`length` says how much); of a piece that is too large, the part that fits.
   * @param offset must equal the length
   * @throws {Failure} `offset_mismatch`, `pieces_missing`, `file_too_large`, `disk_full`, `unavailable`; the
   * stream's own errors; the signal's reason
   */
  append(
    id: string,
    offset: number,
    stream: AsyncIterable<Uint8Array>,
    options: AppendOptions,
  ): Promise<number>;
  /**
   * Describes a complete upload as `receive` does, from the stored bytes. `commit` moves it to its place,
   * `discard` removes it.
   * @throws {Failure} `pieces_missing`, `unavailable`
   */
  whole(id: string, options: { headBytes?: number; signal?: AbortSignal }): Promise<Received>;
  /** Removes what has arrived; does nothing if there is nothing. */
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
