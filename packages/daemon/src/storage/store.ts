/**
 * Where uploaded files are kept, one a job, named by the job's id: what a client calls its file never becomes a name here.
 * A file is either there, whole and durable, or not there. Nothing outside of a store knows paths or keys, but for working
 * files, which are local whatever the store is.
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
  /** What the store is called in logs and failures: the path of a folder. */
  readonly name: string;
  /** The database whose store this is (docs/decisions/0014-whose-folder.md); undefined where none has claimed it. */
  owner(): Promise<string | undefined>;
  /** Claims the store for a database unless another has; returns whose it is now. */
  claim(database: string): Promise<string>;
  /**
   * The store's own id, which it gets where it has none: hosts that have different ones do not share it.
   * @throws errors of the file system; {Failure} `unavailable`
   */
  identity(): Promise<string>;
  /** Makes the store that database's, whosever it was. */
  give(database: string): Promise<void>;
  /**
   * Looks whether the store is there, and still the one that was claimed: a disk that is not mounted leaves an empty folder.
   * @throws {Failure} `unavailable` (retryable)
   */
  present(): Promise<void>;
  /** Likewise, and whether it can be written. @throws {Failure} `unavailable` (retryable) */
  writable(): Promise<void>;
  /** For GET /readyz: a word on how it is. @throws what is not well: not `writable`, or no room */
  health(): Promise<string>;
  /** The room for uploads; undefined where it has no bound that could be asked for. @throws errors of the file system */
  freeBytes(): Promise<number | undefined>;
  /** The failure to show for one that may only mean that the whole store is gone: else a missing file is for good. */
  explain(failure: Failure): Promise<Failure>;
  /**
   * Takes a stream in, without giving it its place yet: look at it, then `commit` or `discard`.
   * @throws {Failure} `file_too_large` over maxBytes, `disk_full`, `unavailable` as `writable`; whatever the stream throws.
   * Nothing is left then.
   */
  receive(id: string, stream: AsyncIterable<Uint8Array>, options: Receive): Promise<Received>;
  /** Uploads that arrive in pieces, over more than one connection. */
  readonly pieces: Pieces;
  /**
   * Where the bytes of a file are, for the reading thread. A file that is replaced or changed from now on is an error there
   * (`file_changed`), not other bytes.
   * @throws {Failure} `file_missing` where there is none
   */
  source(id: string): Promise<ByteSource>;
  /** The bytes of a file from `offset` on. A file that is not there is the stream's error (ENOENT). */
  open(id: string, offset?: number): Readable;
  /** @throws ENOENT where there is none */
  stat(id: string): Promise<{ sizeBytes: number; mtimeMs: number }>;
  /** The first bytes of a file, at most `bytes` of them. @throws ENOENT where there is none */
  head(id: string, bytes: number): Promise<Uint8Array>;
  /**
   * Gives another job a file too, durably: removed for one, it stays for the other.
   * @throws ENOENT where there is none; `unavailable` as `writable`, `disk_full`
   */
  share(id: string, other: string): Promise<void>;
  /** Removes the file of a job and its working files; it is no error when there is none. */
  remove(id: string): Promise<void>;
  /** The files that are there, in no order. What has another name is not csvjobs' own and is left alone. */
  list(): Promise<StoredFile[]>;
  /** The parts of uploads that are under way, or died with their process, in no order. */
  parts(): Promise<StoredFile[]>;
  /** Removes a part; it is no error when there is none. */
  removePart(id: string): Promise<void>;
  /** What an earlier daemon has noted beside the files; undefined where nothing was. Notes are hints. */
  readNote(name: string): Promise<unknown>;
  /** Replaces a note. Where it cannot be written, nothing happens. */
  writeNote(name: string, value: unknown): Promise<void>;
}
