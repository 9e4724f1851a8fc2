/**
 * Loads a batch whose rows are inserted or refused. It copies them straight into the table if it may. If PostgreSQL
 * refuses that, it restarts the transaction and sifts the rows: it takes out rows with faults that can be found in
 * advance and copies the others straight. If that is refused too, it stages the rows; those with too many columns for a
 * stage are inserted one by one.
 */
import type { TargetReason } from '@csvjobs/shared';
import { isRefusal } from '../../sql/target/attempt.js';
import { insertEach } from '../../sql/target/insertEach.js';
import { loadStaged, type StagedRows } from '../../sql/target/loadStaged.js';
import { siftedColumns, siftRows } from '../../sql/target/sift.js';
import { hasStage } from '../../sql/target/stage.js';
import { MOST_STAGED, STAGE_STEP } from '../../sql/target/stageStep.js';
import { copyStraight, mayGoStraight } from '../../sql/target/straight.js';
import { PayloadMemory } from '../batch/memory.js';
import type { CopyRows } from '../batch.js';
import { binaryRows } from '../keptRecords.js';
import type { Way } from '../lane.js';
import { projectRows, withoutRows } from './binaryRows.js';
import { type LaneParts, lockJob, type PreparedBatch } from './preparedBatch.js';
import type { Refusals } from './refusals.js';
import { textRows, type WhichRows } from './textRows.js';

export interface Inserts {
  /** Loads rows that do not depend on the others of the batch. */
  loadRows(prepared: PreparedBatch, way: Way): Promise<void>;
  /** Loads the records set aside, after all that they may depend on. */
  loadAside(prepared: PreparedBatch): Promise<void>;
  /** Loads all records of a batch in file order. */
  loadInOrder(prepared: PreparedBatch, way: Way): Promise<void>;
}

const UNIQUE_VIOLATION = '23505';

const NO_TEXTS = { copy: new Uint8Array(0), numbered: true };

export function createInserts(parts: LaneParts, refusals: Refusals): Inserts {
  const { connection, load, parse } = parts;
  const { client, restart } = connection;
  const { plan } = load;
  const memory = new PayloadMemory();

  async function loadRows(prepared: PreparedBatch, way: Way): Promise<void> {
    const { rows } = prepared.batch;
    const went = way === 'straight' && (await wentStraight(prepared, rows, 'binary'));
    if (!went && !(await wentSifted(prepared)))
      await loadSlowly(prepared, 'rows', { binary: rows.copy, texts: NO_TEXTS });
  }

  async function loadAside(prepared: PreparedBatch): Promise<void> {
    const { suspects, texts } = prepared.batch;
    if (suspects.count + texts.count === 0) return;
    await stageRows(prepared, 'aside', {
      binary: NO_TEXTS.copy,
      suspects: suspects.copy,
      texts: { copy: texts.copy, numbered: true },
    });
  }

  async function loadInOrder(prepared: PreparedBatch, way: Way): Promise<void> {
    const { rows, suspects, texts, numbered } = prepared.batch;
    if (suspects.count + texts.count === 0) return loadRows(prepared, way);
    if (!numbered && way === 'straight' && (await wentStraight(prepared, texts, 'text'))) return;
    await loadSlowly(prepared, 'all', {
      binary: rows.copy,
      suspects: suspects.copy,
      texts: { copy: texts.copy, numbered },
    });
  }

  async function wentStraight(
    prepared: PreparedBatch,
    rows: CopyRows,
    format: 'binary' | 'text',
  ): Promise<boolean> {
    if (rows.count === 0) return true;
    if (!mayGoStraight(plan)) return false;
    try {
      if (await copyStraight(client, plan, rows.copy, rows.count, format)) {
        prepared.inserted += rows.count;
        return true;
      }
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if ((error as { code?: string }).code === UNIQUE_VIOLATION) load.siftKeys = true;
    }
    if (prepared.reported + prepared.inserted > 0)
      throw new Error('a restart would undo what is counted already');
    await restart(prepared.patient);
    prepared.verified = false;
    await lockJob(parts);
    return false;
  }

  async function wentSifted(prepared: PreparedBatch): Promise<boolean> {
    const { rows, apart } = prepared.batch;
    if (rows.count === 0) return true;
    if (!load.sifts || !mayGoStraight(plan)) return false;
    const withKeys = load.siftKeys;
    const columns = siftedColumns(plan, withKeys);
    if (columns.length === 0 || columns.length > MOST_STAGED) return false;
    const { ends } = binaryRows(prepared.batch.kept);
    const narrow = await projectRows(rows, ends, columns, memory);
    const refused = await siftRows(client, plan, columns, narrow.copy);
    const without = refused.map(({ row }) => row / STAGE_STEP - 1);
    const left = withoutRows(rows, ends, without, memory);
    const went = await wentStraight(prepared, left, 'binary');
    memory.giveBack([narrow.copy, left.copy]);
    if (!went && load.siftKeys && !withKeys) return wentSifted(prepared);
    if (!went) {
      // Rows that depend on each other would be refused again and again.
      load.sifts = apart;
      return false;
    }
    // Looks up keys only as long as rows are refused for them, because that takes as long as everything else.
    const repeats = ({ code }: TargetReason) => code === 'duplicate_in_table';
    if (withKeys) load.siftKeys = refused.some(({ reasons }) => reasons.some(repeats));
    if (refused.length > 0) prepared.nextWay = 'staged';
    await refusals.note(prepared, refused);
    return true;
  }

  async function loadSlowly(prepared: PreparedBatch, which: WhichRows, rows: StagedRows): Promise<void> {
    if (await stageRows(prepared, which, rows)) prepared.nextWay = 'staged';
  }

  /**
   * Loads rows from the stage, which also judges rejected records, once; or one by one if they have too many columns
   * for a stage. Returns whether PostgreSQL refused any.
   */
  async function stageRows(prepared: PreparedBatch, which: WhichRows, rows: StagedRows): Promise<boolean> {
    if (!hasStage(plan)) return loadEach(prepared, which);
    const { copy } = prepared.batch.doubtful;
    const rejected = prepared.more ? {} : { rejected: copy };
    const { inserted, refused, more } = await loadStaged(client, plan, { ...rows, ...rejected });
    prepared.more ??= more;
    prepared.inserted += inserted;
    await refusals.note(prepared, refused);
    return refused.length > 0;
  }

  async function loadEach(prepared: PreparedBatch, which: WhichRows): Promise<boolean> {
    const each = textRows(prepared.batch, which, { records: load.records, parse });
    const { inserted, refused } = await insertEach(client, plan, each);
    prepared.inserted += inserted;
    await refusals.note(prepared, refused);
    return refused.length > 0;
  }

  return { loadRows, loadAside, loadInOrder };
}
