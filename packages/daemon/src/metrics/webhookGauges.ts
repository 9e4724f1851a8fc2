/** Webhooks that are still to be delivered, from PostgreSQL: the same in every process. */
import { Gauge, type Registry } from 'prom-client';
import type { PendingDeliveries } from '../sql/webhooks/deliveries.js';

/**
 * Like `jobGauges`: returns a function that reads them, with one query in PostgreSQL for both. Without an
 * answer they have no values.
 */
export function webhookGauges(
  registers: Registry[],
  read: () => Promise<PendingDeliveries>,
): () => Promise<void> {
  const pending = new Gauge({
    name: 'csvjobs_webhook_pending',
    help: 'Pending webhook deliveries.',
    labelNames: [],
    registers,
  });
  const oldest = new Gauge({
    name: 'csvjobs_webhook_oldest_pending_seconds',
    help: 'Age of the oldest event whose delivery is pending; 0 if there is none.',
    labelNames: [],
    registers,
  });
  return async () => {
    const found = await read().catch(() => undefined);
    pending.set(found?.count ?? Number.NaN);
    oldest.set(found?.oldestSeconds ?? Number.NaN);
  };
}
