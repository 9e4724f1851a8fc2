/** Where files are, and how large they may be. */

import { z } from 'zod';
import { parseSourceBuckets } from '../sources/sourceBuckets.js';
import { s3Address } from '../storage/s3/address.js';
import { bytes, MiB, milliseconds, period, text } from './kinds.js';

export const FILES = {
  DATA_DIR: text
    .optional()
    .describe(
      'Folder of the private servers and, without UPLOAD_DIR, of the uploads; by default the XDG data folder',
    ),
  UPLOAD_DIR: text
    .optional()
    .describe('Folder of the uploads; by default DATA_DIR/uploads, /app/uploads in the containers'),
  UPLOAD_STORE: text
    .refine(
      (address) => s3Address(address) !== undefined,
      'must be a bucket and a prefix, such as s3://bucket/csvjobs',
    )
    .optional()
    .describe(
      'Bucket for the uploads instead of UPLOAD_DIR: s3://bucket/prefix; credentials and region come from the usual sources of the AWS SDK (AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_REGION, roles)',
    ),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Server of the bucket, if it is not Amazon’s (http://minio:9000); requests use path-style addresses',
    ),
  S3_SSE: z
    .enum(['AES256', 'aws:kms', 'aws:kms:dsse'])
    .optional()
    .describe('How the bucket encrypts uploads; by default as it is configured'),
  S3_SSE_KMS_KEY_ID: text.optional().describe('KMS key that encrypts uploads; needs S3_SSE=aws:kms'),
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
      "Buckets whose objects may be loaded in place (csvjobs upload s3://bucket/key), separated by commas: bucket, or bucket/prefix/*; by default none. Everyone who may upload can then load what the daemon's credentials can read there",
    ),
  MAX_UPLOAD_BYTES: bytes.default(100 * 1024 * MiB).describe('Maximum size of an upload, in bytes'),
  MAX_DECODED_BYTES: bytes
    .optional()
    .describe(
      'Maximum decompressed size of a compressed upload, in bytes; by default the same as for other files',
    ),
  MAX_RECORD_BYTES: bytes
    .default(MiB)
    .describe('Maximum size of a record, in bytes; longer ones are rejected'),
  UPLOAD_IDLE_TIMEOUT: milliseconds
    .default(30_000)
    .describe('Time after which an upload that sends nothing is aborted, in ms'),
  UPLOAD_EXPIRY: period
    .prefault('24h')
    .describe('How long an incomplete resumable upload is kept after its last byte'),
  ORPHAN_AGE: milliseconds
    .default(3_600_000)
    .describe(
      'Age at which a file without a job is removed, in ms; must be longer than any pause of an upload',
    ),
};
