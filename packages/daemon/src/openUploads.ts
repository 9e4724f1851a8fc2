/**
 * Opens the store of the uploads for a daemon. A store that is unavailable (wrong bucket, refused credentials,
 * no network) does not keep the daemon from starting: it starts, is not ready, and names the reason.
 */
import { setTimeout } from 'node:timers/promises';
import pTimeout from 'p-timeout';
import { asFailure, type Failure } from './failure.js';
import type { Log } from './log.js';
import type { Pool } from './sql/pool.js';
import { gatedStore } from './storage/gatedStore.js';
import type { Store } from './storage/store.js';
import { unavailable } from './storage/unavailable.js';
import { type FolderGuard, guardUploadFolder } from './uploadFolder.js';

/** How long a start waits for the first answer of the store. */
const PATIENCE_MS = 5_000;
/** Pause between two tries. */
const PAUSE_MS = 1_000;

export interface Uploads {
  /** Until the store has been checked, its calls fail with the reason (`unavailable`). */
  store: Store;
  guard: FolderGuard;
  /** Ends the tries. */
  stop(): void;
}

/**
 * Checks the store (uploadFolder.ts); if it is unavailable, tries again in the background until it has been
 * checked.
 * @param onFatal called when a later try finds that this daemon must not use the store
 * @throws {Failure} why it must not use it, if the first try finds that (see `guardUploadFolder`); the reason
 * of `abortSignal`
 */
export async function openUploads(
  { pool, store, log }: { pool: Pool; store: Store; log: Log },
  onFatal: (failure: Failure) => void,
  abortSignal: AbortSignal,
): Promise<Uploads> {
  const stopping = new AbortController();
  let guard: FolderGuard | undefined;
  let reason: Failure = unavailable('the upload store has not answered yet');
  const assertOpen = (): FolderGuard => {
    if (guard) return guard;
    throw reason;
  };

  /** Returns whether the store was checked. @throws errors that a later try does not fix */
  const check = async (): Promise<boolean> => {
    try {
      guard = await guardUploadFolder(pool, store, log);
      return true;
    } catch (error) {
      const failure = asFailure(error);
      if (!failure.retryable) throw failure;
      reason =
        failure.code === 'unavailable'
          ? failure
          : unavailable('the upload store could not be checked yet', failure);
      return false;
    }
  };
  const checkAgain = async (first: Promise<boolean>): Promise<void> => {
    let checked = await first;
    if (!checked && !stopping.signal.aborted)
      log.warn({ err: reason }, 'the upload store is not available yet; no uploads and no jobs until it is');
    while (!checked && !stopping.signal.aborted) {
      await setTimeout(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      checked = await check();
      if (checked) log.info('the upload store is available');
    }
  };

  const first = check();
  let started = false;
  checkAgain(first).catch((error) => {
    // Otherwise the start fails with it.
    if (started && !stopping.signal.aborted) onFatal(asFailure(error));
  });
  try {
    await pTimeout(first, { milliseconds: PATIENCE_MS, fallback: () => false, signal: abortSignal });
  } catch (error) {
    stopping.abort();
    throw error;
  }
  started = true;
  return {
    store: gatedStore(store, assertOpen),
    guard: { mayRemove: async () => assertOpen().mayRemove() },
    stop: () => stopping.abort(),
  };
}
