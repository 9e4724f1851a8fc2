/**
 * Leases for writing to an upload: one request at a time, on any daemon. A lease is stored in the row. A PostgreSQL
 * lock would take a connection for as long as the upload lasts, and is impossible behind a pooler in transaction mode.
 */
import type { Db } from '../pool.js';

/** How long a lease lasts without renewal, if its daemon was killed or is cut off. */
export const LEASE_MS = 10_000;

/**
 * Takes the lease of an upload. If another request has it, asks that one to release it.
 * @param holder a UUID of this request
 * @param expiryMs how long to keep the upload from now on
 */
export async function takeLease(db: Db, id: string, holder: string, expiryMs: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `update resumable_uploads set lease = $2, leased_until = now() + $3 * interval '1 ms', wanted = false,
       expires_at = now() + $4 * interval '1 ms'
     where id = $1 and (lease is null or leased_until <= now())`,
    [id, holder, LEASE_MS, expiryMs],
  );
  if (rowCount === 1) return true;
  await db.query('update resumable_uploads set wanted = true where id = $1', [id]);
  return false;
}

/** Renews a lease. Returns `wanted` if another request wants it, and `lost` if another has it by now. */
export async function renewLease(db: Db, id: string, holder: string): Promise<'lost' | 'wanted' | 'kept'> {
  const { rows } = await db.query<{ wanted: boolean }>(
    `with held as (select id, wanted from resumable_uploads where id = $1 and lease = $2 for update)
     update resumable_uploads u set leased_until = now() + $3 * interval '1 ms', wanted = false
     from held where u.id = held.id returning held.wanted`,
    [id, holder, LEASE_MS],
  );
  if (!rows[0]) return 'lost';
  return rows[0].wanted ? 'wanted' : 'kept';
}

/** Releases a lease; does nothing if it was lost. */
export async function giveLease(db: Db, id: string, holder: string): Promise<void> {
  await db.query(
    'update resumable_uploads set lease = null, leased_until = null, wanted = false where id = $1 and lease = $2',
    [id, holder],
  );
}
