/**
 * The last stage: batches into PostgreSQL, several at a time, committed in the order of the file.
 *
 * Three lanes on four cores take half the time of one. Each takes the next batch, prepares it, waits until all
 * earlier batches are committed, and finishes it: so a checkpoint never stands behind a record that is not loaded.
 *
 * A lane that waits for its turn waits here, where PostgreSQL's deadlock detector does not see it: with two jobs that
 * have e-mails in common, lanes could wait for each other in a circle for ever. So a lane has little patience for
 * locks. When one loses it, all lanes roll back, and the batches that were open are loaded one after the other on one
 * connection: that one never waits here while it holds rows, so any circle left is PostgreSQL's to see and to break.
 */
import type { Progress } from '@csvjobs/shared';
import type { Lane, Ready, Way } from './lane.js';

/** deadlock_detected and lock_not_available (PostgreSQL, appendix A): somebody else's rows are in the way. */
const LOCK_CONFLICTS = new Set(['40P01', '55P03']);
/**
 * Of these, those that a batch gets over whose earlier batches are in the same transaction. What it waits for in a deadlock may
 * wait for them.
 */
const CONFLICTS_OF_A_PART = new Set(['55P03']);

function isLockConflict(error: unknown, whole = false): boolean {
  return (whole ? CONFLICTS_OF_A_PART : LOCK_CONFLICTS).has((error as { code?: string }).code ?? '');
}

export interface LoadOptions<Loaded> {
  /** Told after each commit, in the order of the file; with the time since the batch was begun with. */
  committed: (progress: Progress, batch: Loaded, seconds: number) => void;
  /** Ends the load after the batches that are open. */
  drain: AbortSignal;
  /** All batches are one transaction: what ends a deadlock is the end of it. */
  whole?: boolean;
}

/**
 * Loads batches until there are none, or `drain` is aborted.
 * @throws what went wrong in any lane; then the batches that were not committed have left no trace
 */
export async function load<Loaded, Prepared extends Ready>(
  batches: AsyncGenerator<Loaded>,
  lanes: readonly Lane<Loaded, Prepared>[],
  options: LoadOptions<Loaded>,
): Promise<void> {
  const open: Loaded[] = [];
  for (;;) {
    const conflict = await loadSideBySide(batches, lanes, open, options);
    if (!conflict) return;
    for (let batch = open[0]; batch; batch = open[0]) {
      const started = performance.now();
      const progress = await loadAlone(lanes[0]!, batch, options.whole);
      options.committed(progress, batch, (performance.now() - started) / 1_000);
      open.shift();
    }
  }
}

/** Loads in all lanes. Returns true on a lock conflict; `open` then holds the batches that are not committed. */
async function loadSideBySide<Loaded, Prepared extends Ready>(
  batches: AsyncGenerator<Loaded>,
  lanes: readonly Lane<Loaded, Prepared>[],
  open: Loaded[],
  { committed, drain, whole }: LoadOptions<Loaded>,
): Promise<boolean> {
  let way: Way = 'straight';
  let lastTurn: Promise<void> = Promise.resolve();
  let failed: { error: unknown } | undefined;
  let stop: (reason: Stopped) => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = reject;
  });
  stopped.catch(() => {});

  /** The next batch of the file with its place in the row; calls of an async generator are answered in order. */
  async function take(): Promise<{ batch: Loaded; turn: Promise<void>; pass: () => void } | undefined> {
    if (drain.aborted) return undefined;
    const turn = lastTurn;
    let pass: () => void = () => {};
    lastTurn = new Promise((resolve) => {
      pass = resolve;
    });
    const { value: batch, done } = await batches.next();
    if (done) return undefined;
    open.push(batch);
    return { batch, turn, pass };
  }

  async function work(lane: Lane<Loaded, Prepared>): Promise<void> {
    try {
      for (let next = await take(); next && !failed; next = await take()) {
        const started = performance.now();
        const prepared = await lane.prepare(next.batch, way);
        way = prepared.nextWay;
        await Promise.race([next.turn, stopped]);
        const progress = await lane.finish(prepared);
        open.shift();
        next.pass();
        committed(progress, next.batch, (performance.now() - started) / 1_000);
      }
    } catch (error) {
      failed ??= { error };
      stop(new Stopped());
      await lane.abandon();
    }
  }

  await Promise.all(lanes.map(work));
  if (failed === undefined) return false;
  const { error } = failed as { error: unknown };
  if (isLockConflict(error, whole)) return true;
  throw error;
}

/** Loads a batch with no other lane at work. A deadlock that PostgreSQL broke at our cost is tried again. */
async function loadAlone<Loaded, Prepared extends Ready>(
  lane: Lane<Loaded, Prepared>,
  batch: Loaded,
  whole: boolean | undefined,
): Promise<Progress> {
  for (;;) {
    try {
      return await lane.finish(await lane.prepare(batch, 'staged', true));
    } catch (error) {
      await lane.abandon();
      if (!isLockConflict(error, whole)) throw error;
    }
  }
}

/** Wakes the lanes that wait for a turn which will not come. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}
