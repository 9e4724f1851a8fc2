/** Where webhooks are sent to, from the configuration. */
import type { WebhookEventType } from '@csvjobs/shared';

export interface Endpoint {
  /** `default` for WEBHOOK_URL, `erp` for WEBHOOK_URL_ERP. */
  name: string;
  url: URL;
  /** `whsec_…`; each of them signs. */
  secrets: readonly string[];
  events: readonly WebhookEventType[];
  /** Patterns of the only tables whose jobs it is notified of, and the equivalent regular expression. */
  tables: { patterns: string; regex: string } | undefined;
  /** Whether its name may resolve to a private address. */
  allowPrivate: boolean;
}
