/**
 * Whether the attempts that run here still own their jobs. A job can be cancelled (and then deleted, or retried) by any
 * daemon, and be taken over by another attempt; whoever works on it must then stop at once, also where it would not touch
 * PostgreSQL for hours: while it surveys a file, or waits for somebody else's lock.
 *
 * Redis tells of the end of a job in a moment, if it is there; PostgreSQL, which decides, is asked then, and each second.
 */
import { isFinal, type Progress } from '@csvjobs/shared';
import type { Hold } from '../pipeline/hold.js';
import { ownedAttempts } from '../sql/jobProgress.js';
import type { Pool } from '../sql/pool.js';

export interface Ownership {
  /** Watches an attempt from now on, until `end` is called. */
  watch(jobId: string, attempt: number): Hold & { end(): void };
}

/** How often PostgreSQL is asked while attempts run here, in ms. */
const LOOK_MS = 1_000;

export interface OwnershipDependencies {
  pool: Pool;
  /** Calls back with the progress of every job, as far as Redis tells it. */
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
  /** Something was heard during a look, which may have been too early for it. */
  let again = false;

  async function look(): Promise<void> {
    again = true;
    if (looking) return;
    looking = true;
    while (again && watched.size > 0) {
      again = false;
      const asked = [...watched];
      // While PostgreSQL is away nobody knows; the next look has to do.
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
