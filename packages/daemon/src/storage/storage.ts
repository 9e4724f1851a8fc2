/**
 * The uploaded files, one a job, named by the job's id: what a client calls its file never becomes a path.
 * A file is either there whole and durable, or not there: it is received beside its place, flushed, and renamed.
 */
import { constants, createReadStream } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Failure } from '../failure.js';
import { flushFolder } from './flush.js';
import { readNote, writeNote } from './notes.js';
import { claimFolder, giveFolder, OWNER_FILE, readOwner } from './owner.js';
import { type Receive, type Received, receiveFile } from './receive.js';
import { shareFile } from './shareFile.js';
import { unavailable } from './unavailable.js';

export type { Receive, Received } from './receive.js';

/** A stored file: the id of its job and when it was written, in milliseconds since 1970. */
export interface StoredFile {
  id: string;
  mtimeMs: number;
}

export interface Storage {
  /** The database whose folder this is (storage/owner.ts); undefined where none has claimed it. */
  owner(): Promise<string | undefined>;
  /** Claims the folder for a database unless another has; returns whose it is now. */
  claim(database: string): Promise<string>;
  /** Makes the folder that database's, whosever it was. */
  give(database: string): Promise<void>;
  /**
   * Looks whether the folder is there, and still the one that was claimed: a disk that is not mounted leaves an empty one.
   * @throws {Failure} `unavailable` (retryable)
   */
  present(): Promise<void>;
  /** Likewise, and whether it can be written. @throws {Failure} `unavailable` (retryable) */
  writable(): Promise<void>;
  /** The failure to show for one that may only mean that the whole folder is gone: else a missing file is for good. */
  explain(failure: Failure): Promise<Failure>;
  /**
   * Takes a stream in, without giving it its place yet: look at it, then `commit` or `discard`.
   * @throws {Failure} `file_too_large` over maxBytes, `disk_full`, `unavailable` as `writable`; whatever the stream throws.
   * Nothing is left then.
   */
  receive(id: string, stream: AsyncIterable<Uint8Array>, options: Receive): Promise<Received>;
  /** `receive` and `commit` in one. */
  put(
    id: string,
    stream: AsyncIterable<Uint8Array>,
    options: Receive,
  ): Promise<{ sizeBytes: number; sha256: string }>;
  /** The bytes of a file from `offset` on. A file that is not there is the stream's error (ENOENT). */
  open(id: string, offset?: number): Readable;
  /** Where the file of a job is (or would be). */
  path(id: string): string;
  /** Where the pipeline keeps what it would have to find out again, for as long as the job is not completed. */
  emailsPath(id: string): string;
  /** Removes that; it is no error when there is none. What cannot be removed goes with the file. */
  forgetEmails(id: string): Promise<void>;
  /**
   * Gives another job a file too, durably: removed for one, it stays for the other.
   * @throws ENOENT where there is none; `unavailable` as `writable`, `disk_full`
   */
  share(id: string, other: string): Promise<void>;
  /** The first bytes of a file, at most `bytes` of them. */
  head(id: string, bytes: number): Promise<Uint8Array>;
  /** Removes the file of a job and what is kept beside it; it is no error when there is none. */
  remove(id: string): Promise<void>;
  /** The files that are there, in no order. Files of other names are not csvjobs' own and are left alone. */
  list(): Promise<StoredFile[]>;
  /** The parts of uploads that are under way, or died with their process, in no order. */
  parts(): Promise<StoredFile[]>;
  /** Removes a part; it is no error when there is none. */
  removePart(id: string): Promise<void>;
  /** What an earlier daemon has noted beside the files (storage/notes.ts). */
  readNote(name: string): Promise<unknown>;
  writeNote(name: string, value: unknown): Promise<void>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const INCOMING = 'incoming';

/**
 * The storage in a folder, which is made where it does not exist (for this user only).
 * @throws {Failure} `upload_dir_unusable` when it cannot be made
 */
export async function createStorage(folder: string): Promise<Storage> {
  const incoming = join(folder, INCOMING);
  await mkdir(incoming, { recursive: true, mode: 0o700 }).catch((error) => {
    throw unusable(folder, 'made', error);
  });
  /** Whose the folder was when it was claimed; it is not to change under this process. */
  let claimedFor: string | undefined;

  const present = async () => {
    const owner = await readOwner(folder).catch((error: Error) => {
      throw unavailable(`the upload folder cannot be read: ${codeOf(error)}`, error);
    });
    if (claimedFor === undefined || owner === claimedFor) return;
    throw unavailable(
      owner === undefined
        ? `the upload folder is gone, or another one is in its place (it has no ${OWNER_FILE}); mount it again, or restart the daemon to begin with an empty one`
        : 'the upload folder belongs to another database now; give this daemon a folder of its own with UPLOAD_DIR',
    );
  };
  const writable = async () => {
    await present();
    try {
      await mkdir(incoming, { mode: 0o700 }).catch((error) => {
        if (error.code !== 'EEXIST') throw error;
      });
      for (const each of [folder, incoming]) await access(each, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw unavailable(`the upload folder cannot be written: ${codeOf(error)}`, error);
    }
  };

  const path = (id: string) => join(folder, checked(id));
  const emailsPath = (id: string) => `${path(id)}.emails`;
  const receive: Storage['receive'] = async (id, stream, options) => {
    const job = { temporary: join(incoming, `${checked(id)}.part`), final: path(id), stream, ...options };
    await writable();
    return receiveFile(job);
  };

  return {
    owner: () =>
      readOwner(folder).catch((error) => {
        throw error instanceof Failure ? error : unusable(folder, 'read', error);
      }),
    claim: async (database) => {
      const owner = await claimFolder(folder, database);
      claimedFor ??= owner;
      return owner;
    },
    give: async (database) => {
      await giveFolder(folder, database);
      claimedFor = database;
    },
    present,
    writable,
    explain: async (failure) => {
      if (failure.code !== 'file_missing') return failure;
      return present().then(
        () => failure,
        (error: Failure) => error,
      );
    },
    path,
    emailsPath,
    forgetEmails: (id) => rm(emailsPath(id), { force: true }),
    receive,
    put: async (id, stream, options) => {
      const received = await receive(id, stream, options);
      await received.commit();
      return { sizeBytes: received.sizeBytes, sha256: received.sha256 };
    },
    open: (id, offset = 0) => createReadStream(path(id), { start: offset, highWaterMark: 256 * 1024 }),
    share: async (id, other) => {
      await writable();
      await shareFile(path(id), path(other), join(incoming, `${checked(other)}.part`));
      await flushFolder(folder);
    },
    head: async (id, bytes) => {
      const file = await open(path(id), 'r');
      try {
        return await readHead(file, bytes);
      } finally {
        await file.close();
      }
    },
    remove: async (id) => {
      await rm(emailsPath(id), { force: true });
      await rm(path(id), { force: true });
      await flushFolder(folder);
    },
    list: () => filesIn(folder, (name) => name),
    parts: () => filesIn(incoming, (name) => name.replace(/\.part$/, '')),
    removePart: (id) => rm(join(incoming, `${checked(id)}.part`), { force: true }),
    readNote: (name) => readNote(folder, name),
    writeNote: (name, value) => writeNote(folder, name, value),
  };
}

function unusable(folder: string, what: 'made' | 'read', cause: Error): Failure {
  return new Failure(
    'upload_dir_unusable',
    `the upload folder ${folder} cannot be ${what}: ${cause.message}; set UPLOAD_DIR to a folder that this user may write`,
    { cause },
  );
}

/** The error's code alone: its message has a path, which is not for whoever uploads. */
function codeOf(error: unknown): string {
  if (error instanceof Failure) return error.code;
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}

/** An id that is safe in a path. Anything but a lower-case UUID is a mistake of the caller's. */
function checked(id: string): string {
  if (!UUID.test(id))
    throw new Failure('bad_file_id', `${JSON.stringify(id)} is not the id of a stored file`);
  return id;
}

/** The files of a folder whose name has an id in it. */
async function filesIn(folder: string, idIn: (name: string) => string): Promise<StoredFile[]> {
  const found: StoredFile[] = [];
  for (const name of await readdir(folder)) {
    const id = idIn(name);
    if (!UUID.test(id)) continue;
    const mtimeMs = await modified(join(folder, name));
    if (mtimeMs !== undefined) found.push({ id, mtimeMs });
  }
  return found;
}

/** When a file was written last, or undefined where it has gone meanwhile. */
async function modified(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readHead(file: FileHandle, bytes: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(bytes);
  let length = 0;
  while (length < bytes) {
    const { bytesRead } = await file.read(buffer, length, bytes - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
