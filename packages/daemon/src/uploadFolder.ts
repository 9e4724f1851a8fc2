/**
 * The upload folder and the database must belong together: what a daemon takes for an orphan in another
 * database's folder is a file that was accepted there. docs/decisions/0014-whose-folder.md has the cases.
 */
import { Failure } from './failure.js';
import { assertKnownStore, missingFiles } from './knownStore.js';
import type { Log } from './log.js';
import { databaseIdentity, noteStore, strangeIds } from './sql/identity.js';
import type { Pool } from './sql/pool.js';
import type { Store } from './storage/store.js';

type Folder = Pick<Store, 'name' | 'owner' | 'claim' | 'give' | 'list' | 'parts' | 'present' | 'identity'>;

export interface FolderGuard {
  /**
   * Whether files may be removed from the folder now. Logs when that changes to no.
   * @throws {Failure} `unavailable` if the folder is gone
   */
  mayRemove(): Promise<boolean>;
}

/**
 * Claims an unowned folder if that is safe: it has no files, or all of them belong to jobs of this database.
 * Otherwise it stays unowned: the daemon works, and removes nothing.
 * @throws {Failure} `upload_dir_foreign` if another database has claimed the folder; `uploads_missing` if the
 * database used another one, whose files it still needs; `upload_dir_damaged`
 */
export async function guardUploadFolder(pool: Pool, folder: Folder, log: Log): Promise<FolderGuard> {
  let logged: string | undefined;
  /** Logs each reason once, until it changes. */
  const refuseBecause = (why: string, fields: object = {}) => {
    if (why !== logged) log.warn({ uploadDir: folder.name, ...fields }, why);
    logged = why;
    return false;
  };
  const look = async (): Promise<'ours' | 'foreign' | 'unclaimed'> => {
    const database = await databaseIdentity(pool);
    const owner = await folder.owner();
    if (owner !== undefined && owner !== database) return 'foreign';
    await assertKnownStore(pool, folder, owner === database);
    if (owner === undefined) {
      const files = (await folder.list()).map(({ id }) => id);
      const unknown = await strangeIds(pool, files);
      if (unknown.length > 0) {
        refuseBecause(UNCLAIMED, { files: files.length, unknown: unknown.length, example: unknown[0] });
        return 'unclaimed';
      }
    }
    try {
      return (await folder.claim(database)) === database ? 'ours' : 'foreign';
    } catch (error) {
      if (!/^(EROFS|EACCES|EPERM)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
      refuseBecause(READ_ONLY);
      return 'unclaimed';
    }
  };
  if ((await look()) === 'foreign') throw foreign(folder.name);
  return {
    async mayRemove() {
      await folder.present();
      const found = await look();
      if (found === 'foreign') return refuseBecause(CHANGED);
      if (found === 'ours') logged = undefined;
      return found === 'ours';
    },
  };
}

const UNCLAIMED =
  'the upload folder has files that this database does not know, and does not say whose they are; nothing is removed ' +
  'from it. If they are of this database, run: csvjobsd adopt-uploads; if not, set UPLOAD_DIR to a folder of its own';
const READ_ONLY =
  'the upload folder cannot be written, so it cannot be marked as the folder of this database; nothing is removed from it';
const CHANGED = 'the upload folder belongs to another database now; nothing is removed from it';

function foreign(path: string): Failure {
  return new Failure(
    'upload_dir_foreign',
    `the upload folder ${path} belongs to another database than the configured one: each would remove the other's files.\n` +
      'Check DATABASE_URL (or DB_*) and UPLOAD_DIR. To assign the folder to the configured database permanently, stop all ' +
      'daemons that use it and run: csvjobsd adopt-uploads',
  );
}

/**
 * Makes this the store of the database, whoever owned it before and whichever the database used, as the
 * person who runs this has decided. Returns the number of files; how many of them the database does not know:
 * those are orphans from now on; and how many that it needs are missing.
 */
export async function adoptUploads(
  pool: Pool,
  folder: Folder,
): Promise<{ files: number; unknown: number; missing: number }> {
  const files = (await folder.list()).map(({ id }) => id);
  const unknown = await strangeIds(pool, files);
  const missing = await missingFiles(pool, folder);
  await folder.give(await databaseIdentity(pool));
  await noteStore(pool, await folder.identity());
  return { files: files.length, unknown: unknown.length, missing: missing.length };
}
