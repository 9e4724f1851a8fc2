/** Opens the store that the configuration selects. */

import { openFolderStore } from './folder/folderStore.js';
import type { Store } from './store.js';
import type { UploadBucket } from './uploadBucket.js';

export interface StoreChoice {
  /** The folder, if no bucket is configured. */
  uploadDir: string;
  uploadBucket?: UploadBucket | undefined;
  /** For working files, if the store is not a folder. */
  workingFolder: string;
}

/** Does not ask a bucket yet. @throws {Failure} `upload_dir_unusable`; errors of the SDK without a region */
export async function openStore({ uploadDir, uploadBucket, workingFolder }: StoreChoice): Promise<Store> {
  if (!uploadBucket) return openFolderStore(uploadDir);
  const { openS3Store } = await import('./s3/s3Store.js');
  return openS3Store({ ...uploadBucket, workingFolder });
}
