/**
 * Where uploaded files are kept, one per job, named by the job's id: a client's file name is never used as a
 * name here. A file is either there, complete and durable, or not there. Only the store knows paths or keys,
 * except for working files, which are always local.
 */
import type { Readable } from 'node:stream';
import type { Failure } from '../failure.js';
import type { Pieces } from './pieces.js';
import type { Receive, Received } from './received.js';
import type { ByteSource } from './source.js';
import type { WorkingFiles } from './workingFiles.js';

/** A stored file: the id of its job and when it was written, in milliseconds since 1970. */
export interface StoredFile {
  id: string;
  mtimeMs: number;
}

export interface Store extends WorkingFiles {
  /** The name of the store in logs and failures: the path of a folder, say. */
  readonly name: string;
  /**
   * The database that owns this store (docs/decisions/0014-whose-folder.md); undefined if none has claimed
   * it.
   */
  owner(): Promise<string | undefined>;
  /** Claims the store for a database unless it is taken; returns the current owner. */
  claim(database: string): Promise<string>;
  /**
   * Returns the store's own id, and creates it if needed: hosts with different ids do not share a store.
   * @throws errors of the file system; {Failure} `unavailable`
   */
  identity(): Promise<string>;
  /** Gives the store to this database, whoever owned it before. */
  give(database: string): Promise<void>;
  /**
   * Checks that the store is there, and still the one that was claimed: an unmounted disk leaves an empty
   * folder.
   * @throws {Failure} `unavailable` (retryable)
   */
  present(): Promise<void>;
  /** Also checks that it is writable. @throws {Failure} `unavailable` (retryable) */
  writable(): Promise<void>;
  /** A short status for GET /readyz. @throws if it is unhealthy: not `writable`, or full */
  health(): Promise<string>;
  /** Free space for uploads; undefined if there is no known limit. @throws errors of the file system */
  freeBytes(): Promise<number | undefined>;
  /**
   * Returns the failure to show for one that may only mean that the whole store is gone: otherwise a missing
   * file is final.
   */
  explain(failure: Failure): Promise<Failure>;
  /**
   * Receives a stream, without moving it to its place yet: inspect it, then `commit` or `discard`.
   * @throws {Failure} `file_too_large` over maxBytes, `disk_full`, `unavailable` as `writable`; errors of the
   * stream. Then nothing is left.
   */
  receive(id: string, stream: AsyncIterable<Uint8Array>, options: Receive): Promise<Received>;
  /** Uploads that arrive in pieces, over more than one connection. */
  readonly pieces: Pieces;
  /**
   * Where the bytes of a file are, for the reading thread. If the file is replaced or changed from now on,
   * the read fails (`file_changed`) instead of returning other bytes.
   * @throws {Failure} `file_missing` if there is none
   */
  source(id: string): Promise<ByteSource>;
  /** The bytes of a file from `offset` on. If the file does not exist, the stream fails (ENOENT). */
  open(id: string, offset?: number): Readable;
  /** @throws ENOENT if there is none */
  stat(id: string): Promise<{ sizeBytes: number; mtimeMs: number }>;
  /** The first bytes of a file, at most `bytes` of them. @throws ENOENT if there is none */
  head(id: string, bytes: number): Promise<Uint8Array>;
  /**
   * Gives the file to another job too, durably: when it is removed for one, the other keeps it.
   * @throws ENOENT if there is none; `unavailable` as `writable`, `disk_full`
   */
  share(id: string, other: string): Promise<void>;
  /** Removes the file of a job and its working files; does nothing if there are none. */
  remove(id: string): Promise<void>;
  /** The stored files, in no order. Files with other names do not belong to csvjobs and are left alone. */
  list(): Promise<StoredFile[]>;
  /** The parts of uploads that are under way, or that died with their process, in no order. */
  parts(): Promise<StoredFile[]>;
  /** Removes a part; does nothing if there is none. */
  removePart(id: string): Promise<void>;
  /** A note that an earlier daemon left beside the files; undefined if there is none. Notes are hints. */
  readNote(name: string): Promise<unknown>;
  /** Replaces a note. If it cannot be written, nothing happens. */
  writeNote(name: string, value: unknown): Promise<void>;
}
