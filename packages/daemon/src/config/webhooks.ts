/** Which endpoints are called when a job ends. */
import { text } from './kinds.js';

export const WEBHOOKS = {
  WEBHOOK_URL: text
    .optional()
    .describe(
      'Where it is said, by a POST, that a job has ended or is held (docs/webhooks.md). Further endpoints have a name of letters and digits behind each variable: WEBHOOK_URL_ERP, WEBHOOK_SECRET_ERP, …',
    ),
  WEBHOOK_SECRET: text
    .optional()
    .describe(
      'The secret that webhooks are signed with: whsec_ and base64 of 24 to 64 bytes; two, separated by a comma, while the old one is replaced',
    ),
  WEBHOOK_EVENTS: text
    .optional()
    .describe(
      'The only events that are sent, separated by commas: job.completed, job.failed, job.cancelled, job.held, job.undone',
    ),
  WEBHOOK_TABLES: text
    .optional()
    .describe('The only tables whose jobs are sent, as patterns like those of TARGET_TABLES'),
  WEBHOOK_ALLOW_PRIVATE: text
    .optional()
    .describe(
      'Hosts of webhooks whose name may lead to a private address, separated by commas; an address in the URL itself, and localhost, need not stand here',
    ),
};
