/**
 * The upkeep of a daemon, at startup and then at intervals: puts jobs that Redis has lost back on the queue,
 * ends held jobs that have lost their holder, and removes the remains of dead uploads and expired data.
 */
import { type Progress, progressOf } from '@csvjobs/shared';
import type { Config } from './config.js';
import type { Log } from './log.js';
import { createOrphanSweeper } from './orphans.js';
import { QUEUE_SIZES, type Queues } from './queue/queues.js';
import { promoteOverdue, recover } from './queue/recover.js';
import type { Releasers } from './releasers.js';
import { repeat } from './repeat.js';
import { sweepUploads } from './resumable.js';
import { sweep } from './retention.js';
import { databaseClock } from './sql/clock.js';
import { failUnheld } from './sql/heldJobs.js';
import type { Pool } from './sql/pool.js';
import { createSteadyClock } from './steadyClock.js';
import type { Store } from './storage/store.js';
import type { FolderGuard } from './uploadFolder.js';

export interface UpkeepDependencies {
  config: Config;
  pool: Pool;
  queues: Queues;
  publish: (progress: Progress) => void;
  storage: Store;
  guard: FolderGuard;
  log: Log;
}

/** One upkeep task. */
interface Chore {
  name: string;
  intervalMs: number;
  work(): Promise<void>;
  /** The log message when it fails. */
  failed: string;
}

/**
 * Starts all upkeep, which the releasers stop; returns after the first search for lost jobs and orphans. It
 * does not wait for retention, which may have much to do; `retain` says whether this process does it.
 */
export async function startUpkeep(
  deps: UpkeepDependencies,
  { retain }: { retain: boolean },
  releasers: Releasers,
): Promise<void> {
  const start = ({ name, intervalMs, work, failed }: Chore) => {
    // A chore that fails repeatedly for the same reason logs it once.
    let said: string | undefined;
    const done = async () => {
      await work();
      said = undefined;
    };
    const repeated = repeat(done, intervalMs, (err) => {
      if (err.message !== said) deps.log.warn({ err }, failed);
      said = err.message;
    });
    releasers.add(name, () => repeated.stop());
    return repeated.first;
  };
  await start(recovery(deps));
  await start(holding(deps));
  await start(tidying(deps));
  if (retain) void start(retention(deps));
}

function recovery({ config, pool, queues, log }: UpkeepDependencies): Chore {
  return {
    name: 'the recovery',
    intervalMs: config.RECOVER_INTERVAL,
    async work() {
      for (const size of QUEUE_SIZES) {
        const jobs = await recover(pool, queues[size], size);
        if (jobs > 0) log.info({ jobs }, 'requeued jobs that Redis had lost');
        const late = await promoteOverdue(queues[size]);
        if (late > 0) log.warn({ jobs: late }, 'the clock was set back: jobs that waited for it run now');
      }
    },
    failed: 'cannot compare the queue with PostgreSQL; retrying',
  };
}

/** Held jobs whose daemon was killed, or whose connection was cut, while no daemon could record it. */
function holding({ config, pool, publish, log }: UpkeepDependencies): Chore {
  return {
    name: 'the check of held jobs',
    intervalMs: config.RECOVER_INTERVAL,
    async work() {
      for (const job of await failUnheld(pool)) {
        log.warn({ jobId: job.id, code: job.failure?.code }, 'held job failed: its rows are rolled back');
        publish(progressOf(job));
      }
    },
    failed: 'cannot check for held jobs whose worker is gone; retrying',
  };
}

function tidying({ config, pool, storage, guard, log }: UpkeepDependencies): Chore {
  const sweeper = createOrphanSweeper(pool, storage, config.ORPHAN_AGE);
  return {
    name: 'the tidying',
    intervalMs: sweeper.intervalMs,
    async work() {
      if (!(await guard.mayRemove())) return;
      const uploads = await sweepUploads(pool, storage);
      if (uploads > 0)
        log.info({ uploads }, 'removed resumable uploads that have expired or whose token was revoked');
      const { parts, orphans } = await sweeper.sweep();
      if (parts > 0) log.warn({ parts }, 'removed partial uploads of a daemon that has exited');
      if (orphans.length > 0) log.warn({ orphans }, 'removed files without a job');
    },
    failed: 'cannot check for orphaned files',
  };
}

/** Longer than it takes to correct a clock that was wrong when the machine started. */
const STEADY_MS = 600_000;

function retention({ config, pool, storage, guard, log }: UpkeepDependencies): Chore {
  const { RETAIN_FILES: filesMs, RETAIN_JOBS: jobsMs, RETAIN_UNDO: undoMs } = config;
  const isSteady = createSteadyClock(
    Math.min(STEADY_MS, filesMs ?? STEADY_MS, jobsMs ?? STEADY_MS, undoMs ?? STEADY_MS),
    {
      read: () => storage.readNote('clock'),
      write: (value) => storage.writeNote('clock', value),
    },
  );
  return {
    name: 'the retention',
    intervalMs: config.RETAIN_INTERVAL,
    async work() {
      const may = (await guard.mayRemove()) && (await isSteady(await databaseClock(pool)));
      const swept = await sweep(pool, storage, may ? { filesMs, jobsMs, undoMs } : KEEP_ALL);
      if (swept.files + swept.jobs + swept.undo > 0) log.info(swept, 'purged expired jobs and files');
    },
    failed: 'cannot purge expired jobs and files',
  };
}

/** Reports of deleted jobs are still removed. */
const KEEP_ALL = { filesMs: undefined, jobsMs: undefined, undoMs: undefined };
