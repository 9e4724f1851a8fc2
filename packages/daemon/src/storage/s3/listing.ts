/** The files of a store in S3, and the remains of unfinished uploads. */
import type { StoredFile } from '../store.js';
import type { Keys } from './keys.js';
import type { Multipart } from './multipart.js';
import type { Objects } from './objects.js';

export interface Listing {
  files(): Promise<StoredFile[]>;
  parts(): Promise<StoredFile[]>;
  removePart(id: string): Promise<void>;
}

export function listingOf(
  {
    objects,
    multipart,
    discardPieces,
  }: { objects: Objects; multipart: Multipart; discardPieces(id: string): Promise<void> },
  keys: Keys,
): Listing {
  return {
    async files() {
      // The uncommitted ones first: a file that is committed in between is listed, one that is completed is
      // not.
      const uncommitted = (await objects.list(keys.incoming)).filter(({ key }) => keys.isUpload(key));
      const hidden = new Set(uncommitted.map(({ key }) => keys.idIn(key)));
      const stored = await objects.list(keys.files);
      return stored.flatMap(({ key, mtimeMs }) => {
        const id = keys.idIn(key);
        return id === undefined || hidden.has(id) ? [] : [{ id, mtimeMs }];
      });
    },

    /** Each upload once, with the time of the last byte that the store has of it. */
    async parts() {
      const found = new Map<string, number>();
      const add = (id: string | undefined, mtimeMs: number) => {
        if (id !== undefined) found.set(id, Math.max(mtimeMs, found.get(id) ?? 0));
      };
      for (const { key, mtimeMs } of await objects.list(keys.incoming)) add(keys.idIn(key), mtimeMs);
      for (const { key, uploadId, startedMs } of await multipart.unfinished(keys.files)) {
        const id = keys.idIn(key);
        if (id === undefined || key !== keys.file(id)) continue;
        const parts = (await multipart.parts(key, uploadId)) ?? [];
        add(
          id,
          parts.reduce((last, { mtimeMs }) => Math.max(last, mtimeMs), startedMs),
        );
      }
      return [...found].map(([id, mtimeMs]) => ({ id, mtimeMs }));
    },

    async removePart(id) {
      const key = keys.file(id);
      await discardPieces(id);
      for (const upload of await multipart.unfinished(key))
        if (upload.key === key) await multipart.abort(key, upload.uploadId);
    },
  };
}
