/** The upload of one file: sent again where the connection broke, and never made two jobs. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from '@csvjobs/shared/paths';
import { UserError } from '../userError.js';
import { parsed } from './answers.js';
import type { Connection } from './connection.js';
import { networkCode } from './networkError.js';
import { fileChanged, multipart, type UploadSource } from './uploadBody.js';

/** A broken upload is tried this often in all; the Idempotency-Key makes one job of them. */
const UPLOAD_TRIES = 3;

/** Longest wait that a Retry-After is obeyed for, milliseconds. */
const LONGEST_WAIT = 10_000;

/** How a file is to be read, where the daemon is not to find out by itself. */
export interface ReadAs {
  encoding?: string | undefined;
  delimiter?: string | undefined;
}

export interface UploadEvents {
  /** Bytes of the file that the socket has taken in this try. */
  onSent?: (bytes: number) => void;
  onRetry?: (reason: string) => void;
}

/**
 * Uploads a file and returns its job's id. A connection that breaks, or a daemon that takes no work for the moment
 * (429, 503), is tried again with the same Idempotency-Key, so that no file becomes two jobs.
 * @throws UserError; the abort's reason when aborted
 */
export async function upload(
  connection: Connection,
  source: UploadSource,
  readAs: ReadAs = {},
  { onSent, onRetry }: UploadEvents = {},
): Promise<string> {
  const key = randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await uploadOnce(connection, source, readAs, key, onSent ?? (() => {}));
    } catch (error) {
      const wait = retryWait(error, attempt);
      if (wait === undefined || attempt >= UPLOAD_TRIES || !source.repeatable) throw error;
      onRetry?.(error instanceof UserError ? (error.why ?? error.message) : String(error));
      await sleep(wait, undefined, { signal: connection.signal }).catch(() => {
        throw connection.signal.reason;
      });
    }
  }
}

async function uploadOnce(
  connection: Connection,
  source: UploadSource,
  readAs: ReadAs,
  key: string,
  onSent: (bytes: number) => void,
): Promise<string> {
  const body = multipart(source);
  const headers: Record<string, string> = { 'content-type': body.contentType, 'idempotency-key': key };
  if (body.contentLength !== undefined) headers['content-length'] = String(body.contentLength);
  try {
    const answer = await connection.call(paths.upload + queryOf(readAs), {
      method: 'POST',
      headers,
      body: body.stream(onSent),
      // Counted from the last byte taken: the daemon may have a large file to sync to its disk.
      headersTimeout: 300_000,
    });
    const text = await connection.text(answer);
    return (await parsed(connection, paths.upload, text, 'uploadedSchema')).jobId;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH')
      throw fileChanged(source.file, error);
    throw error;
  }
}

/** Milliseconds to wait before an upload is tried again; undefined when trying again is of no use. */
function retryWait(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof UserError)) return undefined;
  if (['too_many_requests', 'too_many_uploads', 'queue_full', 'unavailable'].includes(error.code)) {
    const { retryAfter } = error as UserError & { retryAfter?: number };
    return Math.min(retryAfter ?? attempt * 1000, LONGEST_WAIT);
  }
  const network = error.code === 'daemon_unreachable' ? networkCode(error.cause) : undefined;
  // Nothing listened at the first try: a person is told at once. Later it may be a restart.
  if (network === undefined || (attempt === 1 && network === 'ECONNREFUSED') || network === 'ENOTFOUND')
    return undefined;
  return attempt * 500;
}

function queryOf(readAs: ReadAs): string {
  const said = Object.entries(readAs).filter(([, value]) => value !== undefined) as [string, string][];
  return said.length === 0 ? '' : `?${new URLSearchParams(said)}`;
}
