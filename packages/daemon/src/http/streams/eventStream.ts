import type { ServerResponse } from 'node:http';
import type { StreamEvent, Watcher } from './feeds.js';

/** Delay before a reader reconnects after the stream has broken, in milliseconds. */
export const RETRY_MS = 1_000;

/** One reader's stream. Keeps at most one event beyond what the socket takes. */
export class EventStream implements Watcher {
  private begun = false;
  private waiting: StreamEvent | undefined;
  /** Since when the reader has taken no data. */
  private blockedSince: number | undefined;

  constructor(
    private readonly res: ServerResponse,
    private lastId: string,
  ) {}

  begin(event: StreamEvent): void {
    this.begun = true;
    this.res.on('drain', () => {
      this.blockedSince = undefined;
      const { waiting } = this;
      this.waiting = undefined;
      if (waiting) this.send(waiting);
    });
    this.write(`retry: ${RETRY_MS}\n\n`);
    this.send(this.waiting ?? event);
  }

  send(event: StreamEvent): void {
    const isState = event.id !== undefined;
    if (!this.begun) {
      // What a stream begins with is a state.
      if (isState) this.waiting = event;
      return;
    }
    if (this.res.writableEnded) return;
    if (event.final) {
      this.write(event.frame);
      this.res.end();
    } else if (this.blockedSince !== undefined) {
      if (isState || this.waiting?.id === undefined) this.waiting = event;
    } else if (event.id !== this.lastId) {
      this.lastId = event.id ?? this.lastId;
      this.write(event.frame);
    }
  }

  gone(): void {
    this.end();
  }

  /**
   * Sends a comment, so that proxies and the reader see that the stream is alive; drops a reader that stalls.
   */
  beat(stallMs: number): void {
    if (this.blockedSince === undefined) {
      if (!this.res.writableEnded) this.write(': still here\n\n');
      else this.blockedSince = performance.now();
    } else if (performance.now() - this.blockedSince > stallMs) {
      this.res.destroy();
    }
  }

  end(): void {
    if (!this.res.writableEnded) this.res.end(`retry: ${RETRY_MS}\n\n`);
  }

  private write(text: string): void {
    if (!this.res.write(text)) this.blockedSince ??= performance.now();
  }
}
