/**
 * GET /api/jobs/:id/stream: the progress of a job as server-sent events (WHATWG HTML, 9.2). A stream of states, not
 * of messages: a reader that is slow, or was away, gets the newest state and misses nothing that matters. It ends
 * after the event of a final state.
 */
import { paths } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import type { AppDeps } from './deps.js';
import { EventStream } from './eventStream.js';
import type { Feeds } from './feeds.js';
import { jobIdOf, noSuchJob } from './jobId.js';
import { refuse } from './problems.js';

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // Proxies may neither keep nor compress the stream: both hold events back. nginx is told by its own header.
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

export function eventRoutes(deps: Pick<AppDeps, 'options'>, feeds: Feeds) {
  const { maxStreams, stallMs = 30_000 } = deps.options;
  const streams = new Set<EventStream>();
  let opening = 0;
  let closed = false;

  feeds.onHeartbeat(() => {
    for (const stream of streams) stream.beat(stallMs);
  });

  async function open(ctx: Context, id: string): Promise<void> {
    if (closed) throw refuse('unavailable', 'the daemon is stopping; come back in a moment');
    if (streams.size + opening >= maxStreams) {
      const detail = `all of the ${maxStreams} streams of this daemon are taken; try again, or ask GET ${paths.job(id)}`;
      throw refuse('too_many_streams', detail);
    }
    opening++;
    const stream = new EventStream(ctx.res, ctx.get('Last-Event-ID'));
    const { now, leave } = feeds.watch(id, stream);
    try {
      const told = await now;
      if (!told) throw noSuchJob(id);
      ctx.respond = false;
      ctx.res.once('close', () => {
        streams.delete(stream);
        leave();
      });
      // The reader has gone meanwhile: 'close' has been, or will not come.
      if (ctx.res.closed || ctx.res.destroyed) return leave();
      streams.add(stream);
      // A stream is silent between heartbeats; how long a reader may stall is bounded here, not by the server.
      ctx.req.socket.setTimeout(0);
      ctx.res.writeHead(200, HEADERS);
      stream.begin(told);
      if (closed) stream.end();
    } catch (error) {
      leave();
      throw error;
    } finally {
      opening--;
    }
  }

  return {
    addTo: (router: Router) => {
      router.get(paths.stream(':id'), async (ctx) => {
        const id = jobIdOf(ctx);
        if (ctx.method !== 'HEAD') return open(ctx, id);
        const { now, leave } = feeds.watch(id, { tell: () => {}, gone: () => {} });
        const told = await now.finally(leave);
        if (!told) throw noSuchJob(id);
        ctx.status = 200;
        ctx.set(HEADERS);
      });
    },
    open: () => streams.size,
    /** Ends every stream; the readers come back after a moment, to whoever answers then. */
    close: () => {
      closed = true;
      for (const stream of streams) stream.end();
    },
  };
}
