/** Taking a file in: counted, hashed and flushed to the disk under a temporary name, then renamed to its own. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../failure.js';
import { flushFolder } from './flush.js';
import { unavailable } from './unavailable.js';

export interface Receive {
  /** More bytes than this are refused, as soon as they arrive. */
  maxBytes: number;
  /** How many of the first bytes to keep at hand for `head`; none by default. */
  headBytes?: number;
  /** Gives up when aborted. */
  signal?: AbortSignal;
}

/** A file that has arrived whole but has not its place yet. Exactly one of `commit` and `discard` is called. */
export interface Received {
  sizeBytes: number;
  /** Lower-case hex. */
  sha256: string;
  /** The first bytes, as many as were asked for and are there. */
  head: Uint8Array;
  /** The last bytes, at most four of them: where gzip says how long its text is. */
  tail: Uint8Array;
  /** Makes the file durable under its id. When it throws, nothing is left. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

const TAIL_BYTES = 4;

interface Job extends Receive {
  temporary: string;
  final: string;
  stream: AsyncIterable<Uint8Array>;
}

/**
 * Writes a stream to `temporary` and flushes it.
 * @throws {Failure} `file_too_large`, `disk_full`, `unavailable`; the stream's own errors; the signal's reason
 */
export async function receiveFile(job: Job): Promise<Received> {
  const { temporary, final } = job;
  const discard = () => rm(temporary, { force: true });
  let written: Pick<Received, 'sizeBytes' | 'sha256' | 'head' | 'tail'>;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      written = await write(file, job);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    // Where it cannot be removed (the disk became read-only), the next daemon that can does.
    await discard().catch(() => {});
    throw explained(error);
  }
  return {
    ...written,
    discard,
    commit: async () => {
      try {
        await rename(temporary, final);
        // Without this a power cut can forget the new name, though not the bytes.
        await flushFolder(dirname(final));
      } catch (error) {
        await Promise.allSettled([discard(), rm(final, { force: true })]);
        throw explained(error);
      }
    },
  };
}

async function write(
  file: FileHandle,
  job: Job,
): Promise<Pick<Received, 'sizeBytes' | 'sha256' | 'head' | 'tail'>> {
  const hash = createHash('sha256');
  const headBytes = job.headBytes ?? 0;
  const head: Uint8Array[] = [];
  let tail = Buffer.alloc(0);
  let sizeBytes = 0;
  for await (const chunk of job.stream) {
    job.signal?.throwIfAborted();
    if (sizeBytes + chunk.length > job.maxBytes) {
      throw new Failure('file_too_large', `the file is larger than the ${job.maxBytes} bytes that are taken`);
    }
    if (sizeBytes < headBytes) head.push(chunk.subarray(0, headBytes - sizeBytes));
    hash.update(chunk);
    await writeAll(file, chunk);
    tail = Buffer.concat([tail, chunk.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
    sizeBytes += chunk.length;
  }
  job.signal?.throwIfAborted();
  return { sizeBytes, sha256: hash.digest('hex'), head: Buffer.concat(head), tail };
}

/** write(2) may take fewer bytes than it is given, on a disk that is getting full for one. */
async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let done = 0;
  while (done < chunk.length) done += (await file.write(chunk, done)).bytesWritten;
}

/** No room, no quota, or a file beyond what the file system or ulimit takes. */
const NO_ROOM = /^(ENOSPC|EDQUOT|EFBIG)$/;
/** The folder is gone, may not be written any more, or its disk is failing (open(2), write(2)). */
const NO_FOLDER = /^(ENOENT|ENOTDIR|EROFS|EACCES|EPERM|EIO|ENODEV|ENXIO|ESTALE)$/;

function explained(error: unknown): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (NO_ROOM.test(code)) {
    return new Failure('disk_full', `the upload cannot be stored: ${message}`, {
      retryable: true,
      cause: error,
    });
  }
  if (NO_FOLDER.test(code)) return unavailable(`the upload folder cannot be written: ${code}`, error);
  return error;
}
