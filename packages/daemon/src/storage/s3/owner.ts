/**
 * Whose store this is: an object that names the database, by the same rules as for a folder
 * (docs/decisions/0014-whose-folder.md).
 */
import { randomUUID } from 'node:crypto';
import { Failure } from '../../failure.js';
import type { Keys } from './keys.js';
import type { Objects } from './objects.js';

const OWNER = 'owner';
const IDENTITY = 'store';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface Ownership {
  /** @throws {Failure} `upload_dir_damaged`, `unavailable` */
  read(): Promise<string | undefined>;
  claim(database: string): Promise<string>;
  give(database: string): Promise<void>;
  /** Returns the store's own id, and creates it if needed. @throws {Failure} `unavailable` */
  identity(): Promise<string>;
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
    async identity() {
      const place = keys.own(IDENTITY);
      const own = async () => /^\S+/.exec((await objects.get(place))?.toString() ?? '')?.[0];
      const there = await own();
      if (there !== undefined && UUID.test(there)) return there;
      const made = randomUUID();
      const text = `${made}\nThe id of this store, by which hosts know that they share it.\n`;
      await objects.put(place, Buffer.from(text), { free: true });
      return (await own()) ?? made;
    },
    async give(database) {
      await objects.put(key, mark(database));
    },
  };
}

/** The key's own name, for messages. */
export const OWNER_NAME = `.csvjobs-${OWNER}`;
