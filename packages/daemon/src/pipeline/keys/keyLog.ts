/**
 * The keys of the rows that a job has loaded, in a file beside its upload. It holds the pairs of keyHashes.ts for each
 * record of the file, so their position follows from the record's number. Rejected records have no keys.
 *
 * The log is only a hint: if it lacks records, a duplicate is reported without the row that it repeats. So it is not
 * flushed, and a disk error only closes it: `failed` is called once with that error.
 */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PAIR_BYTES } from './keyPairs.js';

/** Identifies the hash function. Change it together with that: keys in an older log would not be found. */
const MARK = 0x6c6d6b31;
const HEADER_BYTES = 16;

/** Bytes read at once. */
const CHUNK_BYTES = 1024 * 1024;

export class KeyLog {
  #file: FileHandle | undefined;
  readonly #recordBytes: number;
  readonly #failed: (error: Error) => void;

  private constructor(keys: number, failed: (error: Error) => void) {
    this.#recordBytes = keys * PAIR_BYTES;
    this.#failed = failed;
  }

  /** Opens the log, and creates it if it does not exist. Never throws. @param keys number of keys per record */
  static async open(path: string, keys: number, failed: (error: Error) => void): Promise<KeyLog> {
    const log = new KeyLog(keys, failed);
    try {
      log.#file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    } catch (error) {
      failed(error as Error);
    }
    await log.#try(async (file) => {
      const header = Int32Array.of(MARK, keys, 0, 0);
      const found = new Int32Array(4);
      await file.read(found, 0, HEADER_BYTES, 0);
      if (found.join() === header.join()) return;
      await file.truncate(0);
      await file.write(header, 0, HEADER_BYTES, 0);
    });
    return log;
  }

  /** Writes the pairs of consecutive records. @param first the number of the first one */
  async write(first: number, pairs: Uint8Array): Promise<void> {
    await this.#try(async (file) => {
      const from = HEADER_BYTES + (first - 1) * this.#recordBytes;
      for (let done = 0; done < pairs.length; ) {
        // A disk that fills up may accept only a part; it refuses the rest at the next write (write(2)).
        const { bytesWritten } = await file.write(pairs, done, pairs.length - done, from + done);
        done += bytesWritten;
      }
    });
  }

  /**
   * Passes the pairs of all records before `before` to `take`, in order and in parts, with the number of each part's
   * first record. Returns whether the log has them all.
   * @param from the first record to read
   */
  async read(
    before: number,
    take: (pairs: Int32Array, first: number) => void | Promise<void>,
    from = 1,
  ): Promise<boolean> {
    const records = Math.max(1, Math.floor(CHUNK_BYTES / this.#recordBytes));
    const whole = await this.#try(async (file) => {
      const chunk = new Int32Array((records * this.#recordBytes) / 4);
      for (let first = from; first < before; first += records) {
        const wanted = Math.min(records, before - first) * this.#recordBytes;
        const at = HEADER_BYTES + (first - 1) * this.#recordBytes;
        const { bytesRead } = await file.read(chunk, 0, wanted, at);
        await take(chunk.subarray(0, Math.floor(bytesRead / PAIR_BYTES) * 2), first);
        if (bytesRead < wanted) return false;
      }
      return true;
    });
    return whole === true;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
  }

  async #try<T>(action: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
    if (this.#file === undefined) return undefined;
    try {
      return await action(this.#file);
    } catch (error) {
      // A run that is cut off closes the log while a lane may still be using it.
      if (this.#file !== undefined) this.#failed(error as Error);
      await this.close();
      return undefined;
    }
  }
}
