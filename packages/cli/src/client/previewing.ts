/** Previews a file: sends only its beginning, and receives how the daemon would store the first records. */
import type { Preview } from '@csvjobs/shared';
import { PREVIEW_BYTES, paths } from '@csvjobs/shared/paths';
import { EXIT } from '../exitCodes.js';
import { UserError } from '../userError.js';
import { parsed } from './answers.js';
import type { Connection } from './connection.js';
import { multipart, type UploadSource } from './uploadBody.js';
import type { LoadAs, ReadAs } from './uploading.js';

/** How to read the file, where it goes, and how many records to preview. */
export type PreviewAs = ReadAs & Pick<LoadAs, 'into' | 'spec'> & { rows: number };

/** Longer than the daemon's own limit for a preview, in ms. */
const PATIENCE = 90_000;

/** @throws UserError; the abort's reason when aborted */
export async function preview(
  connection: Connection,
  source: UploadSource,
  { spec, rows, ...how }: PreviewAs,
): Promise<Preview> {
  const { bytes, cut } = await beginningOf(source);
  const size = cut && source.size !== undefined ? { size: String(source.size) } : {};
  const query = new URLSearchParams({
    ...Object.fromEntries(Object.entries(how).filter(([, value]) => value !== undefined)),
    ...{ rows: String(rows), ...(cut && { cut: 'true' }), ...size },
  });
  const body = multipart({ ...source, size: bytes.length, open: () => once(bytes) }, spec);
  const headers = { 'content-type': body.contentType, 'content-length': String(body.contentLength) };
  const stream = body.stream(() => {});
  const answer = await connection
    .call(`${paths.preview}?${query}`, { method: 'POST', headers, body: stream, headersTimeout: PATIENCE })
    .catch((error: unknown) => {
      throw isOlder(error) ? olderDaemon(connection.url, error) : error;
    });
  return await parsed(connection, paths.preview, await connection.text(answer), 'previewSchema');
}

/** Returns the first bytes of a file and does not read the rest. */
async function beginningOf(source: UploadSource): Promise<{ bytes: Buffer; cut: boolean }> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of source.open()) {
    parts.push(part);
    length += part.length;
    if (length > PREVIEW_BYTES) break;
  }
  return { bytes: Buffer.concat(parts).subarray(0, PREVIEW_BYTES), cut: length > PREVIEW_BYTES };
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function isOlder(error: unknown): boolean {
  return error instanceof UserError && ['not_found', 'method_not_allowed'].includes(error.code);
}

function olderDaemon(url: URL, cause: unknown): UserError {
  return new UserError({
    code: 'daemon_too_old',
    exitCode: EXIT.usage,
    what: `The daemon at ${url.origin} does not support previews`,
    why: 'it is older than this command line',
    next: 'update the daemon; csvjobs check shows what would be rejected by the rules alone',
    cause,
  });
}
