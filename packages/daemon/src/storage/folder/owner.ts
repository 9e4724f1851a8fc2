/**
 * Whose folder of uploads this is: a small file in it names the database whose jobs the files are. Two databases that
 * share a folder would each take the other's files for orphans.
 */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../failure.js';
import { flushFolder } from './flush.js';

/** No UUID, so it is no job's file; a dot, so that `ls` shows uploads only. */
export const OWNER_FILE = '.csvjobs-database';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The database whose folder this is; undefined where no database has claimed it.
 * @throws {Failure} `upload_dir_damaged` when the file says something else; errors of the file system but ENOENT
 */
export async function readOwner(folder: string): Promise<string | undefined> {
  const file = join(folder, OWNER_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const id = text.split('\n', 1)[0]!.trim();
  if (UUID.test(id)) return id;
  throw new Failure(
    'upload_dir_damaged',
    `${file} does not name a database; if the files in ${folder} belong to the configured database, run: csvjobsd adopt-uploads`,
  );
}

/**
 * Writes the database's name into the folder unless a name is there. Of several that start at once exactly one does; the
 * others see its name. Returns the name that is there now.
 */
export async function claimFolder(folder: string, database: string): Promise<string> {
  const owner = await readOwner(folder);
  if (owner !== undefined) return owner;
  const file = join(folder, OWNER_FILE);
  const written = await writeBeside(folder, database);
  try {
    // Unlike a rename, a link never replaces what is there, and unlike open(…, 'wx') nobody sees it half written.
    await link(written, file);
    await flushFolder(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      // A file system without hard links (FAT, some network shares).
      if ((await readOwner(folder)) === undefined) await rename(written, file);
      await flushFolder(folder);
    }
  } finally {
    await rm(written, { force: true });
  }
  return (await readOwner(folder)) ?? database;
}

/** Makes the folder the database's, whosever it was. */
export async function giveFolder(folder: string, database: string): Promise<void> {
  await rename(await writeBeside(folder, database), join(folder, OWNER_FILE));
  await flushFolder(folder);
}

async function writeBeside(folder: string, database: string): Promise<string> {
  const path = join(folder, `${OWNER_FILE}.${randomUUID()}`);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(
      `${database}\nThe database (its table database_identity) that the files of this folder belong to.\n`,
    );
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return path;
}
