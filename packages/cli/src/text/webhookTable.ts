/** Webhook endpoints and deliveries as rows of tables. */
import type { WebhookDelivery, WebhookEndpoint } from '@csvjobs/shared';
import { WEBHOOK_EVENTS } from '@csvjobs/shared/paths';
import { shortIds } from '../jobId.js';
import type { Paint } from './paint.js';
import type { Cell, Column } from './table.js';
import { age, clean, count } from './text.js';

export const ENDPOINT_COLUMNS: readonly Column[] = [
  { title: 'ENDPOINT' },
  { title: 'SENDS TO', flexible: { min: 10 }, drop: 1 },
  { title: 'EVENTS', drop: 3 },
  { title: 'TABLES', drop: 4 },
  { title: 'PENDING', align: 'right', drop: 2 },
  { title: 'FAILED', align: 'right', drop: 2 },
  { title: 'STATE' },
];

export const DELIVERY_COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'STATUS' },
  { title: 'EVENT', drop: 2 },
  { title: 'ENDPOINT', drop: 3 },
  { title: 'JOB', drop: 5 },
  { title: 'TRIES', align: 'right', drop: 4 },
  { title: 'AGE', align: 'right', drop: 6 },
  { title: 'NEXT', align: 'right', drop: 7 },
  { title: 'ANSWER', flexible: { min: 8 } },
];

export function endpointRows(endpoints: readonly WebhookEndpoint[], paint: Paint): Cell[][] {
  return endpoints.map(({ name, origin, events, tables, pending, failed, ...more }) => [
    { text: clean(name), paint: paint.bold },
    { text: clean(origin) },
    { text: events.length === WEBHOOK_EVENTS.length ? 'all' : clean(events.map(shortEvent).join(',')) },
    { text: clean(tables ?? 'all') },
    { text: count(pending) },
    { text: count(failed), ...(failed > 0 && { paint: paint.yellow }) },
    stateOf(more, paint),
  ]);
}

function stateOf(
  { configured, disabledAt }: Pick<WebhookEndpoint, 'configured' | 'disabledAt'>,
  paint: Paint,
) {
  if (!configured) return { text: 'no daemon', paint: paint.yellow };
  return disabledAt === null ? { text: 'in use' } : { text: 'disabled', paint: paint.red };
}

/** On a terminal IDs are shortened; in a pipe they are complete. What no daemon sends has no next attempt. */
export function deliveryRows(
  deliveries: readonly WebhookDelivery[],
  endpoints: readonly WebhookEndpoint[],
  paint: Paint,
  terminal: boolean,
): Cell[][] {
  const now = Date.now();
  const sent = new Set(endpoints.filter(({ configured }) => configured).map(({ name }) => name));
  const shown = terminal ? shortIds(deliveries) : (id: string) => id;
  const paints = { pending: paint.dim, delivered: paint.green, failed: paint.red };
  return deliveries.map(({ id, status, type, endpoint, jobId, attempts, ...more }) => [
    { text: shown(id), paint: paint.bold },
    { text: status, paint: paints[status] },
    { text: clean(type) },
    { text: clean(endpoint) },
    { text: jobId === null ? '-' : terminal ? jobId.slice(0, 8) : jobId },
    { text: count(attempts) },
    { text: age(Math.max(0, now - Date.parse(more.createdAt))), paint: paint.dim },
    { text: sent.has(endpoint) ? nextOf(more.nextAttemptAt, now) : '-' },
    { text: clean(more.error ?? (more.httpStatus === null ? '-' : String(more.httpStatus))) },
  ]);
}

function nextOf(at: string | null, now: number): string {
  if (at === null) return '-';
  const left = Date.parse(at) - now;
  return left < 1_000 ? 'now' : `in ${age(left)}`;
}

/** `job.completed` → `completed`: an endpoint only has job events. */
function shortEvent(event: string): string {
  return event.replace(/^job\./, '');
}
