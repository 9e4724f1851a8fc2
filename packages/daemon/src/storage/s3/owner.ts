/** Whose store this is: an object that names the database, by the rules of a folder (docs/decisions/0014-whose-folder.md). */
import { Failure } from '../../failure.js';
import type { Keys } from './keys.js';
import type { Objects } from './objects.js';

const OWNER = 'owner';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface Ownership {
  /** @throws {Failure} `upload_dir_damaged`, `unavailable` */
  read(): Promise<string | undefined>;
  claim(database: string): Promise<string>;
  give(database: string): Promise<void>;
}

export function ownershipOf(objects: Objects, keys: Keys, name: string): Ownership {
  const key = keys.own(OWNER);
  const mark = (database: string) =>
    Buffer.from(
      `${database}\nThe database (its table database_identity) that the files of this store belong to.\n`,
    );
  const read = async () => {
    const text = (await objects.get(key))?.toString();
    if (text === undefined) return undefined;
    const id = text.split('\n', 1)[0]!.trim();
    if (UUID.test(id)) return id;
    throw new Failure(
      'upload_dir_damaged',
      `${key} in ${name} does not name a database; if the files there belong to the configured database, run: csvjobsd adopt-uploads`,
    );
  };
  return {
    read,
    async claim(database) {
      const owner = await read();
      if (owner !== undefined) return owner;
      await objects.put(key, mark(database), { free: true });
      return (await read()) ?? database;
    },
    async give(database) {
      await objects.put(key, mark(database));
    },
  };
}

/** The key's own name, for messages. */
export const OWNER_NAME = `.csvjobs-${OWNER}`;
