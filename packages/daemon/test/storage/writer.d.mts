import type { S3StoreOptions } from '../../src/storage/s3/s3Store.js';

export interface WriterTask {
  store: { kind: 'folder'; folder: string } | { kind: 's3'; options: S3StoreOptions };
  id: string;
  how: 'receive' | 'append';
  /** The offset of what is appended. */
  from?: number;
  bytes: number;
}
