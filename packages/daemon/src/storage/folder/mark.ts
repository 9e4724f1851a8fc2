/**
 * Small files in the upload folder that say what it is. If several processes write the same mark at once,
 * exactly one succeeds.
 */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { flushFolder } from './flush.js';

/** Reads a mark; undefined if there is none. @throws errors of the file system other than ENOENT */
export async function readMark(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a mark, durably, unless it exists. @throws errors of the file system other than EEXIST */
export async function placeMark(folder: string, name: string, text: string): Promise<void> {
  const file = join(folder, name);
  const written = await writeBeside(folder, name, text);
  try {
    // Unlike a rename, a link never replaces an existing file, and unlike open(…, 'wx') it never shows a
    // half-written one.
    await link(written, file);
    await flushFolder(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      // A file system without hard links (FAT, some network shares).
      if ((await readMark(folder, name)) === undefined) await rename(written, file);
      await flushFolder(folder);
    }
  } finally {
    await rm(written, { force: true });
  }
}

/** Writes a mark, durably, whether or not it exists. @throws errors of the file system */
export async function replaceMark(folder: string, name: string, text: string): Promise<void> {
  await rename(await writeBeside(folder, name, text), join(folder, name));
  await flushFolder(folder);
}

async function writeBeside(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, `${name}.${randomUUID()}`);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return path;
}
