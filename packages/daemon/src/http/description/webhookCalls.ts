/** Webhooks: what is sent, and the calls with which an admin manages them. */
import {
  paths,
  redeliveredSchema,
  redeliverSchema,
  webhookBodySchema,
  webhookDeliverySchema,
  webhookEndpointSchema,
  webhooksQuerySchema,
  webhookTestSchema,
} from '@csvjobs/shared';
import { z } from 'zod';
import { type Call, JobSummary, json } from './call.js';

const Delivery = webhookDeliverySchema.meta({
  id: 'WebhookDelivery',
  description: 'One event on its way to one endpoint.',
});
const Endpoint = webhookEndpointSchema.meta({
  id: 'WebhookEndpoint',
  description: 'An endpoint that a daemon has in its configuration.',
});

export const WEBHOOK_CALLS: readonly Call[] = [
  {
    operationId: 'listWebhooks',
    method: 'get',
    path: paths.webhooks,
    summary: 'List webhook endpoints, and the newest deliveries to them',
    scope: 'admin',
    allTables: true,
    request: { query: webhooksQuerySchema },
    answers: {
      200: {
        description: 'Endpoints by name, deliveries newest first. Those that have ended are kept for a week.',
        content: json(z.object({ endpoints: z.array(Endpoint), deliveries: z.array(Delivery) })),
      },
    },
  },
  {
    operationId: 'testWebhook',
    method: 'post',
    path: paths.webhookTest,
    summary: 'Send a test to a webhook endpoint: one attempt, with the type webhook.test',
    scope: 'admin',
    allTables: true,
    request: { body: { required: true, content: json(webhookTestSchema) } },
    answers: {
      200: { description: 'The delivery, which has ended; see its status.', content: json(Delivery) },
      202: { description: 'The delivery, which no daemon has attempted yet.', content: json(Delivery) },
    },
    problems: ['not_json', 'webhook_not_found', 'webhook_disabled'],
  },
  {
    operationId: 'redeliverWebhooks',
    method: 'post',
    path: paths.webhookRedeliver,
    summary: 'Redeliver webhooks whose deliveries have ended, with the same webhook-id',
    scope: 'admin',
    allTables: true,
    request: { body: { required: true, content: json(redeliverSchema) } },
    answers: {
      202: {
        description: 'The deliveries that are now due.',
        content: json(redeliveredSchema.extend({ deliveries: z.array(Delivery) })),
      },
    },
    problems: ['not_json', 'webhook_not_found', 'webhook_disabled'],
  },
];

/** The body that a receiver gets. */
export const SENT = webhookBodySchema.extend({ data: JobSummary }).meta({
  id: 'WebhookBody',
  description: 'A job has ended, or is held.',
});

/** The headers that a receiver gets (Standard Webhooks 1.0). */
export const SENT_HEADERS = z.object({
  'webhook-id': z.string().describe('the same for each attempt: ignore an id that you have seen'),
  'webhook-timestamp': z.string().describe('time of the attempt, in seconds since 1970'),
  'webhook-signature': z
    .string()
    .describe('v1, and the base64 of HMAC-SHA256 over id.timestamp.body; several are separated by spaces'),
});
