/**
 * The identity of this database, which its upload folder carries, and that of the store it used last; which
 * files belong to the database, and which it still needs.
 */
import { Failure } from '../failure.js';
import type { Db } from './pool.js';

/**
 * Returns the UUID that the database got with its schema. A restored dump or a physical copy has the same one.
 * @throws {Failure} `identity_missing` if the row was deleted by hand
 */
export async function databaseIdentity(db: Db): Promise<string> {
  const { rows } = await db.query<{ id: string }>('select id from database_identity');
  if (rows[0]) return rows[0].id;
  throw new Failure(
    'identity_missing',
    'the table database_identity is empty, though the schema fills it; restore its row from a backup, or run: ' +
      'insert into database_identity (id) values (gen_random_uuid())',
  );
}

/** Returns the ids that do not belong to any job of this database, deleted jobs included. */
export async function strangeIds(db: Db, ids: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select id from unnest($1::uuid[]) as file (id) where not exists (select from jobs where jobs.id = file.id)',
    [ids],
  );
  return rows.map((row) => row.id);
}

/** Returns the id of the store that had the uploads last; null if no daemon has recorded one. */
export async function lastStore(db: Db): Promise<string | null> {
  const { rows } = await db.query<{ storeId: string | null }>(
    'select store_id as "storeId" from database_identity',
  );
  return rows[0]?.storeId ?? null;
}

/** Records the store that has the uploads. Returns whether the database used another one before. */
export async function noteStore(db: Db, storeId: string): Promise<boolean> {
  const { rows } = await db.query<{ before: string | null }>(
    `update database_identity d set store_id = $1
     from (select store_id from database_identity for update) earlier
     where earlier.store_id is distinct from $1 returning earlier.store_id as before`,
    [storeId],
  );
  return rows.some(({ before }) => before !== null);
}

/** Returns the ids of all files that must be in the store: those of jobs and of uploads that have not ended. */
export async function neededFiles(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from jobs
     where status in ('pending', 'processing', 'held') and deleted_at is null and origin is null
     union
     select id from resumable_uploads where taken is null and refused is null and expires_at > now()`,
  );
  return rows.map((row) => row.id);
}
