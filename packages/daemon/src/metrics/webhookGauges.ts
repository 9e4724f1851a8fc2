/** Webhooks that are still to be delivered, as PostgreSQL has them: the same whichever process is asked. */
import { Gauge, type Registry } from 'prom-client';
import type { PendingDeliveries } from '../sql/webhooks/deliveries.js';

/** One question to PostgreSQL for both; without an answer they have no values. */
export function webhookGauges(registers: Registry[], read: () => Promise<PendingDeliveries>): void {
  const oldest = new Gauge({
    name: 'csvjobs_webhook_oldest_pending_seconds',
    help: 'Age of the oldest event that is still to be delivered; 0 when there is none.',
    labelNames: [],
    registers,
  });
  new Gauge({
    name: 'csvjobs_webhook_pending',
    help: 'Webhooks that are still to be delivered.',
    labelNames: [],
    registers,
    async collect() {
      const { count, oldestSeconds } = await read().catch(() => ({
        count: Number.NaN,
        oldestSeconds: Number.NaN,
      }));
      this.set(count);
      oldest.set(oldestSeconds);
    },
  });
}
