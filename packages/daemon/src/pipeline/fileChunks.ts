import { closeSync, fstatSync, openSync, read as readFile } from 'node:fs';
import { promisify } from 'node:util';
import { fileChanged } from '../storage/readFailures.js';
import type { FileFence } from '../storage/source.js';

const readInto = promisify(readFile);

/** Bytes read at a time: fewer, larger reads; 64 KiB ones cost a tenth of a survey in round trips to the disk. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * The bytes of a file from an offset on. A chunk is good until the next one is asked for: two pieces of memory are used
 * in turn, one being read into while the other is looked at. (`createReadStream` makes a new one for each chunk, which
 * V8 then collects the whole heap for: 15 times for a million records.)
 *
 * Opened synchronously: node closes such a descriptor when the thread that owns it is terminated. If the thread is terminated while
 * `open` of node:fs/promises is under way, the descriptor stays open as long as the process
 * runs, and its deleted file stays on the disk.
 * @param fence the file must be this one, and unchanged, for as long as it is read
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
  const read = () => readInto(file, memory[turn], 0, CHUNK_BYTES, offset);
  let reading = read();
  try {
    for (;;) {
      const { bytesRead, buffer } = await reading;
      // After the read: what was written to before it shows here (some µs for a MiB).
      if (fence && !fits(file, fence)) throw fileChanged(path);
      if (bytesRead === 0) return;
      offset += bytesRead;
      turn = turn === 0 ? 1 : 0;
      reading = read();
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    // The memory is written to until then, and a read of a closed file fails.
    await reading.catch(() => {});
    closeSync(file);
  }
}

/** Of an open file: one that was replaced under its name has another inode; one that was written to, another time. */
function fits(file: number, { ino, size, mtimeMs }: FileFence): boolean {
  const now = fstatSync(file);
  return now.ino === ino && now.size === size && now.mtimeMs === mtimeMs;
}
