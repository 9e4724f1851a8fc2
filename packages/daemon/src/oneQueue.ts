/**
 * All daemons on a database must have one queue. Two with a queue each would take the jobs that the other works on for
 * lost ones, and take them from each other. So each says every few seconds, in the database, which queue it has.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { Failure } from './failure.js';
import type { Log } from './log.js';
import { type NameStore, queueIdentity } from './queue/identity.js';
import { repeat } from './repeat.js';
import { forgetKilled, noteAlive, noteAlone, noteEnd, type OtherDaemon } from './sql/daemons.js';
import type { Pool } from './sql/pool.js';

export interface QueueWatch {
  pool: Pool;
  redis: NameStore;
  /** QUEUE_PREFIX */
  prefix: string;
  /** The queue is private: no other daemon can have it. */
  alone: boolean;
  /** What this daemon knows as a worker (sql/workerLevel.ts); undefined where it is none. */
  workerLevel?: number | undefined;
  log: Log;
  /** Called when a daemon that was there before turns out to have another queue: this one must end. */
  lose: (failure: Failure) => void;
  giveUp: AbortSignal;
  /** How often a daemon says that it lives, in ms; 5 s. */
  beatMs?: number;
}

/** Beats that a living daemon may miss: a busy machine, a short outage of PostgreSQL. */
const MISSED = 3;

/**
 * Joins the queue; returns how to leave it. Takes some beats only where a daemon with another queue has been heard of
 * lately: until that is seen to live, or has been silent for long enough. Where Redis or PostgreSQL is away it is looked
 * at later, and `lose` called.
 * @throws {Failure} `queue_foreign` when a living daemon has another queue; the reason of `giveUp`
 */
export async function joinQueue(watch: QueueWatch): Promise<() => Promise<void>> {
  const { pool, log, giveUp, beatMs = 5_000 } = watch;
  const id = randomUUID();
  const name = `${hostname()}, process ${process.pid}`;
  let queueId: string = randomUUID();
  /** When the others of before were heard of last: one that lives is heard of again. */
  let heard = new Map<string, string>();

  /** Returns those of before that have another queue; and of them the first that is seen to live. */
  const beat = async (): Promise<{ others: OtherDaemon[]; living: OtherDaemon | undefined }> => {
    queueId = await queueIdentity(watch.redis, watch.prefix, queueId);
    const all = await noteAlive(pool, { id, queueId, name, workerLevel: watch.workerLevel }, MISSED * beatMs);
    const others = all.filter(({ cameFirst }) => cameFirst);
    const living = others.find((other) => ![undefined, other.seenAt].includes(heard.get(other.id)));
    heard = new Map(others.map((other) => [other.id, other.seenAt]));
    return { others, living };
  };

  const leave = () => noteEnd(pool, id);
  try {
    await firstLook();
  } catch (error) {
    await leave().catch(() => {});
    throw error;
  }
  let told = false;
  const beats = repeat(
    async () => {
      const { living } = await beat();
      told = false;
      if (living) watch.lose(foreign(living));
    },
    beatMs,
    (err) => {
      if (!told) log.debug({ err }, 'whether all daemons have one queue cannot be looked at now');
      told = true;
    },
  );
  return async () => {
    await beats.stop();
    await leave();
  };

  async function firstLook(): Promise<void> {
    const deadline = performance.now() + MISSED * beatMs;
    for (let round = 0; ; round++) {
      giveUp.throwIfAborted();
      const { others, living } = await beat().catch((err) => {
        log.debug({ err }, 'whether all daemons have one queue is looked at later');
        return { others: [], living: undefined };
      });
      if (living) throw foreign(living);
      // Silent for that long by a clock that nobody sets: it was killed, whatever the database's clock says.
      if (others.length === 0 || performance.now() > deadline) break;
      if (round === 0) {
        const fields = { daemon: others[0]!.name, secondsAgo: Math.round(others[0]!.secondsAgo) };
        log.warn(
          fields,
          'a daemon with another queue was at work on this database; looking whether it still is',
        );
      }
      await setTimeout(beatMs / 5, undefined, { signal: giveUp }).catch(() => {});
    }
    // Tidying: what stays is passed over once it is old.
    if (watch.alone) await noteAlone(pool, { id, queueId, name }).catch(() => {});
    await forgetKilled(pool).catch(() => {});
  }
}

function foreign({ name, secondsAgo }: OtherDaemon): Failure {
  return new Failure(
    'queue_foreign',
    `another daemon (${name}; seen ${Math.max(0, Math.round(secondsAgo))} s ago) works on this database with another queue: each would take ` +
      'the other’s jobs for lost ones.\nGive both the same Redis (REDIS_URL, or REDIS_HOST and REDIS_PORT) and the same ' +
      'QUEUE_PREFIX, or this one a database of its own (DATABASE_URL); or stop the other one.',
  );
}
