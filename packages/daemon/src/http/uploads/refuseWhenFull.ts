import { countUnfinished } from '../../sql/jobList.js';
import type { AppDeps } from '../deps.js';
import { refuseUntil } from '../problems.js';

/** @throws {Failure} `queue_full` where as many jobs as may wait do */
export async function refuseWhenFull({ pool, options }: Pick<AppDeps, 'pool' | 'options'>): Promise<void> {
  const { maxQueued } = options;
  if (maxQueued === undefined || (await countUnfinished(pool, maxQueued)) < maxQueued) return;
  const detail = `${maxQueued} jobs wait or are worked on (MAX_QUEUED); upload again when some are done`;
  throw refuseUntil('queue_full', detail, 10);
}
