/**
 * Whose folder of uploads this is: a small file in it names the database that has the jobs of the files. Two
 * databases that share a folder would each take the other's files for orphans. Another file has the folder's
 * own id, which shows hosts that they do not share a folder (docs/decisions/0055-one-store.md).
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Failure } from '../../failure.js';
import { placeMark, readMark, replaceMark } from './mark.js';

/** Not a UUID, so it cannot be a job's file; it starts with a dot, so that `ls` shows uploads only. */
export const OWNER_FILE = '.csvjobs-database';
const IDENTITY_FILE = '.csvjobs-store';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Returns the database that owns this folder; undefined if none has claimed it.
 * @throws {Failure} `upload_dir_damaged` if the file has other content; errors of the file system other than
 * ENOENT
 */
export async function readOwner(folder: string): Promise<string | undefined> {
  const text = await readMark(folder, OWNER_FILE);
  if (text === undefined) return undefined;
  const id = firstLine(text);
  if (UUID.test(id)) return id;
  throw new Failure(
    'upload_dir_damaged',
    `${join(folder, OWNER_FILE)} does not name a database; if the files in ${folder} belong to the configured database, run: csvjobsd adopt-uploads`,
  );
}

/**
 * Writes the database's name into the folder unless a name is there. If several start at once, exactly one
 * succeeds; the others see its name. Returns the name that is there now.
 */
export async function claimFolder(folder: string, database: string): Promise<string> {
  const owner = await readOwner(folder);
  if (owner !== undefined) return owner;
  await placeMark(folder, OWNER_FILE, ownerText(database));
  return (await readOwner(folder)) ?? database;
}

/** Gives the folder to the database, whoever owned it before. */
export async function giveFolder(folder: string, database: string): Promise<void> {
  await replaceMark(folder, OWNER_FILE, ownerText(database));
}

/** Returns the folder's own id; undefined if it has none. @throws errors of the file system */
export async function readIdentity(folder: string): Promise<string | undefined> {
  const id = firstLine((await readMark(folder, IDENTITY_FILE)) ?? '');
  return UUID.test(id) ? id : undefined;
}

/** Returns the folder's own id, and creates it if needed. @throws errors of the file system */
export async function folderIdentity(folder: string): Promise<string> {
  const there = await readIdentity(folder);
  if (there !== undefined) return there;
  const made = randomUUID();
  await placeMark(
    folder,
    IDENTITY_FILE,
    `${made}\nThe id of this folder, by which hosts know that they share it.\n`,
  );
  return (await readIdentity(folder)) ?? made;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.trim();
}

function ownerText(database: string): string {
  return `${database}\nThe database (its table database_identity) that the files of this folder belong to.\n`;
}
