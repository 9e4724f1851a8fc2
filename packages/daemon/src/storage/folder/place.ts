/** A file that is whole under a temporary name gets its own. */
import { type FileHandle, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { explainedWrite } from '../explainedWrite.js';
import type { Received } from '../received.js';
import { flushFolder } from './flush.js';

/** The two ends of a flushed file, as Received has them. */
export function placed(temporary: string, final: string): Pick<Received, 'commit' | 'discard'> {
  const discard = () => rm(temporary, { force: true });
  return {
    discard,
    commit: async () => {
      try {
        await rename(temporary, final);
        // Without this a power cut can forget the new name, though not the bytes.
        await flushFolder(dirname(final));
      } catch (error) {
        await Promise.allSettled([discard(), rm(final, { force: true })]);
        throw explainedWrite(error);
      }
    },
  };
}

/** write(2) may take fewer bytes than it is given, on a disk that is getting full for one. */
export async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < chunk.length)
    done += (await file.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
}
