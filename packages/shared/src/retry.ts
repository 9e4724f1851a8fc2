/** When a retry can help. Without zod, and by itself at `@csvjobs/shared/retry`, as paths.ts is. */

/**
 * Codes of failures that depend on nothing but the bytes of the stored file and what was said about it at the upload.
 * A retry reads the same bytes in the same way, so only another upload helps. Not among them: `decompressed_too_large`
 * (MAX_DECODED_BYTES can be raised), `zstd_unsupported` (Node.js can be updated), `file_missing` (the file can be put
 * back).
 */
const OF_THE_FILE: ReadonlySet<string> = new Set([
  'file_empty',
  'file_not_text',
  'file_invalid',
  'encoding_unknown',
  'encoding_conflict',
  'encoding_undetermined',
  'delimiter_unknown',
  'header_invalid',
  'gzip_damaged',
  'zstd_damaged',
]);

/** Whether a job that failed with this code may succeed when it is retried as it is. True for unknown codes. */
export function retryCanHelp(code: string | undefined): boolean {
  return code === undefined || !OF_THE_FILE.has(code);
}
