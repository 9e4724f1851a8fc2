/**
 * Whether the attempts that run here still own their jobs. Any daemon can cancel a job (and then delete or
 * retry it), and another attempt can take it over; the worker must then stop at once, even if it would not
 * use PostgreSQL for hours: while it surveys a file, or waits for a lock.
 *
 * Redis, if available, reports the end of a job at once; that triggers a query in PostgreSQL, which decides.
 * There is another query each second.
 */
import { isFinal, type Progress } from '@csvjobs/shared';
import type { Hold } from '../pipeline/hold.js';
import { ownedAttempts } from '../sql/attempts.js';
import type { Pool } from '../sql/pool.js';

export interface Ownership {
  /** Watches an attempt from now on, until `end` is called. */
  watch(jobId: string, attempt: number): Hold & { end(): void };
}

/** How often to query PostgreSQL while attempts run here, in ms. */
const LOOK_MS = 1_000;

export interface OwnershipDependencies {
  pool: Pool;
  /** Calls back with the progress of every job, as far as Redis reports it. */
  onProgress: (listener: (progress: Progress) => void) => void;
}

interface Watched {
  jobId: string;
  attempt: number;
  loading: boolean;
  lose: () => void;
}

export function createOwnership({ pool, onProgress }: OwnershipDependencies): Ownership {
  const watched = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  /** Set if a message arrived during a look, which may have been too early to see its effect. */
  let again = false;

  async function look(): Promise<void> {
    again = true;
    if (looking) return;
    looking = true;
    while (again && watched.size > 0) {
      again = false;
      const asked = [...watched];
      // While PostgreSQL is unavailable, the state is unknown; the next look has to do.
      const owned = await ownedAttempts(pool, asked).catch(() => undefined);
      if (!owned) break;
      for (const each of asked) if (!owned.has(each.jobId)) each.lose();
    }
    looking = false;
  }

  onProgress(({ jobId, status }) => {
    if (isFinal(status) && [...watched].some((each) => each.jobId === jobId)) void look();
  });

  return {
    watch(jobId, attempt) {
      const lost = new AbortController();
      const each: Watched = { jobId, attempt, loading: false, lose: () => lost.abort() };
      watched.add(each);
      timer ??= setInterval(() => void look(), LOOK_MS);
      return {
        lost: lost.signal,
        loading() {
          each.loading = true;
        },
        end() {
          watched.delete(each);
          if (watched.size > 0) return;
          clearInterval(timer);
          timer = undefined;
        },
      };
    },
  };
}
