/** Where webhooks are sent to, as the configuration has it. */
import type { WebhookEventType } from '@csvjobs/shared';

export interface Endpoint {
  /** `default` for WEBHOOK_URL, `erp` for WEBHOOK_URL_ERP. */
  name: string;
  url: URL;
  /** `whsec_…`; each of them signs. */
  secrets: readonly string[];
  events: readonly WebhookEventType[];
  /** Patterns of the only tables whose jobs it hears of, and the regular expression that they mean. */
  tables: { patterns: string; regex: string } | undefined;
  /** Whether its name may lead to a private address. */
  allowPrivate: boolean;
}
