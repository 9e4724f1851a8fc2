/** A file that is read in pieces, and whether it is still the same. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';

/** Bytes of the beginning that are looked at. */
const START_BYTES = 64 * 1024;
const READ_BYTES = 256 * 1024;

/** A file, as far as it is told from another one without reading all of it. */
export interface FileIdentity {
  size: number;
  mtimeMs: number;
  /** SHA-256 of its first 64 KiB. */
  start: string;
}

export interface OpenFile {
  /** Its path without links and dots. */
  path: string;
  identity: FileIdentity;
  /** Bytes `from` on, `bytes` of them. */
  read(from: number, bytes: number): AsyncIterable<Buffer>;
  /** Whether something has written to it, or put another in its place. */
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
        // One that was renamed over the path is another file, though the one that is open stays as it was.
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
