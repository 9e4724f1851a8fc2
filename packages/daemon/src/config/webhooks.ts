/** Which endpoints are called when a job ends. */
import { text } from './kinds.js';

export const WEBHOOKS = {
  WEBHOOK_URL: text
    .optional()
    .describe(
      'Address that gets a POST request when a job ends or is held (docs/webhooks.md). For additional endpoints, append a name of capital letters and digits to each variable: WEBHOOK_URL_ERP, WEBHOOK_SECRET_ERP, …',
    ),
  WEBHOOK_SECRET: text
    .optional()
    .describe(
      'Secret that signs the webhooks: whsec_ followed by 24 to 64 bytes in base64; two, separated by a comma, while you replace one',
    ),
  WEBHOOK_EVENTS: text
    .optional()
    .describe(
      'Send only these events, separated by commas: job.completed, job.failed, job.cancelled, job.held, job.undone',
    ),
  WEBHOOK_TABLES: text
    .optional()
    .describe('Send only events of jobs into these tables; patterns as in TARGET_TABLES'),
  WEBHOOK_ALLOW_PRIVATE: text
    .optional()
    .describe(
      'Host names of webhooks that may resolve to a private address, separated by commas; not needed for localhost or an IP address in the URL',
    ),
};
