/**
 * A lane whose records are all rolled back: the rows, their report and the job itself are one transaction that no other
 * session sees, and each record is a savepoint. After each record the caller reads what the database has made of it.
 */
import { Failure } from '../../failure.js';
import { heldInto } from '../heldJobs.js';
import { holdJob } from '../jobProgress.js';
import type { LaneConnection, LaneSettings, LoaderSession } from '../lanes.js';
import { cut, type Pool } from '../pool.js';

const RECORD = 'csvjobs_record';

/**
 * @param session its transaction has begun and contains the job
 * @param look runs after the last statements of each batch
 */
export function previewLane(
  session: LoaderSession,
  { job, attempt }: Pick<LaneSettings, 'job' | 'attempt'>,
  look: () => Promise<void>,
): LaneConnection {
  const { client } = session;
  return {
    client,
    async begin(patient) {
      // A load would wait for the other transaction's lock here.
      if (patient) throw new InTheWay();
      await client.query(`savepoint ${RECORD}`);
    },
    restart: async () => void (await client.query(`rollback to savepoint ${RECORD}`)),
    reports: async () => client,
    hold: () => holdJob(client, job, attempt),
    async commit() {
      await look();
      await client.query(`release savepoint ${RECORD}`);
    },
    async abandon() {
      await client.query(`rollback to savepoint ${RECORD}; release savepoint ${RECORD}`).catch(() => {});
    },
    cut: () => cut(client),
    close: session.close,
    whole: undefined,
  };
}

/**
 * Runs what a replacement does before and after the records, each part in a savepoint too. If a part meets a lock of another
 * transaction, it is not retried.
 */
export function previewParts(
  session: LoaderSession,
  settings: Pick<LaneSettings, 'job' | 'attempt'>,
): LaneConnection {
  const lane = previewLane(session, settings, async () => {});
  let abandoned = false;
  return {
    ...lane,
    async begin() {
      if (abandoned) throw new InTheWay();
      await lane.begin(false);
    },
    async abandon() {
      abandoned = true;
      await lane.abandon();
    },
  };
}

/** Another transaction blocks a preview; this is temporary. */
export class InTheWay extends Error {}

/** Explains it, naming the job held on the table if there is one. @param table as jobs name it */
export async function whatIsInTheWay(pool: Pool, table: string): Promise<Failure> {
  const [held] = await heldInto(pool, table);
  return new Failure(
    'rows_locked',
    held
      ? `job ${held} is held and keeps its rows of ${table} locked until it is accepted or discarded; nothing was changed: csvjobs accept ${held}, or csvjobs discard ${held}`
      : 'another transaction has locked the table, or rows with the keys of these records (a running load, for example); nothing was changed, try again when it has ended',
  );
}
