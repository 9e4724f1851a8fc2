/** Prepares a load into a table other than customers. */
import { fillableTarget, isWhole, quoteTableName, type TargetReason } from '@csvjobs/shared';
import { asFailure } from '../../failure.js';
import type { JobTarget } from '../../sql/jobTarget.js';
import { maySkipForeignKey } from '../../sql/lanes.js';
import { isLocked, withinPatience } from '../../sql/patience.js';
import { Denied } from '../../sql/target/denied.js';
import { explainDenied } from '../../sql/target/explainDenied.js';
import { filledBy } from '../../sql/target/fileRights.js';
import { lockFirst } from '../../sql/target/lockFirst.js';
import { readLookups } from '../../sql/target/lookupTables.js';
import { shapeOf } from '../../sql/target/shape.js';
import { hasFixedDefaults, mayLoadSideBySide, rowsApart } from '../../sql/target/sideBySide.js';
import { assertStageable } from '../../sql/target/stage.js';
import { nameEarlierCustomers } from '../customers/earlierCustomers.js';
import { createRecordReader } from '../customers/recordReader.js';
import { emailKeyOf } from '../customers/words.js';
import { EarlierRows } from '../keys/earlierRows.js';
import { fileKeys } from '../keys/fileKeys.js';
import { KeyLog } from '../keys/keyLog.js';
import { laneCount, openConnections } from '../laneConnections.js';
import { load } from '../load.js';
import type { LoadingDependencies, StartLoad, ToLoad } from '../loading.js';
import { planRows } from './planRows.js';
import type { NameRepeated } from './preparedBatch.js';
import { nameRepeated } from './repeatedRows.js';
import { createReplacement } from './replacing.js';
import { assertSameKeys } from './sameKeys.js';
import { Sayings } from './sayings.js';
import type { TargetBatch } from './targetBatch.js';
import { assertGranted, assertInsertable, sameTarget, sameTargetAtLast } from './targetCheck.js';
import { createTargetLane } from './targetLane.js';
import { MOST_EARLY_LANES } from './upsertBatch.js';

const LOG_FAILED =
  'the keys of a job’s rows cannot be noted on disk; its load continues, but its report cannot say which row of the file a duplicate repeats';

const INDEX_FAILED =
  'the keys of a job’s rows cannot be sorted on disk; its load continues, and takes longer where rows repeat a key';

/**
 * @throws {Failure} `too_many_columns`; `target_missing`, `target_changed`, `target_denied`. The load itself throws
 *   them too, if PostgreSQL refuses a statement because the table has changed meanwhile; it also throws what a
 *   `Replacement` throws
 */
export async function prepareTarget(
  deps: LoadingDependencies,
  { target: known, spec }: JobTarget,
  { job, source, checkpoint, totalRows, reading, lanes, stopped, logPath, warn }: ToLoad,
): Promise<StartLoad> {
  // In this order: if the table changes between the two, its shape no longer matches.
  const shape = await shapeOf(deps.pool, known.table);
  const reviewed = job.mode?.dryRun === true || job.dryRunId !== undefined;
  const about = { jobId: job.id, stopped, reviewed };
  const target = fillableTarget(await sameTargetAtLast(deps, known, about), spec);
  const filePlan = await reading.plan(source);
  const { columns, lookups: wanted, numbered, report } = filePlan;
  const named = numbered === undefined ? [] : [numbered];
  const names = [...columns.map(({ column }) => column), ...named];
  const filled = filledBy(filePlan);
  assertInsertable(target, filled, filePlan);
  await assertGranted(deps.pool, target, filePlan, job.mode);
  const lookups = await readLookups(deps.pool, target, wanted);
  assertSameKeys(filePlan, lookups);
  const plan = planRows(target, filePlan, names, lookups);
  assertStageable(plan);
  // Side by side, lanes only stage rows that may be updated, so fixed defaults are enough.
  const sideBySide = plan.conflict ? hasFixedDefaults(plan) : mayLoadSideBySide(plan);
  const most = sideBySide ? deps.lanes : 1;
  const count = laneCount(most, deps.limits.batchRows, totalRows - checkpoint.rowNumber);
  const apart = rowsApart(plan);
  const { customers } = filePlan;
  const maySkip = await maySkipForeignKey(deps.pool);
  // For customers, the connections skip it for rows as well, not only for rejects.
  const skipForeignKey = maySkip && customers === undefined;
  const { delimiter, dialect } = source;
  const keys = fileKeys(target, filePlan).compared.map(({ name }) => name);
  const sayings = new Sayings((job.reasons ?? []).map(({ message }) => message));
  const nameOf = (reason: TargetReason) => sayings.named(reason);
  const batches = () => reading.batches<TargetBatch>({ source, checkpoint, apart });
  // The first ones are made while the lanes connect. A replacement reads the file once more before.
  const first = job.mode?.replace ? undefined : batches();
  const connections = deps.preview
    ? [deps.preview.lane]
    : await openConnections(deps, job, count, maySkip && customers !== undefined);
  const keyLog =
    keys.length === 0
      ? undefined
      : await KeyLog.open(logPath, keys.length, (error) => warn(LOG_FAILED, error));
  const earlier =
    keyLog &&
    new EarlierRows(keyLog, {
      indexPath: `${logPath}.sorted`,
      failed: (error) => warn(INDEX_FAILED, error),
    });
  const emailKey = customers && emailKeyOf(target);
  const records = createRecordReader({ plan: filePlan, customers }, emailKey);
  const email = columns.findIndex(({ column }) => column === 'email');
  const nameRepeats: NameRepeated = (client, batch, refused, parse) =>
    emailKey === undefined
      ? nameRepeated({ keys, earlier }, batch, refused)
      : nameEarlierCustomers({ jobId: job.id, records, email, emailKey }, client, batch, refused, parse);
  const shared = {
    ...{ jobId: job.id, attempt: job.attempt, plan, shape, skipForeignKey },
    lockTable: await lockFirst(deps.pool, target),
    ...{ delimiter, dialect, report, records, named: nameOf, nameRepeated: nameRepeats, keyLog },
    sifts: true,
    siftKeys: false,
    replaces: job.mode?.replace === true,
    early: connections.length <= MOST_EARLY_LANES,
  };
  const opened = connections.map((each) => createTargetLane(each, shared));
  lanes.push(...opened);
  const { mode = {} } = job;
  const whole = isWhole(mode);
  const limits = deps.preview?.removal;
  const replacing = { jobId: job.id, attempt: job.attempt, mode, plan, shape, stopped, limits };
  const writesParts = deps.preview?.parts ?? connections[0]!;
  const replacement = mode.replace ? createReplacement(writesParts, replacing) : undefined;
  return async (options) => {
    try {
      await replacement?.begin(batches, reading.giveBack);
      await load(first ?? batches(), opened, { ...options, whole });
      if (!options.drain.aborted) await replacement?.finish();
    } catch (error) {
      if (replacement && options.drain.aborted && isLocked(error)) return;
      // The table may no longer fit the statement. All other failures already give their reason.
      if (error instanceof Denied || ['unexpected', 'database_rights'].includes(asFailure(error).code))
        await withinPatience(deps.pool, async (db) => {
          const now = await sameTarget(db, known);
          assertInsertable(now, filled, filePlan);
          await assertGranted(db, now, filePlan, job.mode);
        }).catch((found) => {
          if (!isLocked(found)) throw found;
        });
      throw error instanceof Denied
        ? await explainDenied(deps.pool, error, quoteTableName(target.table))
        : error;
    } finally {
      await keyLog?.close();
      await earlier?.close();
    }
  };
}
