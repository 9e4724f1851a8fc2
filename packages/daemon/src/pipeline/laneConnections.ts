/** The connections that load a run's batches: how many there are, and in which order their batches start. */
import { isWhole, type Job } from '@csvjobs/shared';
import { failpoint } from '../failpoint.js';
import { borrowSession, type LaneConnection, laneOf, openSession } from '../sql/lanes.js';
import { type Connection, type Pool, silenceOf } from '../sql/pool.js';
import { wholeLane } from '../sql/wholeLane.js';

/**
 * Opens the given number of lanes, or fewer if connections are short: a server, a role and a pooler have limits
 * (SQLSTATE 53300). If it gets too few, it borrows from the pool. If all batches are one transaction, it opens one
 * lane, which needs two connections.
 */
export async function openConnections(
  { connection, pool }: { connection: Connection; pool: Pool },
  { id, attempt, mode = {} }: Job,
  count: number,
  skipForeignKey: boolean,
): Promise<LaneConnection[]> {
  const whole = isWhole(mode);
  const settings = { job: id, attempt, skipForeignKey, whole, silenceMs: silenceOf(connection) };
  const open = () => openSession(connection, settings);
  const opened = await Promise.allSettled(Array.from({ length: whole ? 2 : count }, open));
  const sessions = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    while (sessions.length < (whole ? 2 : 1)) sessions.push(await borrowSession(pool, settings));
  } catch (error) {
    await Promise.all(sessions.map((each) => each.close()));
    throw error;
  }
  const connections = whole
    ? [wholeLane(sessions[0]!, sessions[1]!, settings)]
    : sessions.map((each) => laneOf(each, settings));
  const inTurn = oneByOne();
  return connections.map((each) => {
    const begin = async (patient: boolean) => {
      await failpoint('before-begin');
      await each.begin(patient);
    };
    return { ...each, begin: (patient) => inTurn(() => begin(patient)) };
  });
}

/**
 * Runs calls one after the other, in the order in which they are made. Batches start this way because a pooler may have
 * fewer backends than there are lanes: if a later batch took the last backend and waited for its turn while an earlier
 * batch waited for a backend, both would wait forever.
 */
function oneByOne(): (call: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (call) => {
    const own = last.then(call);
    last = own.catch(() => {});
    return own;
  };
}

/** Returns the number of lanes that get at least one batch; more would waste connections. */
export function laneCount(lanes: number, batchRows: number, remainingRows: number): number {
  return Math.max(1, Math.min(lanes, Math.ceil(remainingRows / batchRows)));
}
