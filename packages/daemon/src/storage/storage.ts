/**
 * The uploaded files, one a job, named by the job's id: what a client calls its file never becomes a path.
 * A file is either there whole and durable, or not there: it is received beside its place, flushed, and renamed.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Failure } from '../failure.js';
import { flushFolder, type Receive, type Received, receiveFile } from './receive.js';

export type { Receive, Received } from './receive.js';

/** A stored file: the id of its job and when it was written, in milliseconds since 1970. */
export interface StoredFile {
  id: string;
  mtimeMs: number;
}

export interface Storage {
  /**
   * Takes a stream in, without giving it its place yet: look at it, then `commit` or `discard`.
   * @throws {Failure} `file_too_large` over maxBytes, `disk_full`; whatever the stream throws. Nothing is left then.
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
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const INCOMING = 'incoming';

/** The storage in a folder, which is made where it does not exist (for this user only). */
export async function createStorage(folder: string): Promise<Storage> {
  const incoming = join(folder, INCOMING);
  await mkdir(incoming, { recursive: true, mode: 0o700 });

  const path = (id: string) => join(folder, checked(id));
  const emailsPath = (id: string) => `${path(id)}.emails`;
  const receive: Storage['receive'] = async (id, stream, options) =>
    receiveFile({ temporary: join(incoming, `${checked(id)}.part`), final: path(id), stream, ...options });

  return {
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
  };
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
