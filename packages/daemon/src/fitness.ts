/**
 * Whether this host can work on jobs at all. One that has lost PostgreSQL or the upload folder would take jobs from the queue
 * all the same, keep each until it fails, and count against its retries what is no fault of the job, while other hosts
 * are idle. So it looks before each job; unfit, it takes none until it is fit again.
 */
import pTimeout from 'p-timeout';
import type { WorkerLog } from './queue/worker.js';
import { type Repeated, repeat } from './repeat.js';

export interface Fitness {
  /** Whether a job can be worked on here now. Once it cannot, `pause` was called, and `resume` will be. */
  isFit(): Promise<boolean>;
  /** Looks no more. */
  close(): Promise<void>;
}

export interface FitnessDependencies {
  /** What is needed, by its name: each resolves where it is there. `reach` may take longer, for what is known to be away. */
  needs: Readonly<Record<string, { look(): Promise<unknown>; reach?(): Promise<unknown> }>>;
  /** No jobs are to be delivered to this host. */
  pause(): void;
  resume(): void;
  log: Pick<WorkerLog, 'info' | 'warn'>;
  /** How often an unfit host looks whether it is fit again, in ms; 1 s. */
  everyMs?: number;
}

/** How long a look may take, in ms: a network that drops everything does not answer, and neither does a folder of it. */
const PATIENCE_MS = 5_000;

export function createFitness({ needs, pause, resume, log, everyMs = 1_000 }: FitnessDependencies): Fitness {
  let unfit: Repeated | undefined;

  /** What is missing and why; undefined where nothing is. */
  async function missing(way: 'look' | 'reach'): Promise<{ what: string; error: Error } | undefined> {
    for (const [what, { look, reach = look }] of Object.entries(needs)) {
      const message = `no answer in ${PATIENCE_MS} ms`;
      const found = pTimeout(way === 'look' ? look() : reach(), { milliseconds: PATIENCE_MS, message });
      const error = await found.then(
        () => undefined,
        (reason: Error) => reason,
      );
      if (error) return { what, error };
    }
    return undefined;
  }

  async function lookAgain(): Promise<void> {
    if (await missing('reach')) return;
    void unfit?.stop();
    unfit = undefined;
    log.info({}, 'this host accepts jobs again');
    resume();
  }

  return {
    async isFit() {
      if (unfit) return false;
      const lack = await missing('look');
      if (!lack) return true;
      // Of several jobs at once the first has said so.
      if (unfit) return false;
      log.warn({ err: lack.error }, `this host takes no jobs until it has ${lack.what} again`);
      pause();
      unfit = repeat(lookAgain, everyMs, () => {});
      return false;
    },
    async close() {
      await unfit?.stop();
    },
  };
}
