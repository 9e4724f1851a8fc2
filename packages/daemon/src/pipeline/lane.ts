/**
 * One connection that loads batches, each in one transaction, in two steps. `prepare` does everything that does not
 * need earlier batches to be committed, so lanes do it side by side; `finish` does the rest, in file order.
 *
 * Most rows are direct: the reading thread has not seen their e-mail before, so they can only collide with rows of
 * other jobs. The lane copies them straight into the table. If one collides, PostgreSQL refuses all of them; the lane
 * then stages them and looks up each one. It always stages suspects, whose e-mail may have been in the file before.
 * Suspects whose e-mail is not in the table wait for the earlier batches, which may still contain the row that wins.
 */
import { type FileDialect, type Progress, rowsOf, withNoun } from '@csvjobs/shared';
import { failpoint } from '../failpoint.js';
import { Failure } from '../failure.js';
import type { Payload } from '../sql/copy.js';
import {
  copyCustomers,
  findClaimed,
  insertRemaining,
  type Repeated,
  type RowKind,
  stageCustomers,
} from '../sql/customers.js';
import { loadRejections } from '../sql/jobErrors.js';
import { advance } from '../sql/jobProgress.js';
import { type LaneConnection, openStaging, type WholeEnd } from '../sql/lanes.js';
import type { Client } from '../sql/pool.js';
import { keepTransaction } from '../sql/undo/transactionIds.js';
import type { Batch, CopyRows } from './batch.js';
import { parseFixed } from './fixes/parseFixed.js';
import { createParse } from './parse.js';
import { createStoreRefused } from './refusedRows.js';
import { repeatedReasons, repeatedRejects } from './repeatedRejects.js';

/** The job no longer belongs to this attempt: another worker has it, or it was cancelled. Nothing was written. */
export class Superseded extends Failure {
  constructor(jobId: string) {
    super('superseded', `job ${jobId} is no longer this worker's; nothing of the batch was written`);
  }
}

/** How rows are inserted: straight, or staged first because PostgreSQL would probably refuse some. */
export type Way = 'straight' | 'staged';

/** A prepared batch, as far as other modules see it. */
export interface Ready {
  /** The way for the next batch: staged as long as batches have refused rows. */
  nextWay: Way;
}

interface Prepared extends Ready {
  batch: Batch;
  inserted: number;
  /** Number of rejected rows for each reason. */
  reasons: Record<string, number>;
  /** Suspects that wait for earlier batches. */
  unclaimed: number;
}

/** A connection that loads batches of one kind. */
export interface Lane<Loaded, Prepared extends Ready = Ready> {
  /** Starts the batch's transaction. `patient`: waits for other jobs' rows as long as necessary. */
  prepare(batch: Loaded, way: Way, patient?: boolean): Promise<Prepared>;
  /**
   * Finishes the batch and returns the job's progress after it. The batch is then committed, or, if all batches are one
   * transaction, a part of that.
   */
  finish(prepared: Prepared): Promise<Progress>;
  /** Rolls back the transaction; a broken connection has done so already. */
  abandon(): Promise<void>;
  /** Cuts the connection: everything in progress on it fails at once. */
  cut(): void;
  close(): Promise<void>;
  /** Undefined if each batch is committed on its own. */
  whole: WholeEnd | undefined;
}

/** What the lanes of a job share. */
export interface CustomersLoad {
  jobId: string;
  attempt: number;
  /** How to split kept records into fields again. */
  delimiter: string;
  dialect?: FileDialect | undefined;
}

export function createLane(
  connection: LaneConnection,
  { jobId, attempt, ...format }: CustomersLoad,
): Lane<Batch, Prepared> {
  const { client } = connection;
  const parse = createParse(format);
  const storeRefused = createStoreRefused(jobId);

  async function loadRejects(rows: Payload, count: number): Promise<void> {
    if (count === 0) return;
    const loaded = await loadRejections(await connection.reports(), rows);
    if (loaded !== count) throw doNotAddUp(`of ${withNoun(count, 'reject')} ${loaded} are in job_errors`);
  }

  async function reject(prepared: Prepared, repeated: readonly Repeated[]): Promise<void> {
    if (repeated.length === 0) return;
    const { batch, reasons } = prepared;
    const write = repeatedRejects(batch, parseFixed(parse, batch.header.report));
    await storeRefused(repeated, write, (rows) => loadRejects(rows, repeated.length));
    for (const [reason, rows] of Object.entries(repeatedReasons(repeated)))
      reasons[reason] = (reasons[reason] ?? 0) + rows;
  }

  /** Stages rows and rejects those whose e-mail is in the table. Returns how many are left. */
  async function stage(prepared: Prepared, kind: RowKind, rows: CopyRows): Promise<number> {
    await openStaging(client, kind);
    await stageCustomers(client, kind, rows.copy);
    const repeated = await findClaimed(client, kind);
    await reject(prepared, repeated);
    return rows.count - repeated.length;
  }

  /** Inserts what is left, and rejects those that lose. */
  async function insertRest(prepared: Prepared, kind: RowKind, unclaimed: number): Promise<void> {
    if (unclaimed === 0) return;
    const { inserted, rejected } = await insertRemaining(client, kind, unclaimed);
    prepared.inserted += inserted;
    await reject(prepared, rejected);
  }

  /** The staged way for direct rows. They have no rival in the file, so none of them waits for its turn. */
  async function loadStaged(prepared: Prepared): Promise<void> {
    const { direct } = prepared.batch;
    const before = prepared.inserted;
    await insertRest(prepared, 'direct', await stage(prepared, 'direct', direct));
    prepared.nextWay = prepared.inserted - before < direct.count ? 'staged' : 'straight';
  }

  return {
    async prepare(batch, way, patient = false) {
      await connection.begin(patient);
      if (!(await connection.hold())) throw new Superseded(jobId);
      const prepared: Prepared = {
        batch,
        inserted: 0,
        reasons: { ...batch.reasons },
        unclaimed: 0,
        nextWay: 'straight',
      };
      if (batch.direct.count > 0) {
        const straight = way === 'straight' ? await copyStraight(client, batch) : null;
        if (straight === null) await loadStaged(prepared);
        else prepared.inserted += straight;
      }
      await loadRejects(batch.rejects.copy, batch.rejects.count);
      if (batch.suspects.count > 0) prepared.unclaimed = await stage(prepared, 'suspect', batch.suspects);
      return prepared;
    },

    async finish(prepared) {
      const { batch, unclaimed } = prepared;
      await insertRest(prepared, 'suspect', unclaimed);
      checkCounts(prepared);
      await keepTransaction(client, jobId, prepared);
      const progress = await advance(await connection.reports(), jobId, attempt, {
        inserted: prepared.inserted,
        reasons: prepared.reasons,
        assumed: batch.assumed,
        checkpoint: batch.checkpoint,
      });
      if (!progress) throw new Superseded(jobId);
      await failpoint('before-commit');
      await connection.commit();
      await failpoint('after-commit');
      return progress;
    },

    abandon: connection.abandon,
    cut: connection.cut,
    close: connection.close,
    whole: connection.whole,
  };
}

/**
 * Copies the direct rows straight into the table. Returns their number, or null if one collides; then none is inserted.
 */
async function copyStraight(client: Client, { direct }: Batch): Promise<number | null> {
  await client.query('savepoint straight');
  try {
    return await copyCustomers(client, direct.copy);
  } catch (error) {
    if ((error as { code?: string }).code !== '23505') throw error;
    await client.query('rollback to savepoint straight');
    return null;
  }
}

/**
 * Checks that each record is in exactly one place. This fails if, for example, a winner was deleted in the meantime.
 */
function checkCounts({ batch, inserted, reasons }: Prepared): void {
  const rejected = rowsOf(reasons);
  const records = batch.direct.count + batch.suspects.count + batch.rejects.count;
  if (inserted + rejected === records) return;
  throw doNotAddUp(`of ${withNoun(records, 'record')} ${inserted} were inserted and ${rejected} rejected`);
}

/** Returns the failure for a batch with records in no place, or in two. Such a batch must not be committed. */
export function doNotAddUp(what: string): Failure {
  const why = 'another program changed the table meanwhile, or a trigger or a rule of it takes rows away';
  return new Failure('rows_do_not_add_up', `${what}: ${why}`, { retryable: true });
}
