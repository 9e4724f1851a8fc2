/** Webhooks: what the daemon sends when a job ends or is held, and what an admin sees of the deliveries. */
import { z } from 'zod';
import { jobSummarySchema } from './job.js';
import { DELIVERIES_LIMIT, DELIVERY_STATUSES, WEBHOOK_EVENTS } from './paths.js';

export const webhookEventTypeSchema = z.enum(WEBHOOK_EVENTS);
export type WebhookEventType = z.infer<typeof webhookEventTypeSchema>;

const timestamp = z.iso.datetime().describe('time of the event; the same for each attempt to deliver it');

/** The body of a webhook. Its headers and signature follow Standard Webhooks 1.0. */
export const webhookBodySchema = z.object({
  type: webhookEventTypeSchema,
  timestamp,
  data: jobSummarySchema.describe('the job at that time'),
});
export type WebhookBody = z.infer<typeof webhookBodySchema>;

/** The event type that `csvjobs webhooks test` sends. No event filter excludes it. */
export const TEST_EVENT = 'webhook.test';

/** The body of a test. */
export const webhookTestBodySchema = z.object({
  type: z.literal(TEST_EVENT),
  timestamp,
  data: z.object({ endpoint: z.string() }),
});
export type WebhookTestBody = z.infer<typeof webhookTestBodySchema>;

/** An endpoint in a daemon's configuration. */
export const webhookEndpointSchema = z.object({
  name: z.string().describe('the part after WEBHOOK_URL_, in lower case; default for WEBHOOK_URL itself'),
  origin: z.string().describe('its URL without path and query, which may be secret'),
  events: z.array(z.string()),
  tables: z.string().nullable().describe('patterns of the tables whose events it gets; null for all'),
  disabledAt: z.iso
    .datetime()
    .nullable()
    .describe('it has answered 410: nothing more is sent to it until a daemon with it starts'),
  configured: z
    .boolean()
    .describe('whether a running daemon is configured with it; otherwise nothing is sent to it'),
  pending: z.int().nonnegative().describe('pending deliveries'),
  failed: z
    .int()
    .nonnegative()
    .describe('failed deliveries of events, without tests; they are kept for a week'),
});
export type WebhookEndpoint = z.infer<typeof webhookEndpointSchema>;

/** One event on its way to one endpoint. */
export const webhookDeliverySchema = z.object({
  id: z.uuid(),
  webhookId: z.string().describe('the header webhook-id: the same for each attempt, and for all endpoints'),
  type: z.string(),
  endpoint: z.string().describe('the name of the endpoint'),
  jobId: z.uuid().nullable().describe('null for a test'),
  status: z
    .enum(DELIVERY_STATUSES)
    .describe('pending: not sent yet, or to be retried; failed: no more attempts'),
  attempts: z.int().nonnegative(),
  createdAt: z.iso.datetime(),
  lastAttemptAt: z.iso.datetime().nullable(),
  nextAttemptAt: z.iso.datetime().nullable().describe('null if there is none'),
  httpStatus: z.int().nullable().describe('status of the answer to the last attempt; null if there was none'),
  error: z.string().nullable().describe('why the last attempt failed'),
});
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

const WRONG_LIMIT = `must be a whole number from 1 to ${DELIVERIES_LIMIT.most}`;

/** The query of GET /api/webhooks. */
export const webhooksQuerySchema = z.object({
  status: z.enum(DELIVERY_STATUSES).optional().describe('only deliveries with this status'),
  endpoint: z.string().optional().describe('only deliveries to this endpoint'),
  job: z.uuid().optional().describe('only deliveries of this job'),
  limit: z.coerce
    .number(WRONG_LIMIT)
    .int(WRONG_LIMIT)
    .min(1, WRONG_LIMIT)
    .max(DELIVERIES_LIMIT.most, WRONG_LIMIT)
    .default(DELIVERIES_LIMIT.default)
    .describe('number of deliveries'),
});

/** GET /api/webhooks. */
export const webhooksSchema = z.object({
  endpoints: z.array(webhookEndpointSchema).describe('by name'),
  deliveries: z.array(webhookDeliverySchema).describe('newest first'),
});
export type Webhooks = z.infer<typeof webhooksSchema>;

/** The body of POST /api/webhooks/test. */
export const webhookTestSchema = z.strictObject({
  endpoint: z.string().optional().describe('the name of an endpoint; default: the only one'),
});

/** The body of POST /api/webhooks/redeliver. */
export const redeliverSchema = z
  .strictObject({
    ids: z.array(z.uuid()).min(1).max(1_000).optional().describe('IDs of deliveries that have ended'),
    failed: z.literal(true).optional().describe('all failed deliveries, except tests'),
    endpoint: z.string().optional().describe('with failed: only deliveries to this endpoint'),
  })
  .refine(({ ids, failed }) => (ids === undefined) !== (failed === undefined), 'give ids, or failed: true')
  .refine(({ ids, endpoint }) => ids === undefined || endpoint === undefined, 'endpoint goes with failed');
export type Redeliver = z.infer<typeof redeliverSchema>;

/** The answer to POST /api/webhooks/redeliver: the deliveries that are made again. */
export const redeliveredSchema = z.object({ deliveries: z.array(webhookDeliverySchema) });
