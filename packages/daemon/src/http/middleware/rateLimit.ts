/** Limits the number of requests of each caller in each minute, for all processes on one Redis together. */
import {
  type IRateLimiterRedisOptions,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import { refuseWithRetryAfter } from '../problems.js';

/**
 * The Redis in which other processes count the same callers. Commands must fail instead of waiting for it.
 */
export interface SharedRate {
  /** An ioredis client. */
  client: IRateLimiterRedisOptions['storeClient'];
  /** Prefix of its keys. */
  prefix: string;
}

const WINDOW_S = 60;
/**
 * A Redis that is down fails at once. One that hangs costs a request its timeout; then it is not asked for
 * this long.
 */
const HANGS_MS = 100;
const LEFT_ALONE_MS = 2_000;

/**
 * Counts a request of a caller; lets through at most `perMinute`, or any number if 0. This process always
 * keeps its own count, so that its limit holds even without Redis; with `shared`, all processes that count
 * there share the limit while Redis answers. No request fails because Redis does not answer.
 * @throws {Failure} `too_many_requests`, with Retry-After
 */
export function requestLimit(perMinute: number, shared?: SharedRate): (caller: string) => Promise<void> {
  if (perMinute === 0) return async () => {};
  const rule = { points: perMinute, duration: WINDOW_S };
  const own = new RateLimiterMemory(rule);
  const common =
    shared &&
    new RateLimiterRedis({
      ...rule,
      storeClient: shared.client,
      keyPrefix: shared.prefix,
      // Callers over the limit are refused from memory: a flood does not reach Redis.
      inMemoryBlockOnConsumed: perMinute,
    });
  let leftAloneUntil = 0;

  async function consume(caller: string): Promise<void> {
    await own.consume(caller);
    const asked = performance.now();
    if (!common || asked < leftAloneUntil) return;
    try {
      await common.consume(caller);
    } catch (error) {
      if (error instanceof RateLimiterRes) throw error;
      const now = performance.now();
      if (now - asked > HANGS_MS) leftAloneUntil = now + LEFT_ALONE_MS;
    }
  }

  return async (caller) => {
    try {
      await consume(caller);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw refuseWithRetryAfter(
        'too_many_requests',
        `more than ${perMinute} requests in a minute; wait as long as Retry-After says, or raise RATE_LIMIT`,
        error.msBeforeNext / 1000,
      );
    }
  };
}
