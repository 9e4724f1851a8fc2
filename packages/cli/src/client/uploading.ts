/** Uploads one file: sends it again if the connection breaks, and never creates two jobs. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Uploaded } from '@csvjobs/shared';
import { paths } from '@csvjobs/shared/paths';
import { EXIT } from '../exitCodes.js';
import { UserError } from '../userError.js';
import { parsed } from './answers.js';
import type { Connection } from './connection.js';
import { isBroken, retryWait } from './tryAgain.js';
import { fileChanged, multipart, type UploadSource } from './uploadBody.js';
import { isUploaded } from './uploadedShape.js';
import type { LoadAs, ReadAs, UploadEvents } from './uploadHow.js';

export type { LoadAs, ReadAs, UploadEvents } from './uploadHow.js';

/** Total attempts at an upload; the Idempotency-Key makes them one job. */
const UPLOAD_TRIES = 3;

/** Larger files go in pieces from the start; up to this size, sending again is quick enough. */
const LARGE_BYTES = 16 * 1024 * 1024;

/**
 * Uploads a file and returns the daemon's answer. If the connection breaks or the daemon is not taking work at the
 * moment (429, 503), retries with the same Idempotency-Key, so that no file becomes two jobs. Large files, and files
 * whose connection broke, go in pieces if the daemon supports that.
 * @throws UserError; the abort's reason when aborted
 */
export async function upload(
  connection: Connection,
  source: UploadSource,
  how: ReadAs & LoadAs = {},
  events: UploadEvents = {},
): Promise<Uploaded> {
  const { onSent, onRetry } = events;
  const key = randomUUID();
  // Pieces can only be read from a file on this machine.
  let inPieces = source.repeatable && !source.remote;
  const tryPieces = async () => {
    const { uploadPieces } = await import('./pieces/uploadPieces.js');
    const uploaded = await uploadPieces(connection, source, how, key, events);
    inPieces = uploaded !== undefined;
    return uploaded;
  };
  if (inPieces && (source.size ?? 0) > LARGE_BYTES) {
    const uploaded = await tryPieces();
    if (uploaded) return uploaded;
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await uploadOnce(connection, source, how, key, onSent ?? (() => {}));
    } catch (error) {
      if (isOlder(error, how)) throw olderDaemon(connection.url, error);
      const wait = retryWait(error, attempt);
      if (wait === undefined || attempt >= UPLOAD_TRIES || !source.repeatable) throw error;
      onRetry?.(error instanceof UserError ? (error.why ?? error.message) : String(error));
      await sleep(wait, undefined, { signal: connection.signal }).catch(() => {
        throw connection.signal.reason;
      });
      const uploaded = inPieces && isBroken(error) ? await tryPieces() : undefined;
      if (uploaded) return uploaded;
    }
  }
}

async function uploadOnce(
  connection: Connection,
  source: UploadSource,
  { spec, once, ...how }: ReadAs & LoadAs,
  key: string,
  onSent: (bytes: number) => void,
): Promise<Uploaded> {
  // With a table or a job but no spec, sends an empty spec: a daemon that knows neither refuses the spec, but would
  // overlook the table or job.
  if (source.inPlace) return nameSource(connection, source.file, { spec, once, ...how }, key);
  const body = multipart(
    source,
    spec ?? ((how.into ?? how.fixes) === undefined ? undefined : new Uint8Array()),
  );
  const headers: Record<string, string> = { 'content-type': body.contentType, 'idempotency-key': key };
  if (body.contentLength !== undefined) headers['content-length'] = String(body.contentLength);
  try {
    const answer = await connection.call(
      paths.upload + queryOf({ ...how, once: once ? 'true' : undefined }),
      {
        method: 'POST',
        headers,
        body: body.stream(onSent),
        // Starts at the last byte sent: the daemon may have to sync a large file to its disk.
        headersTimeout: 300_000,
      },
    );
    const text = await connection.text(answer);
    return await parsed(connection, paths.upload, text, 'uploadedSchema', isUploaded);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH')
      throw fileChanged(source.file, error);
    throw error;
  }
}

/** Makes an upload that names its file; the body is the spec, if there is one. */
async function nameSource(
  connection: Connection,
  source: string,
  { spec, once, ...how }: ReadAs & LoadAs,
  key: string,
): Promise<Uploaded> {
  const headers = { 'content-type': 'application/octet-stream', 'idempotency-key': key };
  const query = queryOf({ ...how, once: once ? 'true' : undefined, source });
  const body = spec && spec.length > 0 ? { body: whole(Buffer.from(spec)) } : {};
  const answer = await connection.call(paths.upload + query, { method: 'POST', headers, ...body });
  return await parsed(connection, paths.upload, await connection.text(answer), 'uploadedSchema', isUploaded);
}

async function* whole(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** A daemon that is too old to know tables mistakes the spec for a file in the wrong field. */
function isOlder(error: unknown, { into, fixes, spec }: LoadAs): boolean {
  return (
    (into ?? fixes ?? spec) !== undefined && error instanceof UserError && error.code === 'field_name_wrong'
  );
}

function olderDaemon(url: URL, cause: unknown): UserError {
  return new UserError({
    code: 'daemon_too_old',
    exitCode: EXIT.usage,
    what: `The daemon at ${url.origin} loads only into customers`,
    why: 'it is older than this command line, and supports neither tables nor specs; nothing was loaded',
    next: 'update the daemon, then upload the file again',
    cause,
  });
}

function queryOf(how: Record<string, string | undefined>): string {
  const said = Object.entries(how).filter(([, value]) => value !== undefined) as [string, string][];
  return said.length === 0 ? '' : `?${new URLSearchParams(said)}`;
}
