/** Where files are, and how large they may be. */

import { z } from 'zod';
import { parseSourceBuckets } from '../sources/sourceBuckets.js';
import { s3Address } from '../storage/s3/address.js';
import { bytes, MiB, milliseconds, period, text } from './kinds.js';

export const FILES = {
  DATA_DIR: text
    .optional()
    .describe(
      'Folder of the private servers and, without UPLOAD_DIR, of the uploads; the XDG data folder by default',
    ),
  UPLOAD_DIR: text
    .optional()
    .describe('CSV upload folder; DATA_DIR/uploads by default, /app/uploads in the containers'),
  UPLOAD_STORE: text
    .refine(
      (address) => s3Address(address) !== undefined,
      'must be a bucket and where in it, as in s3://bucket/csvjobs',
    )
    .optional()
    .describe(
      'Bucket for the uploads in place of UPLOAD_DIR, as s3://bucket/prefix; credentials and region are those of the AWS SDK (AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_REGION, roles)',
    ),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Server of the bucket where it is not Amazon’s; it is asked by paths (http://minio:9000)'),
  S3_SSE: z
    .enum(['AES256', 'aws:kms', 'aws:kms:dsse'])
    .optional()
    .describe('How the bucket is to encrypt uploads; by its own settings by default'),
  S3_SSE_KMS_KEY_ID: text.optional().describe('Key of KMS to encrypt uploads with; needs S3_SSE=aws:kms'),
  SOURCE_BUCKETS: text
    .superRefine((list, issues) => {
      try {
        parseSourceBuckets(list);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        issues.addIssue({ code: 'custom', message: error.message });
      }
    })
    .optional()
    .describe(
      'Buckets whose objects may be loaded where they are (csvjobs upload s3://bucket/key), separated by commas: bucket, or bucket/prefix/*; none by default. Whoever may upload can then load what the credentials of the daemon may read there',
    ),
  MAX_UPLOAD_BYTES: bytes.default(100 * 1024 * MiB).describe('Largest upload, in bytes'),
  MAX_DECODED_BYTES: bytes
    .optional()
    .describe(
      'Largest size of a compressed upload once it is decompressed, in bytes; by default it may hold as much as a file that is not compressed',
    ),
  MAX_RECORD_BYTES: bytes
    .default(MiB)
    .describe('Largest record of a file, in bytes; longer ones are rejected'),
  UPLOAD_IDLE_TIMEOUT: milliseconds
    .default(30_000)
    .describe('An upload that sends nothing for this long is ended, in ms'),
  UPLOAD_EXPIRY: period
    .prefault('24h')
    .describe('How long a resumable upload that is not whole is kept after its last byte'),
  ORPHAN_AGE: milliseconds
    .default(3_600_000)
    .describe('Age from which on a file that no job has is removed, in ms; longer than any upload is silent'),
};
