/** The load into a table other than customers. */
import { asFailure } from '../../failure.js';
import type { JobTarget } from '../../sql/jobProgress.js';
import { maySkipForeignKey } from '../../sql/lanes.js';
import { planLoad } from '../../sql/target/loadPlan.js';
import { shapeOf } from '../../sql/target/shape.js';
import { mayLoadSideBySide, rowsApart } from '../../sql/target/sideBySide.js';
import { laneCount, openConnections } from '../laneConnections.js';
import { load } from '../load.js';
import type { LoadingDependencies, StartLoad, ToLoad } from '../loading.js';
import type { TargetBatch } from './targetBatch.js';
import { assertInsertable, sameTarget } from './targetCheck.js';
import { createTargetLane } from './targetLane.js';

/**
 * @throws {Failure} `target_missing`, `target_changed`, `target_denied`: also from the load itself, where PostgreSQL refuses
 *   a statement because the table was changed meanwhile
 */
export async function prepareTarget(
  deps: LoadingDependencies,
  { target: known }: JobTarget,
  { job, source, checkpoint, totalRows, reading, lanes }: ToLoad,
): Promise<StartLoad> {
  // In this order: what changes between the two shows as a shape that is not there any more.
  const shape = await shapeOf(deps.pool, known.table);
  const target = await sameTarget(deps.pool, known);
  const { columns } = await reading.plan(source);
  const names = columns.map(({ column }) => column);
  assertInsertable(target, names);
  const plan = planLoad(target, names);
  const most = mayLoadSideBySide(plan) ? deps.lanes : 1;
  const count = laneCount(most, deps.limits.batchRows, totalRows - checkpoint.rowNumber);
  const apart = rowsApart(plan);
  const { delimiter } = source;
  const skipForeignKey = await maySkipForeignKey(deps.pool);
  const shared = {
    jobId: job.id,
    attempt: job.attempt,
    plan,
    columns,
    delimiter,
    shape,
    skipForeignKey,
    sifts: true,
    siftKeys: false,
  };
  const opened = (await openConnections(deps, job, count, false)).map((each) =>
    createTargetLane(each, shared),
  );
  lanes.push(...opened);
  return async (options) => {
    try {
      await load(reading.batches<TargetBatch>({ source, checkpoint, apart }), opened, options);
    } catch (error) {
      // A statement that the table does not fit any more; of all else the reason is known.
      if (['unexpected', 'database_rights'].includes(asFailure(error).code))
        await sameTarget(deps.pool, known);
      throw error;
    }
  };
}
