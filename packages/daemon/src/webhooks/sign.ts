/** A webhook as it is sent: body, headers and signature of Standard Webhooks 1.0. */
import { TEST_EVENT, type WebhookBody, type WebhookEventType, type WebhookTestBody } from '@csvjobs/shared';
import { Webhook } from 'standardwebhooks';
import type { DueDelivery } from '../sql/webhooks/claim.js';

/** The body of a delivery: the same bytes for each attempt. */
export function bodyOf({
  type,
  createdAt,
  job,
  endpoint,
}: Pick<DueDelivery, 'type' | 'createdAt' | 'job' | 'endpoint'>): string {
  const timestamp = createdAt.toISOString();
  const body: WebhookBody | WebhookTestBody = job
    ? { type: type as WebhookEventType, timestamp, data: job }
    : { type: TEST_EVENT, timestamp, data: { endpoint } };
  return JSON.stringify(body);
}

/**
 * The headers of one attempt.
 * @param secrets each signs: a receiver needs one of them, so that secrets can be replaced without a gap
 * @param at time of the attempt, by PostgreSQL's clock; receivers refuse times that differ from theirs by
 * more than some minutes
 */
export function signedHeaders(
  secrets: readonly string[],
  { webhookId, at, body }: { webhookId: string; at: Date; body: string },
): Record<string, string> {
  return {
    'content-type': 'application/json',
    'webhook-id': webhookId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(webhookId, at, body)).join(' '),
  };
}
