/**
 * Whether this host can work on jobs at all. A host that has lost PostgreSQL or the upload folder would still
 * take jobs from the queue, keep each until it fails, and use up its retries although the job is not at
 * fault, while other hosts are idle. So it checks before each job; while it is unfit, it takes none.
 */
import pTimeout from 'p-timeout';
import type { WorkerLog } from './queue/worker.js';
import { type Repeated, repeat } from './repeat.js';

export interface Fitness {
  /** Whether a job can be worked on here now. If not, `pause` was called, and `resume` will be. */
  isFit(): Promise<boolean>;
  /** Stops checking. */
  close(): Promise<void>;
}

export interface FitnessDependencies {
  /**
   * The requirements by name: each resolves if it is met. `reach` may take longer, for one that is known to
   * be unavailable.
   */
  needs: Readonly<Record<string, { look(): Promise<unknown>; reach?(): Promise<unknown> }>>;
  /** Stops the delivery of jobs to this host. */
  pause(): void;
  resume(): void;
  log: Pick<WorkerLog, 'info' | 'warn'>;
  /** How often an unfit host checks whether it is fit again, in ms; 1 s. */
  everyMs?: number;
}

/**
 * Time limit for a check, in ms: a network that drops all packets does not answer, and neither does a network
 * folder.
 */
const PATIENCE_MS = 5_000;

export function createFitness({ needs, pause, resume, log, everyMs = 1_000 }: FitnessDependencies): Fitness {
  let unfit: Repeated | undefined;

  /** What is missing and why; undefined if nothing is. */
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
      // Of several concurrent jobs, the first has logged it.
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
