import { closeSync, fstatSync, openSync, read as readFile } from 'node:fs';
import { promisify } from 'node:util';
import { fileChanged } from '../storage/readFailures.js';
import type { FileFence } from '../storage/source.js';
import { HEAD_BYTES } from './decode/identify.js';

const readInto = promisify(readFile);

/** Number of bytes to read at a time. With 64 KiB, round trips to the disk would take a tenth of a survey's time. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * Yields the bytes of a file from an offset. A chunk is valid until the next one is requested: two buffers are used in
 * turn, and one is filled while the caller uses the other. (`createReadStream` makes a new buffer for each chunk, which
 * costs 15 collections of V8's whole heap for a million records.) The first chunk has HEAD_BYTES, and none is read ahead of it: code
 * that examines the start of a file needs no more.
 *
 * The file is opened synchronously: node closes such a descriptor when it terminates the thread that owns it. If node
 * terminates a thread during `open` of node:fs/promises, the descriptor stays open as long as the process runs, and the
 * disk space of the deleted file is not freed.
 * @param fence the file must be this one, and must not change while it is read
 * @throws errors of the file system; {Failure} `file_changed`
 */
export async function* fileChunks(
  path: string,
  start = 0,
  fence?: FileFence,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = openSync(path, 'r');
  const memory = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)] as const;
  let offset = start;
  let turn: 0 | 1 = 0;
  const read = (bytes: number) => readInto(file, memory[turn], 0, bytes, offset);
  let reading = read(HEAD_BYTES);
  try {
    for (;;) {
      const { bytesRead, buffer } = await reading;
      // After the read, so that it detects any earlier write (takes a few µs per MiB).
      if (fence && !fits(file, fence)) throw fileChanged(path);
      if (bytesRead === 0) return;
      const isFirst = offset === start;
      offset += bytesRead;
      turn = turn === 0 ? 1 : 0;
      if (!isFirst) reading = read(CHUNK_BYTES);
      yield buffer.subarray(0, bytesRead);
      // Each later chunk then ends a multiple of CHUNK_BYTES after `start`.
      if (isFirst) reading = read(CHUNK_BYTES - HEAD_BYTES);
    }
  } finally {
    // Until then the read writes to the memory, and a read of a closed file fails.
    await reading.catch(() => {});
    closeSync(file);
  }
}

/**
 * Whether an open file is unchanged. If its name was given to another file, the inode differs; if it was written to,
 * the time.
 */
function fits(file: number, { ino, size, mtimeMs }: FileFence): boolean {
  const now = fstatSync(file);
  return now.ino === ino && now.size === size && now.mtimeMs === mtimeMs;
}
