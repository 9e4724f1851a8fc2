/** Whether the disk of a folder has space for uploads. */
import { access, constants, statfs } from 'node:fs/promises';

/** Less than this counts as full: an upload under way uses it up in a moment. */
const LEAST_FREE_BYTES = 256 * 1024 * 1024;

/** @throws errors of the file system */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws if the upload folder is not writable, or its disk is almost full */
export async function diskRoom(folder: string): Promise<string> {
  await access(folder, constants.W_OK | constants.X_OK);
  const free = await freeBytes(folder);
  const word = `${(free / 1e9).toFixed(1)} GB free for uploads`;
  if (free < LEAST_FREE_BYTES)
    throw new Error(`${word}, which is too little; free some space on the disk of ${folder}`);
  return word;
}
