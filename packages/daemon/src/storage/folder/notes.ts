/**
 * Small notes beside the uploads that a daemon leaves for the next one. They are hints: a note may be lost,
 * or out of date.
 */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const path = (folder: string, name: string) => join(folder, `.csvjobs-${name}.json`);

/** Reads a note; undefined if there is none, or it is not JSON. */
export async function readNote(folder: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path(folder, name), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Replaces a note. If it cannot be written, nothing happens. */
export async function writeNote(folder: string, name: string, value: unknown): Promise<void> {
  const file = path(folder, name);
  // Renamed into place: others that share the folder may read it at any moment.
  const written = `${file}.${randomUUID()}`;
  try {
    await writeFile(written, JSON.stringify(value), { mode: 0o600 });
    await rename(written, file);
  } catch {
    await rm(written, { force: true }).catch(() => {});
  }
}
