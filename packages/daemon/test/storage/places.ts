/** The stores for the behaviour suite, each with what a test does to it from outside. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderStore } from '../../src/storage/folder/folderStore.js';
import { openS3Store } from '../../src/storage/s3/s3Store.js';
import type { Store } from '../../src/storage/store.js';
import type { WriterTask } from './writer.mjs';

export interface Place {
  /** A store as opened by a process; each call is another process's. */
  open(): Promise<Store>;
  /** The same for a process that will be killed. */
  writer: Pick<WriterTask, 'store'>;
  /** Everything in the store, of finished and unfinished uploads; without the owner mark and notes. */
  everything(): Promise<string[]>;
  /** Replaces the bytes of a file, as only a person would. */
  replace(id: string, bytes: Uint8Array): Promise<void>;
  /** Whether there is room for a file of more than 5 GiB. */
  large: boolean;
  remove(): Promise<void>;
}

export async function folderPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-store-'));
  return {
    open: () => openFolderStore(folder),
    writer: { store: { kind: 'folder', folder } },
    large: true,
    async everything() {
      const names = [...(await readdir(folder)), ...(await readdir(join(folder, 'incoming')))];
      return names.filter((name) => name !== 'incoming' && !name.startsWith('.csvjobs-'));
    },
    async replace(id, bytes) {
      await writeFile(join(folder, `${id}.new`), bytes);
      await rename(join(folder, `${id}.new`), join(folder, id));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Its own prefix in a bucket. */
export async function s3Place(
  endpoint: string,
  bucket: string,
  {
    keys,
    put,
    large,
    settleMs,
  }: Pick<Place, 'large'> & {
    settleMs?: number | undefined;
    keys(): Promise<string[]>;
    put(key: string, bytes: Uint8Array): Promise<void>;
  },
): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-working-'));
  const prefix = `${randomUUID()}/`;
  const options = { bucket, prefix, endpoint, workingFolder: join(folder, 'working'), settleMs };
  return {
    open: () => openS3Store(options),
    writer: { store: { kind: 's3', options } },
    large,
    async everything() {
      const names = (await keys())
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length));
      return names.filter((name) => !name.startsWith('.csvjobs-'));
    },
    replace: (id, bytes) => put(`${prefix}${id}`, bytes),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
