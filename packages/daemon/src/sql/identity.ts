/** The name of this database, which its upload folder carries, and what tells whether a folder's files are its own. */
import { Failure } from '../failure.js';
import type { Db } from './pool.js';

/**
 * A UUID that the database got with its schema. A restored dump and a physical copy have the same one.
 * @throws {Failure} `identity_missing` when the row was deleted by hand
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

/** Which of these ids are not those of any job of this database, deleted ones included. */
export async function strangeIds(db: Db, ids: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select id from unnest($1::uuid[]) as file (id) where not exists (select from jobs where jobs.id = file.id)',
    [ids],
  );
  return rows.map((row) => row.id);
}
