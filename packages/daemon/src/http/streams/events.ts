/**
 * GET /api/jobs/:id/stream, and /api/jobs/stream for all jobs: the progress of a job as server-sent events
 * (WHATWG HTML, 9.2). It is a stream of states, not of messages: a reader that is slow, or was away, gets the
 * newest state and misses nothing that matters. It ends after the event of a final state. An EventSource
 * takes that for a broken connection and reconnects with the id of this event; the answer is 204, which stops
 * an EventSource for good (WHATWG HTML, 9.2.1).
 */
import { paths } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import { visibleTables } from '../../access/tables.js';
import type { AppDeps } from '../deps.js';
import { jobIdOf, noSuchJob } from '../jobId.js';
import { refuse } from '../problems.js';
import { BoardStream } from './boardStream.js';
import type { Boards } from './boards.js';
import { EventStream } from './eventStream.js';
import type { Feeds, StreamEvent } from './feeds.js';

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // Proxies must neither cache nor compress the stream: both delay events. nginx needs its own header.
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

export function eventRoutes(deps: Pick<AppDeps, 'options' | 'pool'>, feeds: Feeds, boards: Boards) {
  const { pool } = deps;
  const { maxStreams, stallMs = 30_000 } = deps.options;
  const streams = new Set<EventStream | BoardStream>();
  let opening = 0;
  let closed = false;

  feeds.onHeartbeat(() => {
    for (const stream of streams) stream.beat(stallMs);
  });

  /**
   * Takes one of the places for open streams; `opening` is decremented when the stream is open or has failed.
   */
  function takePlace(instead: string): void {
    if (closed) throw refuse('unavailable', 'the daemon is stopping; try again in a moment');
    if (streams.size + opening >= maxStreams) {
      const detail = `all ${maxStreams} streams of this daemon are in use; try again later, or poll GET ${instead}`;
      throw refuse('too_many_streams', detail);
    }
    opening++;
  }

  /**
   * Answers with a stream. Returns false if the reader has already gone: its 'close' event has passed, or
   * never comes.
   */
  function answer(ctx: Context, stream: EventStream | BoardStream, leave: () => void): boolean {
    ctx.respond = false;
    ctx.res.once('close', () => {
      streams.delete(stream);
      leave();
    });
    if (ctx.res.closed || ctx.res.destroyed) {
      leave();
      return false;
    }
    streams.add(stream);
    // Ending the stream is enough: the reader reconnects and gets a 401.
    ctx.state.revoked = () => stream.end();
    // A stream is silent between heartbeats; the stream itself limits how long a reader may stall, not the
    // server.
    ctx.req.socket.setTimeout(0);
    ctx.res.writeHead(200, HEADERS);
    return true;
  }

  function openBoard(ctx: Context): Promise<void> {
    takePlace(paths.jobs);
    const board = boards.of(visibleTables(ctx.state.caller));
    const stream = new BoardStream(ctx.res, board.find);
    return open(ctx, stream, board.watch(stream));
  }

  function openJob(ctx: Context, id: string): Promise<void> {
    takePlace(paths.job(id));
    const lastId = ctx.get('Last-Event-ID');
    const stream = new EventStream(ctx.res, lastId);
    const { now, leave } = feeds.watch(id, stream);
    return open(
      ctx,
      stream,
      { now: now.then((event) => event ?? Promise.reject(noSuchJob(id))), leave },
      (event) => hasEnded(event, lastId),
    );
  }

  /**
   * Starts a stream, whose place is taken, with the current state; or answers 204 if `over` says that nothing
   * follows.
   */
  async function open<Now>(
    ctx: Context,
    stream: (EventStream | BoardStream) & { begin(now: Now): void },
    { now, leave }: { now: Promise<Now>; leave: () => void },
    over: (now: Now) => boolean = () => false,
  ): Promise<void> {
    try {
      const event = await now;
      if (over(event)) {
        leave();
        ctx.status = 204;
        return;
      }
      if (!answer(ctx, stream, leave)) return;
      stream.begin(event);
      if (closed) stream.end();
    } catch (error) {
      leave();
      throw error;
    } finally {
      opening--;
    }
  }

  return {
    /**
     * Before the routes of single jobs: otherwise the stream of all would be taken for a job called "stream".
     */
    addTo: (router: Router) => {
      router.get(paths.allStreams, async (ctx) => {
        if (ctx.method !== 'HEAD') return openBoard(ctx);
        ctx.status = 200;
        ctx.set(HEADERS);
      });
      router.get(paths.stream(':id'), async (ctx) => {
        const id = await jobIdOf(ctx, pool);
        if (ctx.method !== 'HEAD') return openJob(ctx, id);
        const { now, leave } = feeds.watch(id, { send: () => {}, gone: () => {} });
        const event = await now.finally(leave);
        if (!event) throw noSuchJob(id);
        ctx.status = hasEnded(event, ctx.get('Last-Event-ID')) ? 204 : 200;
        if (ctx.status === 200) ctx.set(HEADERS);
      });
    },
    open: () => streams.size,
    /** Ends every stream; the readers reconnect after a moment, to whichever daemon answers then. */
    close: () => {
      closed = true;
      for (const stream of streams) stream.end();
    },
  };
}

/** Whether a reader has already received the final event of a job that was not retried since. */
function hasEnded({ final, id }: StreamEvent, lastId: string): boolean {
  return final && id === lastId;
}
