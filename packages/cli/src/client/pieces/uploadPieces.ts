/**
 * Uploads in pieces, which continue after breaks, in this process or the next
 * (docs/decisions/0047-resumable-uploads.md).
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Uploaded } from '@csvjobs/shared';
import { UserError } from '../../userError.js';
import type { Connection } from '../connection.js';
import { fileChanged, type UploadSource } from '../uploadBody.js';
import type { LoadAs, ReadAs, UploadEvents } from '../uploadHow.js';
import { type OpenFile, openFile } from './openFile.js';
import { continuable, isPassing, isUnjudged, patienceOf, pause, waitFor } from './passing.js';
import { pieceSize } from './pieceSize.js';
import { type Records, resumeRecords } from './record.js';
import {
  askForTurn,
  type Begun,
  createUpload,
  endUpload,
  lookAtUpload,
  metadataFor,
  sendPiece,
} from './tus.js';

/** If a file changes while it is sent, the upload restarts once; if it changes again, something is still writing it. */
const TRIES_OF_CHANGED = 2;

/**
 * Uploads a file in pieces. Returns undefined if the daemon is too old for it or the spec is too long for a header.
 * @param key the Idempotency-Key, unless an earlier run started the upload
 * @throws UserError; the abort's reason when aborted
 */
export async function uploadPieces(
  connection: Connection,
  source: UploadSource,
  how: ReadAs & LoadAs,
  key: string,
  events: UploadEvents,
): Promise<Uploaded | undefined> {
  const metadata = metadataFor(source.filename, how);
  if (metadata === undefined) return undefined;
  for (let left = TRIES_OF_CHANGED; ; left -= 1) {
    const file = await openFile(source.file);
    try {
      return await uploadFile(connection, file, { metadata, key, source, how, events });
    } catch (error) {
      if (!(error instanceof FileChanged)) throw error;
      if (left === 1) throw fileChanged(source.file, error, 'changed');
      events.onRetry?.('the file has changed');
    } finally {
      await file.close();
    }
  }
}

interface Sent {
  metadata: string;
  key: string;
  source: UploadSource;
  how: ReadAs & LoadAs;
  events: UploadEvents;
}

async function uploadFile(
  connection: Connection,
  file: OpenFile,
  { metadata, key, source, how, events }: Sent,
): Promise<Uploaded | undefined> {
  const { spec, ...said } = how;
  const hash = spec ? createHash('sha256').update(spec).digest('hex') : null;
  const records = resumeRecords([connection.url.href, file.path, source.filename, said, hash]);
  const { identity } = file;
  const begun = await patiently(connection, events, () => continued(connection, file, records));
  const upload =
    begun ??
    (await patiently(connection, events, () =>
      createUpload(connection, { length: identity.size, metadata, key }),
    ));
  if (upload === undefined) return undefined;
  events.onKept?.();
  if (!begun) records.note({ upload: upload.path, key, file: identity });
  else if (begun.offset < identity.size) events.onContinue?.(begun.offset);
  try {
    const uploaded = await send(connection, file, upload, events);
    records.remove();
    return uploaded;
  } catch (error) {
    if (connection.signal.aborted) throw error;
    if (error instanceof UserError && isPassing(error)) throw continuable(error);
    if (error instanceof UserError && isUnjudged(error)) throw error;
    records.remove();
    if (!(error instanceof UserError)) await endUpload(connection, upload.path);
    throw error;
  }
}

/** Finds an upload of the same file that an earlier process started, if the daemon still has it. */
async function continued(
  connection: Connection,
  { identity }: OpenFile,
  records: Records,
): Promise<Begun | undefined> {
  const record = records.find();
  if (!record) return undefined;
  if (!isDeepStrictEqual(record.file, identity)) {
    await endUpload(connection, record.upload);
    return undefined;
  }
  try {
    const { offset } = await lookAtUpload(connection, record.upload);
    records.note(record);
    return { path: record.upload, offset };
  } catch (error) {
    if (!(error instanceof UserError) || isPassing(error) || isUnjudged(error)) throw error;
    // It has expired, was refused, or belongs to another token: start a new upload.
    records.remove();
    return undefined;
  }
}

/** Repeats a request before the first byte while the daemon is not taking it. @throws UserError */
async function patiently<T>(
  connection: Connection,
  { onRetry }: UploadEvents,
  request: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof UserError) || !isPassing(error, attempt)) throw error;
      if (performance.now() - started > patienceOf(connection)) throw error;
      onRetry?.(error.why ?? error.message);
      await pause(connection, waitFor(error, attempt));
    }
  }
}

/** Sends what the daemon does not have yet, until it names the job. @throws {FileChanged} */
async function send(
  connection: Connection,
  file: OpenFile,
  { path, ...begun }: Begun,
  { onSent, onRetry }: UploadEvents,
): Promise<Uploaded> {
  const { size: length } = file.identity;
  const piece = pieceSize();
  let offset: number | undefined = begun.offset;
  let acknowledged = begun.offset;
  let heard = performance.now();
  // Another request may still hold the upload, or have died with its daemon. Bytes sent now would be refused.
  let isOurTurn = begun.offset === 0;
  for (let breaks = 1; ; breaks += 1) {
    try {
      for (;;) {
        if (offset === undefined || offset === length) {
          const found = await lookAtUpload(connection, path);
          if (found.uploaded) return found.uploaded;
          offset = found.offset;
        }
        if (offset > acknowledged) [acknowledged, heard, breaks] = [offset, performance.now(), 0];
        onSent?.(offset);
        if (!isOurTurn) await askForTurn(connection, path, offset);
        isOurTurn = true;
        const bytes = Math.min(piece.bytes, length - offset);
        const started = performance.now();
        offset = await sendUnchanged(connection, file, path, { offset, bytes });
        piece.took(performance.now() - started);
      }
    } catch (error) {
      const isOver = performance.now() - heard > patienceOf(connection);
      if (!(error instanceof UserError) || !isPassing(error) || isOver) throw error;
      isOurTurn = false;
      piece.broke();
      onRetry?.(error.why ?? error.message, acknowledged);
      offset = undefined;
      // Never a first attempt: if nothing listens, the daemon may be restarting.
      await pause(connection, waitFor(error, breaks + 1));
    }
  }
}

async function sendUnchanged(
  connection: Connection,
  file: OpenFile,
  path: string,
  { offset, bytes }: { offset: number; bytes: number },
): Promise<number> {
  if (await file.changed()) throw new FileChanged();
  try {
    return await sendPiece(connection, path, { offset, bytes, body: file.read(offset, bytes) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH' ? new FileChanged('', { cause: error }) : error;
  }
}

/** The file has changed since its first piece was sent, so what was sent is useless. */
class FileChanged extends Error {}
