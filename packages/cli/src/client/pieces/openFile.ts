/** Reads a file in pieces and detects whether it has changed. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';

/** Bytes at the start of the file that are hashed. */
const START_BYTES = 64 * 1024;
const READ_BYTES = 256 * 1024;

/** Identifies a file without reading all of it. */
export interface FileIdentity {
  size: number;
  mtimeMs: number;
  /** SHA-256 of its first 64 KiB. */
  start: string;
}

export interface OpenFile {
  /** Its path, with links and dots resolved. */
  path: string;
  identity: FileIdentity;
  /** Reads `bytes` bytes, starting at `from`. */
  read(from: number, bytes: number): AsyncIterable<Buffer>;
  /** Whether something has written to the file or replaced it. */
  changed(): Promise<boolean>;
  close(): Promise<void>;
}

/** @throws errors of the file system */
export async function openFile(file: string): Promise<OpenFile> {
  const path = await realpath(file);
  const handle = await open(path, 'r');
  try {
    const { size, mtimeMs, ino, dev } = await handle.stat();
    const identity = { size, mtimeMs, start: await startOf(handle) };
    return {
      path,
      identity,
      read: (from, bytes) => readAt(handle, from, bytes),
      async changed() {
        // A file renamed over the path is another file, although the open one stays unchanged.
        for (const now of [await handle.stat(), await stat(path).catch(() => undefined)])
          if (now?.size !== size || now.mtimeMs !== mtimeMs || now.ino !== ino || now.dev !== dev)
            return true;
        return false;
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function* readAt(handle: FileHandle, from: number, bytes: number): AsyncGenerator<Buffer> {
  for (let at = from; at < from + bytes; ) {
    const memory = Buffer.allocUnsafe(Math.min(READ_BYTES, from + bytes - at));
    const { bytesRead } = await handle.read(memory, 0, memory.length, at);
    if (bytesRead === 0) return;
    yield memory.subarray(0, bytesRead);
    at += bytesRead;
  }
}

async function startOf(handle: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
  return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex');
}
