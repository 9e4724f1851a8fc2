/**
 * GET /api/jobs/:id/stream: the progress of a job as server-sent events (WHATWG HTML, 9.2). A stream of states, not
 * of messages: a reader that is slow, or was away, gets the newest state and misses nothing that matters. It ends
 * after the event of a final state.
 */
import type { ServerResponse } from 'node:http';
import { paths } from '@csvjobs/shared';
import type { Context } from 'koa';
import type Router from 'koa-router';
import type { AppDeps } from './deps.js';
import type { Feeds, Told, Watcher } from './feeds.js';
import { jobIdOf, noSuchJob } from './jobId.js';
import { refuse } from './problems.js';

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // Proxies may neither keep nor compress the stream: both hold events back. nginx is told by its own header.
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

/** When a reader comes back after the stream has broken, in milliseconds. */
const RETRY_MS = 1_000;

export function eventRoutes(deps: Pick<AppDeps, 'options'>, feeds: Feeds) {
  const { maxStreams, stallMs = 30_000 } = deps.options;
  const streams = new Set<Stream>();
  let opening = 0;

  feeds.onHeartbeat(() => {
    for (const stream of streams) stream.beat(stallMs);
  });

  async function open(ctx: Context, id: string): Promise<void> {
    if (streams.size + opening >= maxStreams) {
      const detail = `all of the ${maxStreams} streams of this daemon are taken; try again, or ask GET ${paths.job(id)}`;
      throw refuse('too_many_streams', detail);
    }
    opening++;
    const stream = new Stream(ctx.res, ctx.get('Last-Event-ID'));
    const { now, leave } = feeds.watch(id, stream);
    try {
      const told = await now;
      if (!told) throw noSuchJob(id);
      ctx.respond = false;
      ctx.res.once('close', () => {
        streams.delete(stream);
        leave();
      });
      // Gone meanwhile: 'close' has been, or will not come.
      if (ctx.res.closed || ctx.res.destroyed) return leave();
      streams.add(stream);
      // A stream is silent between heartbeats; how long a reader may stall is bounded here, not by the server.
      ctx.req.socket.setTimeout(0);
      ctx.res.writeHead(200, HEADERS);
      stream.begin(told);
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
      for (const stream of streams) stream.end();
    },
  };
}

/** One reader's stream. At most one event more than the socket takes is ever kept for it. */
class Stream implements Watcher {
  private begun = false;
  private waiting: Told | undefined;
  /** Since when the reader has taken nothing of what was written. */
  private blockedSince: number | undefined;

  constructor(
    private readonly res: ServerResponse,
    private lastId: string,
  ) {}

  begin(told: Told): void {
    this.begun = true;
    this.res.on('drain', () => {
      this.blockedSince = undefined;
      const { waiting } = this;
      this.waiting = undefined;
      if (waiting) this.tell(waiting);
    });
    this.write(`retry: ${RETRY_MS}\n\n`);
    this.tell(this.waiting ?? told);
  }

  tell(told: Told): void {
    if (!this.begun) {
      this.waiting = told;
      return;
    }
    if (this.res.writableEnded) return;
    if (told.final) {
      this.write(told.frame);
      this.res.end();
    } else if (this.blockedSince !== undefined) {
      this.waiting = told;
    } else if (told.id !== this.lastId) {
      this.lastId = told.id;
      this.write(told.frame);
    }
  }

  gone(): void {
    this.end();
  }

  /** A comment, so that proxies and the reader see that the stream lives; a reader that stalls is dropped. */
  beat(stallMs: number): void {
    if (this.blockedSince === undefined) {
      if (!this.res.writableEnded) this.write(': still here\n\n');
      else this.blockedSince = Date.now();
    } else if (Date.now() - this.blockedSince > stallMs) {
      this.res.destroy();
    }
  }

  end(): void {
    if (!this.res.writableEnded) this.res.end(`retry: ${RETRY_MS}\n\n`);
  }

  private write(text: string): void {
    if (!this.res.write(text)) this.blockedSince ??= Date.now();
  }
}
