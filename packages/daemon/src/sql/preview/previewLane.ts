/**
 * A lane whose records are all taken back: the rows, their report and the job itself are one transaction that nobody else sees, and
 * each record is a savepoint of it. In front of the next one the caller looks at what the database has made of it.
 */
import { Failure } from '../../failure.js';
import { holdJob } from '../jobProgress.js';
import type { LaneConnection, LaneSettings, LoaderSession } from '../lanes.js';
import { cut } from '../pool.js';

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
      if (patient) throw inTheWay();
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

/** What keeps a preview from its end and passes by itself. */
export function inTheWay(): Failure {
  return new Failure(
    'unavailable',
    'another transaction holds the table, or rows with the keys of these records (a load that is under way, say); nothing was changed, try again when it has ended',
  );
}
