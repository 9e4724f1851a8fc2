/**
 * The lease of the request that writes to an upload, renewed for as long as it does (sql/resumable/lease.ts).
 */
import { randomUUID } from 'node:crypto';
import { giveLease, LEASE_MS, renewLease, takeLease } from '../../../sql/resumable/lease.js';
import type { AppDeps } from '../../deps.js';
import { refuse, refuseWithRetryAfter } from '../../problems.js';

const RENEW_MS = LEASE_MS / 5;

/**
 * A request that has been silent for this long gives way to another: its client has usually lost the
 * connection.
 */
const SILENT_MS = RENEW_MS;

export interface Lease {
  /** Sets the function that returns how long the holder has been silent; 0 until then. */
  watch(silentMs: () => number): void;
  /** Whether another request may have taken it: nothing may be written any more. */
  lost(): boolean;
  release(): Promise<void>;
}

/**
 * Takes the lease of an upload.
 * @param stop is aborted when the lease is lost, or another request wants it and the holder is silent
 * @throws {Failure} `upload_locked`
 */
export async function holdLease(
  { pool, log, options }: Pick<AppDeps, 'pool' | 'log' | 'options'>,
  id: string,
  stop: AbortController,
): Promise<Lease> {
  const holder = randomUUID();
  const expiryMs = expiryOf(options);
  // Measured before the request: PostgreSQL counts from later.
  let until = performance.now() + LEASE_MS;
  if (!(await takeLease(pool, id, holder, expiryMs))) throw locked();
  let silentMs = () => 0;
  let renewing: Promise<void> | undefined;
  const renew = async () => {
    const asked = performance.now();
    try {
      const state = await renewLease(pool, id, holder);
      if (state === 'lost') until = 0;
      else until = asked + LEASE_MS;
      if (state === 'wanted' && silentMs() >= SILENT_MS) stop.abort(gaveWay());
    } catch (err) {
      log.warn({ err, uploadId: id }, 'cannot renew the lease of an upload');
    }
    if (performance.now() >= until) stop.abort(lostLease());
  };
  const timer = setInterval(() => {
    renewing ??= renew().finally(() => {
      renewing = undefined;
    });
  }, RENEW_MS);
  return {
    watch: (silent) => {
      silentMs = silent;
    },
    lost: () => performance.now() >= until,
    release: async () => {
      clearInterval(timer);
      await renewing;
      await giveLease(pool, id, holder).catch((err: unknown) =>
        log.warn({ err, uploadId: id }, 'cannot release the lease of an upload; it will expire'),
      );
    },
  };
}

/** How long an upload is kept after its last byte, in ms. */
export function expiryOf({ uploadExpiryMs = 86_400_000 }: AppDeps['options']): number {
  return uploadExpiryMs;
}

function locked(): Error {
  return refuseWithRetryAfter(
    'upload_locked',
    'an earlier request of this upload has not ended yet, or another client sends it too; try again in a moment, and send it with one client',
    Math.ceil(RENEW_MS / 1_000),
  );
}

function gaveWay(): Error {
  return refuse('upload_locked', 'this request sent nothing, and another one has continued the upload');
}

export function lostLease(): Error {
  return refuse(
    'unavailable',
    'this daemon could not renew its lease of the upload in time; what arrived is kept: continue at the Upload-Offset of HEAD',
  );
}
