/** Uploads that are not whole yet, and the store that takes them. */
import pTimeout from 'p-timeout';
import { Gauge, type Registry } from 'prom-client';

/** What is measured of a store (storage/store.ts). */
export interface MeasuredStore {
  /** Rejects where it is not well. */
  health(): Promise<unknown>;
  /** Undefined where its room has no bound that could be asked for. */
  freeBytes(): Promise<number | undefined>;
}

/** A store that does not say how it is in this time is not well, in ms. */
const PATIENCE_MS = 3_000;

/**
 * As `jobGauges`: returns what reads them. Those of the store are this host's view of it; without one they are not read.
 * @param unfinished how many resumable uploads are not whole yet
 */
export function storeGauges(
  registers: Registry[],
  store: MeasuredStore | undefined,
  unfinished: () => Promise<number>,
): () => Promise<void> {
  const rest = new Gauge({
    name: 'csvjobs_uploads_unfinished',
    help: 'Resumable uploads that are not whole and have not expired, at any API.',
    registers,
  });
  const up = new Gauge({
    name: 'csvjobs_store_up',
    help: '1 when the uploads can be read and written from this host, and there is room; else 0.',
    registers,
  });
  const free = new Gauge({
    name: 'csvjobs_store_free_bytes',
    help: 'Room on the disk of the upload folder; not of a bucket.',
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
