/**
 * A lane whose records are all taken back: the rows, their report and the job itself are one transaction that nobody else sees, and
 * each record is a savepoint of it. In front of the next one the caller looks at what the database has made of it.
 */
import { Failure } from '../../failure.js';
import { heldInto } from '../heldJobs.js';
import { holdJob } from '../jobProgress.js';
import type { LaneConnection, LaneSettings, LoaderSession } from '../lanes.js';
import { cut, type Pool } from '../pool.js';

const RECORD = 'csvjobs_record';

/**
 * @param session whose transaction has begun, with the job in it
 * @param look sent the last statements of each batch
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
      // A load would wait for what another transaction holds.
      if (patient) throw new InTheWay();
      await client.query(`savepoint ${RECORD}`);
    },
    beginAnew: async () => void (await client.query(`rollback to savepoint ${RECORD}`)),
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
 * Takes what a replacement does before and behind the records, each part a savepoint too. A part that finds a lock of another
 * transaction is not tried again.
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

/** Another transaction keeps a preview from its end, which passes by itself. */
export class InTheWay extends Error {}

/** What is said of it: which job is held on the table, where one is. @param table as jobs have its name */
export async function whatIsInTheWay(pool: Pool, table: string): Promise<Failure> {
  const [held] = await heldInto(pool, table);
  return new Failure(
    'unavailable',
    held
      ? `job ${held} is held and keeps its rows of ${table} locked until it is answered; nothing was changed: csvjobs accept ${held}, or csvjobs discard ${held}`
      : 'another transaction holds the table, or rows with the keys of these records (a load that is under way, say); nothing was changed, try again when it has ended',
  );
}
