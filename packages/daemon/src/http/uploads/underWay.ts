/** The uploads that this process is receiving, plain and resumable ones together. */
import { withNoun } from '@csvjobs/shared';
import type { Context } from 'koa';
import type { AppOptions } from '../deps.js';
import { createPlaces } from '../places.js';
import { refuseWithRetryAfter } from '../problems.js';

export interface UploadsUnderWay {
  /** Runs an upload while it holds a place. @throws {Failure} `too_many_uploads`; what the work throws */
  take(ctx: Context, work: () => Promise<void>): Promise<void>;
  /** Number of uploads under way. */
  count(): number;
  /** Waits until no upload is under way: one that was cut off has then cleaned up. */
  settled(): Promise<void>;
}

export function createUnderWay({
  maxUploads = Number.POSITIVE_INFINITY,
}: Pick<AppOptions, 'maxUploads'>): UploadsUnderWay {
  const places = createPlaces(maxUploads);
  const underWay = new Set<Promise<void>>();
  return {
    async take(ctx, work) {
      const leave = places.take(ctx.state.callerKey);
      if (!leave) {
        const detail = `this daemon takes ${withNoun(maxUploads, 'upload')} at a time (MAX_UPLOADS), and a quarter of these only from callers without one in progress; try again in a moment`;
        throw refuseWithRetryAfter('too_many_uploads', detail, 2);
      }
      const taken = work();
      underWay.add(taken);
      try {
        await taken;
      } finally {
        underWay.delete(taken);
        leave();
      }
    },
    count: () => underWay.size,
    async settled() {
      await Promise.allSettled(underWay);
    },
  };
}
