/** The peer's webhooks: GET /api/webhooks, POST /api/webhooks/test and /redeliver. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  paths,
  type Redeliver,
  TEST_EVENT,
  WEBHOOK_EVENTS,
  type WebhookDelivery,
  type WebhookEndpoint,
} from '@csvjobs/shared';
import { json, refuse } from './answers.js';

export class PeerWebhooks {
  readonly endpoints: WebhookEndpoint[] = [];
  /** Newest first. */
  readonly deliveries: WebhookDelivery[] = [];
  /** The outcome of a test. */
  tested: Partial<WebhookDelivery> = { status: 'delivered', attempts: 1, httpStatus: 204 };

  addEndpoint(name: string, more: Partial<WebhookEndpoint> = {}): void {
    const origin = `https://${name}.example.com`;
    const none = { tables: null, disabledAt: null, configured: true, pending: 0, failed: 0 };
    this.endpoints.push({ name, origin, events: [...WEBHOOK_EVENTS], ...none, ...more });
  }

  add(more: Partial<WebhookDelivery> = {}): WebhookDelivery {
    const at = new Date(Date.now() - 90_000).toISOString();
    const delivery: WebhookDelivery = {
      id: randomUUID(),
      webhookId: `msg_${randomUUID()}`,
      type: 'job.completed',
      endpoint: 'erp',
      jobId: randomUUID(),
      status: 'delivered',
      attempts: 1,
      createdAt: at,
      lastAttemptAt: at,
      nextAttemptAt: null,
      httpStatus: 204,
      error: null,
      ...more,
    };
    this.deliveries.unshift(delivery);
    return delivery;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://peer');
    if (request.method === 'GET') {
      const { limit = '50', ...wanted } = Object.fromEntries(searchParams);
      const fits = ({ status, endpoint, jobId: job }: WebhookDelivery) =>
        Object.entries(wanted).every(([key, value]) => ({ status, endpoint, job })[key] === value);
      const deliveries = this.deliveries.filter(fits).slice(0, Number(limit));
      return json(response, 200, { endpoints: this.endpoints, deliveries });
    }
    const body = JSON.parse(await text(request)) as { endpoint?: string } & Redeliver;
    if (pathname === paths.webhookTest) {
      const endpoint = body.endpoint ?? this.endpoints[0]?.name;
      if (!this.endpoints.some(({ name }) => name === endpoint))
        return refuse(response, 'webhook_not_found', 'no daemon has a webhook endpoint: set WEBHOOK_URL');
      const made = this.add({
        type: TEST_EVENT,
        endpoint: endpoint!,
        jobId: null,
        httpStatus: null,
        ...this.tested,
      });
      return json(response, made.status === 'pending' ? 202 : 200, made);
    }
    const again = this.deliveries.filter(
      ({ id, status }) => body.ids?.includes(id) ?? (body.failed && status === 'failed'),
    );
    for (const each of again)
      Object.assign(each, { status: 'pending', attempts: 0, nextAttemptAt: new Date().toISOString() });
    return json(response, 202, { deliveries: again });
  }
}
