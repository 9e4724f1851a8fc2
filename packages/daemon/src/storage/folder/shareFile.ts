/** A file under a second name. */
import { copyFile, link, open, rename, rm } from 'node:fs/promises';
import { Failure } from '../../failure.js';

/** Errors of a file system that has no links, or allows no more links to this file. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EACCES']);

/**
 * Links a file, whose bytes never change; copies it if a link is impossible.
 * @param temporary where to make a copy, on the same file system
 * @throws {Failure} `disk_full` (retryable); errors of the file system
 */
export async function shareFile(file: string, other: string, temporary: string): Promise<void> {
  try {
    await link(file, other);
  } catch (error) {
    if (!hasNoLinks(error)) throw error;
    await copy(file, other, temporary);
  }
}

/** For an error of link(2). */
export function hasNoLinks(error: unknown): boolean {
  return NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '');
}

async function copy(file: string, other: string, temporary: string): Promise<void> {
  try {
    await copyFile(file, temporary);
    const handle = await open(temporary, 'r+');
    await handle.sync().finally(() => handle.close());
    await rename(temporary, other);
  } catch (error) {
    await rm(temporary, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new Failure('disk_full', 'there is no room on the disk for a copy of the file', {
      retryable: true,
      cause: error,
    });
  }
}
