/** The connections of a run that load: how many there can be, and in which order their batches begin. */
import { isWhole, type Job } from '@csvjobs/shared';
import { failpoint } from '../failpoint.js';
import { borrowSession, type LaneConnection, laneOf, openSession } from '../sql/lanes.js';
import { type Connection, type Pool, silenceOf } from '../sql/pool.js';
import { wholeLane } from '../sql/wholeLane.js';

/**
 * As many lanes as were asked for, or as there are connections: a server, a role and a pooler have their limits (SQLSTATE
 * 53300). Where there is none at all, one of the pool's is borrowed. It is one lane where all batches are one transaction.
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
 * Lets calls run one after the other, in the order in which they were made. Batches begin like that, because a pooler may
 * have fewer backends than there are lanes: one that was taken by a batch which waits for its turn, while an earlier
 * batch waits for a backend, would never come back.
 */
function oneByOne(): (call: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (call) => {
    const own = last.then(call);
    last = own.catch(() => {});
    return own;
  };
}

/** A lane is worth its connection when it has a batch of its own. */
export function laneCount(lanes: number, batchRows: number, remainingRows: number): number {
  return Math.max(1, Math.min(lanes, Math.ceil(remainingRows / batchRows)));
}
