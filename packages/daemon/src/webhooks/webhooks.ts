/**
 * The webhooks of a daemon: registers its endpoints, so that the end of a job creates deliveries for them;
 * delivers what is due; and removes what is no longer needed. Any daemon that has an endpoint in its
 * configuration delivers to it, in any role.
 */
import type { Log } from '../logType.js';
import { repeat } from '../repeat.js';
import type { Pool } from '../sql/pool.js';
import { removeEnded } from '../sql/webhooks/deliveries.js';
import {
  forgetEndpoints,
  KEEP_MS,
  type KeptEndpoint,
  keepEndpoint,
  registerEndpoint,
} from '../sql/webhooks/endpoints.js';
import type { Resolve } from './addresses.js';
import { AT_A_TIME, type Counted, type Delivering, startDelivering } from './deliver.js';
import type { Endpoint } from './endpoint.js';

export interface WebhookDependencies {
  pool: Pool;
  log: Log;
  version: string;
  count: (outcome: Counted) => void;
  /**
   * For tests: the interval between checks for due deliveries, the time limit for answers, name lookup,
   * randomness.
   */
  lookMs?: number;
  answerMs?: number;
  resolve?: Resolve;
  random?: () => number;
  keepMs?: number;
  forgetMs?: number;
  retainMs?: number;
}

export interface Webhooks {
  /** Sends nothing more; deliveries under way get this many milliseconds, and are then released. */
  drain(graceMs: number): Promise<void>;
  /** Stops everything at once, including the upkeep. */
  stop(): Promise<void>;
}

/**
 * An endpoint that no daemon has registered for this long is in no configuration any more; longer than an
 * upgrade takes.
 */
const FORGET_MS = 3_600_000;
/** How long finished deliveries are kept. */
const RETAIN_MS = 7 * 24 * 3_600_000;

/** Registers the endpoints and starts to deliver. */
export async function startWebhooks(
  endpoints: readonly Endpoint[],
  {
    pool,
    log,
    version,
    count,
    keepMs = KEEP_MS,
    forgetMs = FORGET_MS,
    retainMs = RETAIN_MS,
    ...how
  }: WebhookDependencies,
): Promise<Webhooks> {
  const kept = endpoints.map(keptOf);
  for (const endpoint of kept) await registerEndpoint(pool, endpoint);
  if (kept.length > 0)
    log.info({ endpoints: kept.map(({ name, origin }) => ({ name, origin })) }, 'webhooks enabled');
  for (const { name, url } of endpoints)
    if (url.protocol === 'http:')
      log.warn({ endpoint: name }, 'webhooks are sent without TLS: others on the network can read them');

  const started = performance.now();
  let said: string | undefined;
  const upkeep = repeat(
    async () => {
      for (const endpoint of kept) await keepEndpoint(pool, endpoint);
      // While all daemons were down, none could register its endpoints: they get time to start.
      const gone = performance.now() - started < forgetMs ? [] : await forgetEndpoints(pool, forgetMs);
      if (gone.length > 0)
        log.warn({ endpoints: gone }, 'no daemon has these webhook endpoints in its configuration any more');
      await removeEnded(pool, retainMs);
      said = undefined;
    },
    keepMs,
    (err) => {
      if (err.message !== said) log.warn({ err }, 'cannot update the webhook endpoints; retrying');
      said = err.message;
    },
  );

  const delivering: Delivering[] = [];
  for (const endpoint of endpoints) {
    // Its HTTP client is loaded only if there is something to send.
    const { createSender } = await import('./send.js');
    const started = startDelivering(endpoint, {
      pool,
      log,
      count,
      lookMs: how.lookMs,
      random: how.random,
      sender: createSender(endpoint, {
        userAgent: `csvjobs/${version}`,
        connections: AT_A_TIME,
        resolve: how.resolve,
        ...(how.answerMs !== undefined && { answerMs: how.answerMs }),
      }),
    });
    delivering.push(started);
  }
  const drain = async (graceMs: number) =>
    void (await Promise.all(delivering.map((each) => each.drain(graceMs))));
  return { drain, stop: async () => void (await Promise.all([drain(0), upkeep.stop()])) };
}

function keptOf({ name, url, events, tables }: Endpoint): KeptEndpoint {
  return { name, origin: url.origin, events, tables };
}
