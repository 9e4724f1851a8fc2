/**
 * Whose store this is: an object that names the database, by the same rules as for a folder
 * (docs/decisions/0014-whose-folder.md).
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
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

/**
 * How long a server may take to store an object that several daemons write at once, in ms. S3 lets only one of them write
 * (`If-None-Match`). OpenStack Swift checks that condition before it stores the object, so two may pass the check, and
 * the last write remains.
 */
const SETTLE_MS = 1_000;

/** @param settleMs how long to wait before a new object is read back */
export function ownershipOf(objects: Objects, keys: Keys, name: string, settleMs = SETTLE_MS): Ownership {
  const key = keys.own(OWNER);
  /** Writes an object unless there is one, and waits until no concurrent writer can replace it. */
  const putNew = async (place: string, bytes: Buffer) => {
    await objects.put(place, bytes, { free: true });
    await setTimeout(settleMs);
  };
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
      await putNew(key, mark(database));
      return (await read()) ?? database;
    },
    async identity() {
      const place = keys.own(IDENTITY);
      const own = async () => /^\S+/.exec((await objects.get(place))?.toString() ?? '')?.[0];
      const there = await own();
      if (there !== undefined && UUID.test(there)) return there;
      const made = randomUUID();
      const text = `${made}\nThe id of this store, by which hosts know that they share it.\n`;
      await putNew(place, Buffer.from(text));
      return (await own()) ?? made;
    },
    async give(database) {
      await objects.put(key, mark(database));
    },
  };
}

/** The key's own name, for messages. */
export const OWNER_NAME = `.csvjobs-${OWNER}`;
