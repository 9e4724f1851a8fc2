/**
 * The database remembers the store that has its uploads (docs/decisions/0057-the-store-of-a-database.md). A
 * folder of a disk that is not mounted is empty: with it, all waiting jobs would fail for good.
 */
import { withNoun } from '@csvjobs/shared';
import { Failure } from './failure.js';
import { lastStore, neededFiles } from './sql/identity.js';
import type { Pool } from './sql/pool.js';
import type { Store } from './storage/store.js';

export type CheckedStore = Pick<Store, 'name' | 'identity' | 'list' | 'parts'>;

/** Returns the ids of the files that the database needs and the store does not have. */
export async function missingFiles(pool: Pool, store: Pick<Store, 'list' | 'parts'>): Promise<string[]> {
  // First the database: a job is created when its file is in the store.
  const needed = await neededFiles(pool);
  if (needed.length === 0) return [];
  const stored = new Set([...(await store.list()), ...(await store.parts())].map(({ id }) => id));
  return needed.filter((id) => !stored.has(id));
}

/**
 * Checks that it is safe to use this store: it is the one that the database used last, or it has each file
 * that the database needs.
 * @param marked whether the store names this database as its owner
 * @throws {Failure} `uploads_missing`
 */
export async function assertKnownStore(pool: Pool, store: CheckedStore, marked: boolean): Promise<void> {
  if (marked && (await isLastStore(pool, store))) return;
  const missing = await missingFiles(pool, store);
  if (missing.length === 0) return;
  throw new Failure(
    'uploads_missing',
    `${store.name} is not the upload folder or bucket that this database used before, and lacks ` +
      `${withNoun(missing.length, 'file')} of unfinished jobs or uploads (for example ${missing[0]}).\n` +
      'Mount the right folder, or correct UPLOAD_DIR or UPLOAD_STORE. If these files are lost, stop all daemons and run: ' +
      'csvjobsd adopt-uploads. Their jobs then fail with file_missing',
  );
}

/** A store that cannot be written may have no id; then only its files count. */
async function isLastStore(pool: Pool, store: CheckedStore): Promise<boolean> {
  const last = await lastStore(pool);
  if (last === null) return true;
  const id = await store.identity().catch((error) => {
    if (/^(EROFS|EACCES|EPERM)$/.test(error.code ?? '')) return undefined;
    throw error;
  });
  return id === last;
}
