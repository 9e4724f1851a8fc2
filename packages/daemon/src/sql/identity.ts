/** The identity of this database, which its upload folder carries, and the check that a folder's files belong to it. */
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
