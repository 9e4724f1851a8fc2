/**
 * The store in a folder, which several machines may share: one file per job. It is received beside its final
 * place, flushed, and renamed.
 */
import { constants, createReadStream } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../failure.js';
import { checkedId, isFileId } from '../fileId.js';
import { fileMissing } from '../readFailures.js';
import type { FileFence } from '../source.js';
import type { Store, StoredFile } from '../store.js';
import { unavailable } from '../unavailable.js';
import { createWorkingFiles } from '../workingFiles.js';
import { flushFolder } from './flush.js';
import { readNote, writeNote } from './notes.js';
import { claimFolder, folderIdentity, giveFolder, readIdentity, readOwner } from './owner.js';
import { createFolderPieces } from './pieces.js';
import { receiveFile } from './receive.js';
import { diskRoom, freeBytes } from './room.js';
import { shareFile } from './shareFile.js';

const INCOMING = 'incoming';

/**
 * Opens the store in a folder, and creates the folder if it does not exist (for this user only).
 * @throws {Failure} `upload_dir_unusable` if it cannot be created
 */
export async function openFolderStore(folder: string): Promise<Store> {
  const incoming = join(folder, INCOMING);
  await mkdir(incoming, { recursive: true, mode: 0o700 }).catch((error) => {
    throw unusable(folder, 'made', error);
  });
  /** The owner of the folder when it was claimed; it must not change while this process runs. */
  let claimedFor: string | undefined;
  /** Its own id, once it was read; it must not change either. */
  let knownId: string | undefined;

  const present = async () => {
    const [owner, id] = await Promise.all([
      readOwner(folder),
      knownId === undefined ? undefined : readIdentity(folder),
    ]).catch((error: Error) => {
      throw unavailable(`the upload folder cannot be read: ${codeOf(error)}`, error);
    });
    if (claimedFor !== undefined && owner !== undefined && owner !== claimedFor)
      throw unavailable(
        'the upload folder belongs to another database now; give this daemon a folder of its own with UPLOAD_DIR',
      );
    // Also the id: the folder beneath a mount point may have been claimed for the same database.
    if ((claimedFor === undefined || owner === claimedFor) && id === knownId) return;
    throw unavailable(
      'the upload folder is gone, or another one is in its place (its marks .csvjobs-* are missing or differ); mount it again, ' +
        'or restart the daemon if you replaced it',
    );
  };
  const writable = async () => {
    await present();
    try {
      await mkdir(incoming, { mode: 0o700 }).catch((error) => {
        if (error.code !== 'EEXIST') throw error;
      });
      for (const each of [folder, incoming]) await access(each, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw unavailable(`the upload folder cannot be written: ${codeOf(error)}`, error);
    }
  };

  const path = (id: string) => join(folder, checkedId(id));
  const temporary = (id: string) => join(incoming, `${checkedId(id)}.part`);
  const working = createWorkingFiles(folder, incoming);

  return {
    ...working,
    name: folder,
    owner: () =>
      readOwner(folder).catch((error) => {
        throw error instanceof Failure ? error : unusable(folder, 'read', error);
      }),
    claim: async (database) => {
      const owner = await claimFolder(folder, database);
      claimedFor ??= owner;
      return owner;
    },
    identity: async () => {
      // So that no other folder in its place gets an id.
      await present();
      knownId ??= await folderIdentity(folder);
      return knownId;
    },
    give: async (database) => {
      await giveFolder(folder, database);
      claimedFor = database;
    },
    present,
    writable,
    health: async () => {
      await writable();
      return diskRoom(folder);
    },
    freeBytes: () => freeBytes(folder),
    explain: async (failure) => {
      if (failure.code !== 'file_missing') return failure;
      return present().then(
        () => failure,
        (error: Failure) => error,
      );
    },
    receive: async (id, stream, options) => {
      const job = { temporary: temporary(id), final: path(id), stream, ...options };
      await writable();
      return receiveFile(job);
    },
    pieces: createFolderPieces({ temporary, final: path, writable }),
    source: async (id) => ({ kind: 'file', path: path(id), fence: await fenceOf(path(id)) }),
    open: (id, offset = 0) => createReadStream(path(id), { start: offset, highWaterMark: 256 * 1024 }),
    stat: async (id) => {
      const { size, mtimeMs } = await stat(path(id));
      return { sizeBytes: size, mtimeMs };
    },
    share: async (id, other) => {
      await writable();
      await shareFile(path(id), path(other), temporary(other));
      await flushFolder(folder);
    },
    head: async (id, bytes) => {
      const file = await open(path(id), 'r');
      try {
        return await readHead(file, bytes);
      } finally {
        await file.close();
      }
    },
    remove: async (id) => {
      await working.forgetEmails(id);
      await rm(path(id), { force: true });
      await flushFolder(folder);
    },
    list: () => filesIn(folder, (name) => name),
    parts: () => filesIn(incoming, (name) => name.replace(/\.part$/, '')),
    removePart: (id) => rm(temporary(id), { force: true }),
    readNote: (name) => readNote(folder, name),
    writeNote: (name, value) => writeNote(folder, name, value),
  };
}

function unusable(folder: string, what: 'made' | 'read', cause: Error): Failure {
  return new Failure(
    'upload_dir_unusable',
    `the upload folder ${folder} cannot be ${what}: ${cause.message}; set UPLOAD_DIR to a folder that this user may write`,
    { cause },
  );
}

/** Only the code of the error: its message has a path, which the uploader must not see. */
function codeOf(error: unknown): string {
  if (error instanceof Failure) return error.code;
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}

/**
 * @throws {Failure} `file_missing` if it does not exist: it was removed by hand, or UPLOAD_DIR has changed
 */
async function fenceOf(path: string): Promise<FileFence> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return { ino, size, mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw fileMissing(path, error);
  }
}

/** The files of a folder whose names contain an id. */
async function filesIn(folder: string, idIn: (name: string) => string): Promise<StoredFile[]> {
  const found: StoredFile[] = [];
  for (const name of await readdir(folder)) {
    const id = idIn(name);
    if (!isFileId(id)) continue;
    const mtimeMs = await modified(join(folder, name));
    if (mtimeMs !== undefined) found.push({ id, mtimeMs });
  }
  return found;
}

/** The time of the last write to a file, or undefined if it has been removed meanwhile. */
async function modified(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readHead(file: FileHandle, bytes: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(bytes);
  let length = 0;
  while (length < bytes) {
    const { bytesRead } = await file.read(buffer, length, bytes - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
