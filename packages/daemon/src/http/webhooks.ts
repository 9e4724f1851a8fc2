/** Webhooks, for admins: endpoints and deliveries, a test, and redeliveries. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  paths,
  redeliverSchema,
  type WebhookDelivery,
  type WebhookEndpoint,
  type Webhooks,
  webhooksQuerySchema,
  webhookTestSchema,
} from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import {
  findDelivery,
  insertTest,
  listDeliveries,
  listEndpoints,
  redeliver,
} from '../sql/webhooks/deliveries.js';
import type { AppDeps } from './deps.js';
import { jsonBody } from './jsonBody.js';
import { refuse } from './problems.js';

/**
 * How long the answer to a test waits for its delivery (longer than a receiver may take), and the polling
 * interval, in ms.
 */
const TEST_MS = 20_000;
const LOOK_MS = 100;

export function webhookRoutes(router: Router, { pool, log, options }: AppDeps): void {
  router.get(paths.webhooks, async (ctx) => {
    const query = queryOf(ctx);
    const [endpoints, deliveries] = await Promise.all([listEndpoints(pool), listDeliveries(pool, query)]);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { endpoints, deliveries } satisfies Webhooks;
  });

  router.post(paths.webhookTest, async (ctx) => {
    const { endpoint: name } = await jsonBody(ctx, webhookTestSchema);
    const endpoint = chosen(await listEndpoints(pool), name);
    assertEnabled(endpoint);
    const { id } = await insertTest(pool, endpoint.name);
    log.info(
      { requestId: ctx.state.requestId, endpoint: endpoint.name, delivery: id },
      'webhook test requested',
    );
    const delivery = await whenEnded(id);
    ctx.status = delivery.status === 'pending' ? 202 : 200;
    ctx.body = delivery;
  });

  router.post(paths.webhookRedeliver, async (ctx) => {
    const wanted = await jsonBody(ctx, redeliverSchema, 64 * 1024);
    const endpoints = await listEndpoints(pool);
    const named = await Promise.all((wanted.ids ?? []).map((id) => mustFind(id)));
    for (const { endpoint } of named) assertEnabled(chosen(endpoints, endpoint));
    if (wanted.endpoint !== undefined) assertEnabled(chosen(endpoints, wanted.endpoint));
    const again = await redeliver(pool, wanted);
    log.info({ requestId: ctx.state.requestId, deliveries: again.length }, 'webhooks queued for redelivery');
    // Deliveries that still wait are made in any case.
    const waiting = named.filter(
      ({ id, status }) => status === 'pending' && !again.some((one) => one.id === id),
    );
    ctx.status = 202;
    ctx.body = { deliveries: [...again, ...waiting] };
  });

  async function mustFind(id: string): Promise<WebhookDelivery> {
    const delivery = await findDelivery(pool, id);
    if (delivery) return delivery;
    throw refuse(
      'webhook_not_found',
      `there is no delivery ${id}: they are kept for a week; csvjobs webhooks list shows them`,
    );
  }

  /** A delivery once it has ended, or its current state after a timeout. */
  async function whenEnded(id: string): Promise<WebhookDelivery> {
    const until = performance.now() + (options.webhookTestMs ?? TEST_MS);
    for (;;) {
      const delivery = await mustFind(id);
      if (delivery.status !== 'pending' || performance.now() > until) return delivery;
      await pause(LOOK_MS);
    }
  }
}

function queryOf(ctx: Context) {
  const query = webhooksQuerySchema.safeParse(ctx.query);
  if (query.success) return query.data;
  const [issue] = query.error.issues;
  throw refuse('bad_request', `${issue?.path.join('.')}: ${issue?.message}`);
}

/** The endpoint with this name; without a name, the only one. */
function chosen(endpoints: readonly WebhookEndpoint[], name: string | undefined): WebhookEndpoint {
  if (endpoints.length === 0)
    throw refuse(
      'webhook_not_found',
      'no daemon has a webhook endpoint: set WEBHOOK_URL and WEBHOOK_SECRET, and restart it (docs/webhooks.md)',
    );
  const names = endpoints.map((each) => each.name).join(', ');
  if (name === undefined && endpoints.length > 1)
    throw refuse('bad_request', `endpoint: choose one of ${names}`);
  const found = name === undefined ? endpoints[0] : endpoints.find((each) => each.name === name);
  if (found) return found;
  throw refuse('webhook_not_found', `there is no webhook endpoint ${JSON.stringify(name)}, only ${names}`);
}

function assertEnabled({ name, disabledAt }: WebhookEndpoint): void {
  if (disabledAt === null) return;
  throw refuse(
    'webhook_disabled',
    `the webhook endpoint ${name} has answered 410 at ${disabledAt}, so nothing more is sent to it; restart a daemon that has it to try it again`,
  );
}
