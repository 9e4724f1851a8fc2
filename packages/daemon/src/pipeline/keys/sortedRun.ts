/**
 * Keys with their rows, sorted by the first half of the key, in an unnamed file that disappears with its process. An
 * entry is four words: the two halves of the key, and the row number in 64 bits.
 */
import { type FileHandle, open, unlink } from 'node:fs/promises';

/** Words per entry. */
export const ENTRY = 4;
const ENTRY_BYTES = ENTRY * 4;
/** Number of entries read for one answer. */
const BLOCK = 256;
/** Number of entries read or written at once when all are needed. */
const PART = 4_096;

export class SortedRun {
  count = 0;
  /** Number of entries read for answers. */
  looked = 0;
  readonly #file: FileHandle;
  /** The first half of the first key of each block. */
  #fences = new Uint32Array(64);
  #blocks = 0;
  readonly #block = new Int32Array(BLOCK * ENTRY);
  #inBlock = { at: -1, words: 0 };

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * @param path where a file may be created; it has no name when this returns
   * @param parts entries in order, in parts whose memory is reused for the next part
   */
  static async write(
    path: string,
    parts: Iterable<Int32Array> | AsyncIterable<Int32Array>,
  ): Promise<SortedRun> {
    const file = await open(path, 'w+', 0o600);
    const run = new SortedRun(file);
    try {
      await unlink(path);
      for await (const part of parts) await run.#append(part);
      return run;
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  async #append(part: Int32Array): Promise<void> {
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    const from = this.count * ENTRY_BYTES;
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, from + done);
      done += bytesWritten;
    }
    const entries = part.length / ENTRY;
    for (let entry = (BLOCK - (this.count % BLOCK)) % BLOCK; entry < entries; entry += BLOCK)
      this.#addFence(part[entry * ENTRY]! >>> 0);
    this.count += entries;
  }

  #addFence(first: number): void {
    if (this.#blocks === this.#fences.length) {
      const larger = new Uint32Array(2 * this.#blocks);
      larger.set(this.#fences);
      this.#fences = larger;
    }
    this.#fences[this.#blocks++] = first;
  }

  /** Returns the last row with a key; 0 if there is none. If calls are in key order, each block is read once. */
  async lastRow(low: number, high: number): Promise<number> {
    const wanted = low >>> 0;
    let last = 0;
    for (let block = Math.max(0, this.#firstFrom(wanted) - 1); block < this.#blocks; block++) {
      if (this.#fences[block]! > wanted) break;
      const words = await this.#read(block);
      for (let at = 0; at < words; at += ENTRY)
        if (this.#block[at] === low && this.#block[at + 1] === high)
          last = Math.max(last, rowAt(this.#block, at));
    }
    return last;
  }

  /** Returns the first block that starts with a key at least as large, or the number of blocks. */
  #firstFrom(wanted: number): number {
    let from = 0;
    let to = this.#blocks;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#fences[middle]! < wanted) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  async #read(block: number): Promise<number> {
    if (this.#inBlock.at !== block) {
      const bytes = BLOCK * ENTRY_BYTES;
      const { bytesRead } = await this.#file.read(this.#block, 0, bytes, block * bytes);
      this.#inBlock = { at: block, words: bytesRead / 4 };
      this.looked += BLOCK;
    }
    return this.#inBlock.words;
  }

  /** Yields all entries, in parts whose memory is reused for the next part. */
  async *parts(): AsyncGenerator<Int32Array> {
    const part = new Int32Array(PART * ENTRY);
    for (let entry = 0; entry < this.count; entry += PART) {
      const wanted = Math.min(PART, this.count - entry) * ENTRY_BYTES;
      const { bytesRead } = await this.#file.read(part, 0, wanted, entry * ENTRY_BYTES);
      if (bytesRead < wanted) throw new Error('a file of keys is shorter than what was written to it');
      yield part.subarray(0, wanted / 4);
    }
  }

  async close(): Promise<void> {
    await this.#file.close().catch(() => {});
  }
}

/** Returns the row of an entry. */
export function rowAt(words: Int32Array, at: number): number {
  return (words[at + 3]! >>> 0) * 2 ** 32 + (words[at + 2]! >>> 0);
}

/** Merges the entries of two runs, in parts. */
export async function* merged(one: SortedRun, other: SortedRun): AsyncGenerator<Int32Array> {
  const cursors = [new Cursor(one), new Cursor(other)] as const;
  for (const cursor of cursors) await cursor.fill();
  const [first, second] = cursors;
  const out = new Int32Array(PART * ENTRY);
  let length = 0;
  while (first.has || second.has) {
    const from = !second.has || (first.has && first.low <= second.low) ? first : second;
    for (let word = 0; word < ENTRY; word++) out[length++] = from.part[from.at++]!;
    if (from.at === from.part.length) await from.fill();
    if (length === out.length) {
      yield out;
      length = 0;
    }
  }
  if (length > 0) yield out.subarray(0, length);
}

class Cursor {
  part: Int32Array = new Int32Array(0);
  at = 0;
  has = true;
  readonly #parts: AsyncGenerator<Int32Array>;

  constructor(run: SortedRun) {
    this.#parts = run.parts();
  }

  get low(): number {
    return this.part[this.at]! >>> 0;
  }

  async fill(): Promise<void> {
    const { value, done } = await this.#parts.next();
    this.has = !done;
    if (done) return;
    this.part = value;
    this.at = 0;
  }
}
