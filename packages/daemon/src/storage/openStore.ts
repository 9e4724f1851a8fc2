/** Which store the configuration asks for. */

import { openFolderStore } from './folder/folderStore.js';
import type { Store } from './store.js';
import type { UploadBucket } from './uploadBucket.js';

export interface StoreChoice {
  /** The folder, where there is no bucket. */
  uploadDir: string;
  uploadBucket?: UploadBucket | undefined;
  /** For working files, where the store is no folder. */
  workingFolder: string;
}

/** @throws {Failure} `upload_dir_unusable`, `unavailable` (retryable) */
export async function openStore({ uploadDir, uploadBucket, workingFolder }: StoreChoice): Promise<Store> {
  if (!uploadBucket) return openFolderStore(uploadDir);
  const { openS3Store } = await import('./s3/s3Store.js');
  return openS3Store({ ...uploadBucket, workingFolder });
}
