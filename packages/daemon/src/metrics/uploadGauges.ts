/** Incomplete uploads, and the store that receives them. */
import pTimeout from 'p-timeout';
import { Gauge, type Registry } from 'prom-client';

/** The part of a store that is measured (storage/store.ts). */
export interface MeasuredStore {
  /** Rejects if it is unhealthy. */
  health(): Promise<unknown>;
  /** Undefined if its space has no known limit. */
  freeBytes(): Promise<number | undefined>;
}

/** A store that does not answer within this time is unhealthy, in ms. */
const PATIENCE_MS = 3_000;

/**
 * Like `jobGauges`: returns a function that reads them. The store's gauges are this host's view of it;
 * without a store they are not read.
 * @param unfinished number of incomplete resumable uploads
 */
export function storeGauges(
  registers: Registry[],
  store: MeasuredStore | undefined,
  unfinished: () => Promise<number>,
): () => Promise<void> {
  const rest = new Gauge({
    name: 'csvjobs_uploads_unfinished',
    help: 'Incomplete resumable uploads that have not expired, on all APIs.',
    registers,
  });
  const up = new Gauge({
    name: 'csvjobs_store_up',
    help: '1 if this host can read and write uploads and has space for them, otherwise 0.',
    registers,
  });
  const free = new Gauge({
    name: 'csvjobs_store_free_bytes',
    help: 'Free space on the disk of the upload folder; not for a bucket.',
    registers,
  });
  return async () => {
    rest.set(await unfinished().catch(() => Number.NaN));
    if (!store) return;
    const [isWell, room] = await Promise.all([
      pTimeout(store.health(), { milliseconds: PATIENCE_MS }).then(
        () => true,
        () => false,
      ),
      pTimeout(store.freeBytes(), { milliseconds: PATIENCE_MS }).catch(() => undefined),
    ]);
    up.set(isWell ? 1 : 0);
    free.set(room ?? Number.NaN);
  };
}
