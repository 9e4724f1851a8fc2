/**
 * The last stage: loads batches into PostgreSQL, several at a time, and commits them in file order.
 *
 * Three lanes on four cores take half the time of one. Each lane takes the next batch, prepares it, waits until all
 * earlier batches are committed, and finishes it. So a checkpoint is never past a record that is not loaded.
 *
 * A lane that waits for its turn waits here, where PostgreSQL's deadlock detector cannot see it: if two jobs have
 * e-mails in common, their lanes could wait for each other in a circle forever. So a lane waits only briefly for a
 * lock. If one times out, all lanes roll back, and one connection loads the open batches one after the other. That
 * connection never waits here while it holds rows, so PostgreSQL sees and breaks any remaining deadlock.
 */
import type { Progress } from '@csvjobs/shared';
import type { Lane, Ready, Way } from './lane.js';

/** deadlock_detected and lock_not_available (PostgreSQL, appendix A): another transaction's rows are in the way. */
const LOCK_CONFLICTS = new Set<unknown>(['40P01', '55P03']);
/**
 * The conflicts that a batch can survive if its earlier batches are in the same transaction. In a deadlock, the other
 * transaction may wait for those.
 */
const CONFLICTS_OF_A_PART = new Set<unknown>(['55P03']);

function isLockConflict(error: unknown, whole: boolean): boolean {
  return (whole ? CONFLICTS_OF_A_PART : LOCK_CONFLICTS).has((error as { code?: unknown }).code);
}

export interface LoadOptions<Loaded> {
  /** Called after each commit, in file order, with the time since the batch was started. */
  committed: (progress: Progress, batch: Loaded, seconds: number) => void;
  /** Stops the load after the open batches. */
  drain: AbortSignal;
}

interface WholeOptions<Loaded> extends LoadOptions<Loaded> {
  /** All batches are one transaction, which a deadlock aborts. */
  whole: boolean;
}

/**
 * Loads batches until there are no more, or `drain` is aborted.
 * @throws the error of any lane; then uncommitted batches have left no trace
 */
export async function load<Loaded, Prepared extends Ready>(
  batches: AsyncGenerator<Loaded>,
  lanes: readonly Lane<Loaded, Prepared>[],
  options: WholeOptions<Loaded>,
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
  { committed, drain, whole }: WholeOptions<Loaded>,
): Promise<boolean> {
  let way: Way = 'straight';
  let lastTurn: Promise<void> = Promise.resolve();
  let failed: { error: unknown } | undefined;
  let stop: (reason: Stopped) => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = reject;
  });
  stopped.catch(() => {});

  /** Returns the file's next batch and its place in the commit order; an async generator answers calls in order. */
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

/** Loads a batch while no other lane works. If PostgreSQL breaks a deadlock by cancelling this batch, tries again. */
async function loadAlone<Loaded, Prepared extends Ready>(
  lane: Lane<Loaded, Prepared>,
  batch: Loaded,
  whole: boolean,
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

/** Wakes the lanes that wait for a turn that will never come. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}
