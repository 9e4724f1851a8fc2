import type { ServerResponse } from 'node:http';
import type { BoardEvent, JobSummary } from '@csvjobs/shared';
import type { BoardWatcher } from './board.js';
import { RETRY_MS } from './eventStream.js';

/** One reader's stream of all jobs. For a slow reader, only the ids of changed jobs are kept. */
export class BoardStream implements BoardWatcher {
  readonly #res: ServerResponse;
  readonly #find: (jobId: string) => JobSummary | undefined;
  readonly #changed = new Set<string>();
  #blockedSince: number | undefined;

  constructor(res: ServerResponse, find: (jobId: string) => JobSummary | undefined) {
    this.#res = res;
    this.#find = find;
  }

  begin(jobs: readonly JobSummary[]): void {
    this.#res.on('drain', () => {
      this.#blockedSince = undefined;
      const changed = [...this.#changed];
      this.#changed.clear();
      for (const jobId of changed) {
        const job = this.#find(jobId);
        this.send(job ? { type: 'job', job } : { type: 'gone', jobId }, jobId);
      }
    });
    this.#write(`retry: ${RETRY_MS}\n\n`);
    // One by one: with 200 jobs (100 kB), a reader that takes nothing costs what the socket takes, plus their
    // ids.
    for (const job of jobs) this.send({ type: 'job', job }, job.id);
  }

  send(event: BoardEvent, jobId: string): void {
    if (this.#res.writableEnded) return;
    if (this.#blockedSince === undefined) this.#write(frame(event));
    else this.#changed.add(jobId);
  }

  /**
   * Sends a comment, so that proxies and the reader see that the stream is alive; drops a reader that stalls.
   */
  beat(stallMs: number): void {
    if (this.#blockedSince === undefined) {
      if (!this.#res.writableEnded) this.#write(': still here\n\n');
      else this.#blockedSince = performance.now();
    } else if (performance.now() - this.#blockedSince > stallMs) {
      this.#res.destroy();
    }
  }

  end(): void {
    if (!this.#res.writableEnded) this.#res.end(`retry: ${RETRY_MS}\n\n`);
  }

  #write(text: string): void {
    if (!this.#res.write(text)) this.#blockedSince ??= performance.now();
  }
}

function frame(event: BoardEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
