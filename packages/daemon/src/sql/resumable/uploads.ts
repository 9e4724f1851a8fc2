/** Uploads that arrive in pieces: their state until they expire (docs/decisions/0047-resumable-uploads.md). */
import type { ProblemCode, Uploaded } from '@csvjobs/shared';
import type { Db } from '../pool.js';

/** What a client says about an upload (tus, Upload-Metadata): each value is text or null. */
export type UploadMetadata = Record<string, string | null>;

/** Why a complete file was refused. */
export interface Refusal {
  code: ProblemCode;
  detail: string;
  options?: string[];
}

export interface NewUpload {
  id: string;
  /** Who may see and continue it: the caller's name. */
  owner: string;
  /** Size of the complete file, in bytes. */
  length: number;
  metadata: UploadMetadata;
  idempotencyKey: string | null;
}

export interface UploadRow extends NewUpload {
  /** The first bytes, while there are too few to judge the file by. */
  head: Buffer | null;
  createdAt: Date;
  expiresAt: Date;
  /** The job that it has become. */
  taken: Uploaded | null;
  refused: Refusal | null;
}

const COLUMNS = `id, owner, length, metadata, idempotency_key as "idempotencyKey", head, created_at as "createdAt",
  expires_at as "expiresAt", taken, refused`;

/** @param expiryMs how long to keep it if no more bytes arrive */
export async function insertUpload(db: Db, upload: NewUpload, expiryMs: number): Promise<UploadRow> {
  const { id, owner, length, metadata, idempotencyKey } = upload;
  const { rows } = await db.query<UploadRow>(
    `insert into resumable_uploads (id, owner, length, metadata, idempotency_key, expires_at)
     values ($1, $2, $3, $4, $5, now() + $6 * interval '1 ms') returning ${COLUMNS}`,
    [id, owner, length, JSON.stringify(metadata), idempotencyKey, expiryMs],
  );
  return rows[0]!;
}

/** Returns a caller's own upload that has not expired, and whose job was not deleted. */
export async function findUpload(db: Db, id: string, owner: string): Promise<UploadRow | null> {
  const { rows } = await db.query<UploadRow>(
    `select ${COLUMNS} from resumable_uploads where id = $1 and owner = $2 and expires_at > now()
     and not exists (select from jobs where jobs.id = (taken ->> 'jobId')::uuid and deleted_at is not null)`,
    [id, owner],
  );
  return rows[0] ?? null;
}

/** Whether the token that owns an upload was revoked, and no token of the same name has replaced it. */
const REVOKED = `(owner like 'token:%' and not exists (
  select from api_tokens where revoked_at is null and 'token:' || name = owner))`;

/** Counts incomplete uploads: those of all callers, and those of one. */
export async function countOpenUploads(db: Db, owner = ''): Promise<{ all: number; own: number }> {
  const { rows } = await db.query<{ all: number; own: number }>(
    `select count(*) as all, count(*) filter (where owner = $1) as own from resumable_uploads
     where taken is null and refused is null and expires_at > now() and not ${REVOKED}`,
    [owner],
  );
  return rows[0]!;
}

/** Stores the first bytes for the request that continues. */
export async function keepHead(db: Db, id: string, head: Uint8Array): Promise<void> {
  await db.query('update resumable_uploads set head = $2 where id = $1', [id, head]);
}

/** Records the job that an upload has become. */
export async function noteTaken(db: Db, id: string, taken: Uploaded): Promise<void> {
  await db.query('update resumable_uploads set taken = $2, head = null where id = $1', [
    id,
    JSON.stringify(taken),
  ]);
}

/** Records why an upload became no job, for a client that asks again. */
export async function noteRefused(db: Db, id: string, refused: Refusal): Promise<void> {
  await db.query('update resumable_uploads set refused = $2, head = null where id = $1', [
    id,
    JSON.stringify(refused),
  ]);
}

/** Removes an upload; the store must remove its bytes. */
export async function deleteUpload(db: Db, id: string): Promise<void> {
  await db.query('delete from resumable_uploads where id = $1', [id]);
}

/**
 * Removes up to `most` uploads that have expired, or whose token was revoked, and that no request is writing to;
 * returns their ids.
 */
export async function deleteExpired(db: Db, most: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `delete from resumable_uploads where id in (
       select id from resumable_uploads
       where (expires_at <= now() or ${REVOKED}) and (lease is null or leased_until <= now())
       order by expires_at limit $1 for update skip locked)
     returning id`,
    [most],
  );
  return rows.map(({ id }) => id);
}

/** Returns the ids that are uploads, whose bytes must stay: a part of one is no orphan, however old it is. */
export async function knownUploads(db: Db, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await db.query<{ id: string }>('select id from resumable_uploads where id = any($1)', [
    ids,
  ]);
  return new Set(rows.map(({ id }) => id));
}
