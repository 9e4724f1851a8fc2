/**
 * All daemons on a database must have one queue, and one store of uploads. Two with a queue each would take the jobs that the other
 * works on for lost ones, and take them from each other; two with a store each would not find the files of each other's jobs. So
 * each says every few seconds, in the database, which queue and which store it has.
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
import type { Store } from './storage/store.js';

export interface QueueWatch {
  pool: Pool;
  redis: NameStore;
  /** QUEUE_PREFIX */
  prefix: string;
  /** The queue is private: no other daemon can have it. */
  alone: boolean;
  /** What this daemon knows as a worker (sql/workerLevel.ts); undefined where it is none. */
  workerLevel?: number | undefined;
  /** Of the uploads. */
  store: Pick<Store, 'name' | 'identity'>;
  log: Log;
  /** Called when a daemon that was there before turns out to have another queue or store: this one must end. */
  lose: (failure: Failure) => void;
  giveUp: AbortSignal;
  /** How often a daemon says that it lives, in ms; 5 s. */
  beatMs?: number;
}

/** Beats that a living daemon may miss: a busy machine, a short outage of PostgreSQL. */
const MISSED = 3;

/**
 * Joins the queue; returns how to leave it. Takes some beats only where a daemon with another one has been heard of
 * lately: until that is seen to live, or has been silent for long enough. Where Redis or PostgreSQL is away it is looked
 * at later, and `lose` called.
 * @throws {Failure} `queue_foreign` when a living daemon has another queue, `uploads_apart` when it has another store; the reason of
 *   `giveUp`
 */
export async function joinQueue(watch: QueueWatch): Promise<() => Promise<void>> {
  const { pool, log, giveUp, beatMs = 5_000 } = watch;
  const id = randomUUID();
  const name = `${hostname()}, process ${process.pid}`;
  let queueId: string = randomUUID();
  let storeId: string | undefined;
  /** When the others of before were heard of last: one that lives is heard of again. */
  let heard = new Map<string, string>();

  /** Returns those of before that have another queue or store; and of them the first that is seen to live. */
  const beat = async (): Promise<{ others: OtherDaemon[]; living: OtherDaemon | undefined }> => {
    queueId = await queueIdentity(watch.redis, watch.prefix, queueId);
    // A store that cannot be reached, or a folder that cannot be written, is looked at again with the next beat.
    storeId ??= await watch.store.identity().catch(() => undefined);
    const own = { id, queueId, name, workerLevel: watch.workerLevel, storeId };
    const all = await noteAlive(pool, own, MISSED * beatMs);
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
      if (living) watch.lose(apart(living, watch.store.name));
    },
    beatMs,
    (err) => {
      if (!told) log.debug({ err }, 'cannot check that all daemons share one queue');
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
        log.debug({ err }, 'the check that all daemons share one queue is postponed');
        return { others: [], living: undefined };
      });
      if (living) throw apart(living, watch.store.name);
      // Silent for that long by a clock that nobody sets: it was killed, whatever the database's clock says.
      if (others.length === 0 || performance.now() > deadline) break;
      if (round === 0) {
        const fields = { daemon: others[0]!.name, secondsAgo: Math.round(others[0]!.secondsAgo) };
        log.warn(
          fields,
          'a daemon with another queue or upload store used this database; checking whether it still runs',
        );
      }
      await setTimeout(beatMs / 5, undefined, { signal: giveUp }).catch(() => {});
    }
    // Tidying: what stays is passed over once it is old.
    if (watch.alone) await noteAlone(pool, { id, queueId, name }).catch(() => {});
    await forgetKilled(pool).catch(() => {});
  }
}

function apart({ name, secondsAgo, otherQueue }: OtherDaemon, store: string): Failure {
  const other = `another daemon (${name}; seen ${Math.max(0, Math.round(secondsAgo))} s ago) works on this database with`;
  if (otherQueue)
    return new Failure(
      'queue_foreign',
      `${other} another queue: each would take the other’s jobs for lost ones.\n` +
        'Give both the same Redis (REDIS_URL, or REDIS_HOST and REDIS_PORT) and the same ' +
        'QUEUE_PREFIX, or this one a database of its own (DATABASE_URL); or stop the other one.',
    );
  return new Failure(
    'uploads_apart',
    `${other} its uploads in another place than ${store}: neither would find the files of the other’s jobs.\n` +
      'Mount the same folder on both hosts (UPLOAD_DIR), or give both a bucket (UPLOAD_STORE=s3://…), or this one a database of ' +
      'its own (DATABASE_URL). To move the uploads, stop all daemons first.',
  );
}
