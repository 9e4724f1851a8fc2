/**
 * The store in a bucket: one object per job, under a prefix. The working files of a job's run are in a folder
 * of this machine.
 */
import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Failure } from '../../failure.js';
import { fileMissing } from '../readFailures.js';
import type { Store } from '../store.js';
import { unavailable } from '../unavailable.js';
import type { UploadBucket } from '../uploadBucket.js';
import { createWorkingFiles } from '../workingFiles.js';
import { CHECK_ATTEMPTS, openBucket } from './bucket.js';
import { continued } from './chunks.js';
import { explainedS3 } from './failures.js';
import { keysUnder } from './keys.js';
import { listingOf } from './listing.js';
import { multipartOf } from './multipart.js';
import { type Objects, objectsOf } from './objects.js';
import { OWNER_NAME, type Ownership, ownershipOf } from './owner.js';
import { createS3Pieces } from './pieces.js';
import { receiveObject } from './receive.js';
import { noSuchObject, shareObject } from './share.js';

export interface S3StoreOptions extends UploadBucket {
  /** The folder of the working files, created if it does not exist. */
  workingFolder: string;
  /** How long a server may take to store an object that several daemons write at once, in ms; 1,000 by default. */
  settleMs?: number | undefined;
}

/** How long a store that was writable counts as healthy: each check writes an object. */
const WELL_MS = 30_000;

/**
 * Opens a store in an existing bucket.
 * @throws errors of the file system, and of the SDK without a region
 */
export async function openS3Store({
  workingFolder,
  settleMs,
  sse,
  kmsKeyId,
  ...place
}: S3StoreOptions): Promise<Store> {
  await mkdir(workingFolder, { recursive: true, mode: 0o700 });
  const [bucket, checkedBucket] = await Promise.all([
    openBucket(place),
    openBucket(place, CHECK_ATTEMPTS),
  ]).catch((error) => {
    throw explainedS3(error);
  });
  const objects = objectsOf(bucket, { sse, kmsKeyId });
  const multipart = multipartOf(objects);
  const keys = keysUnder(place.prefix);
  const name = `s3://${place.bucket}/${place.prefix}`;
  const working = createWorkingFiles(workingFolder);
  const ownership = ownershipOf(objects, keys, name, settleMs);
  /** The owner of the store when it was claimed; it must not change while this process runs. */
  let claimedFor: string | undefined;
  let wellUntil = 0;

  const presentBy = async ({ read }: Pick<Ownership, 'read'>) => {
    const owner = await read();
    if (claimedFor === undefined || owner === claimedFor) return;
    throw unavailable(
      owner === undefined
        ? `the upload store is not the one that was claimed (it has no ${OWNER_NAME}); restore the bucket, or restart the daemon if you replaced it`
        : 'the upload store belongs to another database now; give this daemon a prefix of its own with UPLOAD_STORE',
    );
  };
  const writableBy = async (through: Objects, owner: Pick<Ownership, 'read'>) => {
    await presentBy(owner);
    if (performance.now() < wellUntil) return;
    await through.put(keys.own('written'), Buffer.from(`${new Date().toISOString()}\n`));
    wellUntil = performance.now() + WELL_MS;
  };
  const present = () => presentBy(ownership);
  const checked = objectsOf(checkedBucket, { sse, kmsKeyId });
  const checkedOwnership = ownershipOf(checked, keys, name, settleMs);
  const pieces = createS3Pieces({ objects, multipart, keys, present });
  const listing = listingOf({ objects, multipart, discardPieces: pieces.discard }, keys);
  /** @throws ENOENT */
  const factsOf = async (id: string) => {
    const facts = await objects.head(keys.file(id));
    if (!facts) throw noSuchObject(keys.file(id));
    return facts;
  };
  async function* bytesOf(id: string, offset: number): AsyncGenerator<Uint8Array> {
    const facts = await factsOf(id);
    yield* continued(objects, { bucket: place.bucket, key: keys.file(id), ...facts }, offset);
  }

  return {
    ...working,
    name,
    owner: ownership.read,
    claim: async (database) => {
      const owner = await ownership.claim(database);
      claimedFor ??= owner;
      return owner;
    },
    identity: ownership.identity,
    give: async (database) => {
      await ownership.give(database);
      claimedFor = database;
    },
    present,
    writable: () => writableBy(objects, ownership),
    health: async () => {
      await writableBy(checked, checkedOwnership);
      return `${name} can be read and written`;
    },
    freeBytes: async () => undefined,
    explain: async (failure) => {
      if (failure.code !== 'file_missing') return failure;
      return present().then(
        () => failure,
        (error: Failure) => error,
      );
    },
    receive: async (id, stream, options) => {
      const key = keys.file(id);
      await present();
      return receiveObject({ objects, multipart }, key, stream, options);
    },
    pieces,
    source: async (id) => {
      const key = keys.file(id);
      const facts = await objects.head(key);
      if (!facts) throw fileMissing(`s3://${place.bucket}/${key}`, noSuchObject(key));
      const { bucket, endpoint } = place;
      return { kind: 's3', bucket, key, endpoint, etag: facts.etag, size: facts.size };
    },
    open: (id, offset = 0) => {
      keys.file(id);
      return Readable.from(bytesOf(id, offset), { objectMode: false });
    },
    stat: async (id) => {
      const { size, mtimeMs } = await factsOf(id);
      return { sizeBytes: size, mtimeMs };
    },
    head: async (id, bytes) => {
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const piece of bytesOf(id, 0)) {
        parts.push(piece.subarray(0, bytes - length));
        length += piece.length;
        if (length >= bytes) break;
      }
      return Buffer.concat(parts);
    },
    share: async (id, other) => {
      const [from, to] = [keys.file(id), keys.file(other)];
      await present();
      await shareObject({ objects, multipart }, from, to);
    },
    remove: async (id) => {
      await objects.remove(keys.file(id));
      await working.forgetEmails(id);
    },
    list: listing.files,
    parts: listing.parts,
    removePart: listing.removePart,
    readNote: async (note) => {
      try {
        return JSON.parse((await objects.get(keys.own(`${note}.json`)))!.toString());
      } catch {
        return undefined;
      }
    },
    writeNote: async (note, value) => {
      await objects.put(keys.own(`${note}.json`), Buffer.from(JSON.stringify(value))).catch(() => {});
    },
  };
}
