/**
 * Delivers due webhooks to one endpoint, a few at a time, until it is stopped. Several daemons may do so side
 * by side.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { TEST_EVENT } from '@csvjobs/shared';
import { failpoint } from '../failpoint.js';
import type { Log } from '../logType.js';
import type { Pool } from '../sql/pool.js';
import { claimDue, type DueDelivery, markDelivered, markFailed, release } from '../sql/webhooks/claim.js';
import { disableEndpoint } from '../sql/webhooks/endpoints.js';
import type { Endpoint } from './endpoint.js';
import { retryAfter } from './schedule.js';
import type { Sender } from './send.js';
import { bodyOf, signedHeaders } from './sign.js';

/**
 * Maximum number of concurrent deliveries to one endpoint: one that hangs delays no other endpoint, and few
 * of its own.
 */
export const AT_A_TIME = 4;

/** Interval between checks for due deliveries, in ms. */
const LOOK_MS = 1_000;

/** The result of an attempt, for the metrics: `retry` is tried again, `failed` is given up. */
export type Counted = 'delivered' | 'retry' | 'failed';

export interface DeliverDependencies {
  pool: Pool;
  sender: Sender;
  count: (outcome: Counted) => void;
  log: Log;
  lookMs?: number | undefined;
  /** Returns a number from 0 up to 1; Math.random, except in tests. */
  random?: (() => number) | undefined;
}

export interface Delivering {
  /**
   * Claims nothing more; resolves when the deliveries under way have ended, which are stopped and released
   * after `graceMs`.
   */
  drain(graceMs: number): Promise<void>;
}

export function startDelivering(
  endpoint: Pick<Endpoint, 'name' | 'secrets'>,
  { pool, sender, count, log, lookMs = LOOK_MS, random = Math.random }: DeliverDependencies,
): Delivering {
  const { name } = endpoint;
  const draining = new AbortController();
  const stopping = new AbortController();
  const underWay = new Set<Promise<void>>();
  /** The last problem that was logged: each is logged once. */
  let said: string | undefined;

  async function look(): Promise<void> {
    while (!draining.signal.aborted) {
      const room = AT_A_TIME - underWay.size;
      const due = await claimDue(pool, name, room).catch((err: Error) => {
        if (err.message !== said) log.warn({ err }, 'cannot fetch due webhooks');
        said = err.message;
      });
      if (due) said = undefined;
      for (const delivery of due ?? []) start(delivery);
      if (due?.length === room) await Promise.race(underWay);
      else await pause(lookMs, undefined, { signal: draining.signal }).catch(() => {});
    }
  }

  function start(delivery: DueDelivery): void {
    const done: Promise<void> = attempt(delivery)
      // Its claim expires, and it is sent again.
      .catch((err: Error) =>
        log.warn({ err, delivery: delivery.id }, 'cannot record the result of a webhook'),
      )
      .finally(() => underWay.delete(done));
    underWay.add(done);
  }

  async function attempt(delivery: DueDelivery): Promise<void> {
    const body = bodyOf(delivery);
    const headers = signedHeaders(endpoint.secrets, { ...delivery, body });
    await failpoint('webhook-claimed');
    const outcome = await sender.send({ headers, body }, stopping.signal);
    await failpoint('webhook-answered');
    const about = { endpoint: name, delivery: delivery.id, type: delivery.type, jobId: delivery.jobId };
    switch (outcome.kind) {
      case 'stopped':
        return release(pool, delivery);
      case 'delivered':
        await markDelivered(pool, delivery, outcome.httpStatus);
        return count('delivered');
      case 'gone':
        await markFailed(pool, delivery, outcome, undefined);
        count('failed');
        if (await disableEndpoint(pool, name, 'its endpoint is disabled: it has answered 410'))
          log.warn(about, 'webhook endpoint disabled: it answered 410; restart a daemon to try it again');
        return;
      case 'failed': {
        const again =
          delivery.type === TEST_EVENT ? undefined : retryAfter(delivery.attempt, outcome.askedMs, random());
        await markFailed(pool, delivery, outcome, again);
        count(again === undefined ? 'failed' : 'retry');
        const { error } = outcome;
        if (again === undefined) log.warn({ ...about, error }, 'gave up on a webhook');
        else log.info({ ...about, error, againMs: again }, 'webhook not delivered; retrying');
      }
    }
  }

  const looking = look();
  return {
    async drain(graceMs) {
      draining.abort();
      const timer = setTimeout(() => stopping.abort(), graceMs);
      // Ends no sooner than an attempt, if there are as many as may be.
      await looking;
      await Promise.all(underWay);
      clearTimeout(timer);
      await sender.close();
    },
  };
}
