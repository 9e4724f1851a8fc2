/** Moves a complete file from its temporary name to its own. */
import { type FileHandle, link, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { explainedWrite } from '../explainedWrite.js';
import { fileExists } from '../fileExists.js';
import type { Received } from '../received.js';
import { flushFolder } from './flush.js';
import { hasNoLinks } from './shareFile.js';

/** `commit` and `discard` of a flushed file, for Received. */
export function placed(temporary: string, final: string): Pick<Received, 'commit' | 'discard'> {
  const discard = () => rm(temporary, { force: true });
  return {
    discard,
    commit: async () => {
      try {
        await give(temporary, final);
      } catch (error) {
        await discard().catch(() => {});
        throw explainedWrite(error);
      }
      try {
        // Without this, a power cut can lose the new name, though not the bytes.
        await flushFolder(dirname(final));
      } catch (error) {
        await rm(final, { force: true }).catch(() => {});
        throw explainedWrite(error);
      }
    },
  };
}

/**
 * Uses a link, which never replaces an existing file; if the file system has no links, uses a rename, which
 * would.
 * @throws {Failure} `file_exists`
 */
async function give(temporary: string, final: string): Promise<void> {
  try {
    await link(temporary, final);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw fileExists(error);
    if (!hasNoLinks(error)) throw error;
    return rename(temporary, final);
  }
  // A second name of the same file: if it cannot be removed now, it is found as a part later.
  await rm(temporary, { force: true }).catch(() => {});
}

/** write(2) may write fewer bytes than it is given, on a disk that is almost full, for example. */
export async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < chunk.length)
    done += (await file.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
}
