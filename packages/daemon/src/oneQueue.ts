/**
 * All daemons on a database must share one queue, and one store of uploads. Two with different queues would
 * each take the jobs that the other works on for lost ones, and take them away from it; two with different
 * stores would not find the files of each other's jobs. So each daemon records in the database, every few
 * seconds, which queue and which store it has.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { Failure } from './failure.js';
import type { Log } from './log.js';
import { type NameStore, queueIdentity } from './queue/identity.js';
import { repeat } from './repeat.js';
import { forgetKilled, noteAlive, noteAlone, noteEnd, type OtherDaemon } from './sql/daemons.js';
import { noteStore } from './sql/identity.js';
import type { Pool } from './sql/pool.js';
import type { Store } from './storage/store.js';

export interface QueueWatch {
  pool: Pool;
  redis: NameStore;
  /** QUEUE_PREFIX */
  prefix: string;
  /** The queue is private: no other daemon can have it. */
  alone: boolean;
  /** The level of this daemon's worker (sql/workerLevel.ts); undefined without a worker. */
  workerLevel?: number | undefined;
  /** The store of the uploads. */
  store: Pick<Store, 'name' | 'identity'>;
  log: Log;
  /** Called when an earlier daemon turns out to have another queue or store: this one must stop. */
  onFatal: (failure: Failure) => void;
  abortSignal: AbortSignal;
  /** How often a daemon reports that it is alive, in ms; 5 s. */
  beatMs?: number;
}

/** Number of beats that a living daemon may miss: a busy machine, a short outage of PostgreSQL. */
const MISSED = 3;
/**
 * Number of new reports that prove that a daemon has another queue. A single one may have been under way while the queue got
 * another name, which that daemon takes with its next beat: Redis had lost everything.
 */
const PROOF = 2;

/**
 * Joins the queue; returns a function to leave it. Takes several beats only if a daemon with another queue or
 * store was active recently: until that one proves to be alive, or has been silent for long enough. If Redis
 * or PostgreSQL is unavailable, the check follows later, and may call `onFatal`.
 * @throws {Failure} `queue_foreign` if a living daemon has another queue, `uploads_apart` if it has another
 * store; the reason of `abortSignal`
 */
export async function joinQueue(watch: QueueWatch): Promise<() => Promise<void>> {
  const { pool, log, abortSignal, beatMs = 5_000 } = watch;
  const id = randomUUID();
  const name = `${hostname()}, process ${process.pid}`;
  let queueId: string = randomUUID();
  let storeId: string | undefined;
  /** When the earlier daemons last reported, and how often they did so since the first look at them. */
  let heard = new Map<string, { seenAt: string; reports: number }>();

  /**
   * Returns the earlier daemons that have another queue or store, and the first of them that proves to be
   * alive.
   */
  const beat = async (): Promise<{ others: OtherDaemon[]; living: OtherDaemon | undefined }> => {
    queueId = await queueIdentity(watch.redis, watch.prefix, queueId);
    // If the store is unreachable, or the folder is not writable, the next beat tries again.
    storeId ??= await watch.store.identity().catch(() => undefined);
    const own = { id, queueId, name, workerLevel: watch.workerLevel, storeId };
    const all = await noteAlive(pool, own, MISSED * beatMs);
    const others = all.filter(({ cameFirst }) => cameFirst);
    heard = new Map(
      others.map(({ id, seenAt }) => {
        const before = heard.get(id);
        const reports = (before?.reports ?? 0) + (before === undefined || before.seenAt === seenAt ? 0 : 1);
        return [id, { seenAt, reports }];
      }),
    );
    return { others, living: others.find((other) => heard.get(other.id)!.reports >= PROOF) };
  };

  let recorded = false;
  /** Records the store in the database, when it is certain that no other daemon uses another one. */
  const recordStore = async () => {
    if (recorded || storeId === undefined) return;
    const changed = await noteStore(pool, storeId);
    recorded = true;
    if (changed)
      log.warn(
        { store: watch.store.name },
        'this database used another upload store before; it needs none of the files there, except for retries of ended jobs',
      );
  };

  const leave = () => noteEnd(pool, id);
  try {
    await firstLook();
  } catch (error) {
    await leave().catch(() => {});
    throw error;
  }
  let logged = false;
  const beats = repeat(
    async () => {
      const { others, living } = await beat();
      logged = false;
      if (living) watch.onFatal(apart(living, watch.store.name));
      if (others.length === 0) await recordStore();
    },
    beatMs,
    (err) => {
      if (!logged) log.debug({ err }, 'cannot check that all daemons share one queue');
      logged = true;
    },
  );
  return async () => {
    await beats.stop();
    await leave();
  };

  async function firstLook(): Promise<void> {
    let deadline = performance.now() + MISSED * beatMs;
    let reports = 0;
    for (let round = 0; ; round++) {
      abortSignal.throwIfAborted();
      const { others, living } = await beat().catch((err) => {
        log.debug({ err }, 'the check that all daemons share one queue is postponed');
        return { others: [], living: undefined };
      });
      if (living) throw apart(living, watch.store.name);
      const reported = [...heard.values()].reduce((sum, each) => sum + each.reports, 0);
      if (reported > reports) deadline = performance.now() + MISSED * beatMs;
      reports = reported;
      // Silent for that long by a monotonic clock: it was killed, whatever the database's clock says.
      if (others.length === 0 || performance.now() > deadline) break;
      if (round === 0) {
        const fields = { daemon: others[0]!.name, secondsAgo: Math.round(others[0]!.secondsAgo) };
        log.warn(
          fields,
          'a daemon with another queue or upload store used this database; checking whether it still runs',
        );
      }
      await setTimeout(beatMs / 5, undefined, { signal: abortSignal }).catch(() => {});
    }
    // Cleanup: entries that remain are ignored once they are old.
    if (watch.alone) await noteAlone(pool, { id, queueId, name }).catch(() => {});
    await forgetKilled(pool).catch(() => {});
    // If PostgreSQL is unavailable, the next beat records it.
    await recordStore().catch(() => {});
  }
}

function apart({ name, secondsAgo, otherQueue }: OtherDaemon, store: string): Failure {
  const other = `another daemon (${name}; seen ${Math.max(0, Math.round(secondsAgo))} s ago) uses this database with`;
  if (otherQueue)
    return new Failure(
      'queue_foreign',
      `${other} another queue: each would treat the other’s jobs as lost.\n` +
        'Give both the same Redis (REDIS_URL, or REDIS_HOST and REDIS_PORT) and the same ' +
        'QUEUE_PREFIX, or this one a database of its own (DATABASE_URL); or stop the other one.',
    );
  return new Failure(
    'uploads_apart',
    `${other} another upload store than ${store}: neither would find the files of the other’s jobs.\n` +
      'Mount the same folder on both hosts (UPLOAD_DIR), or give both a bucket (UPLOAD_STORE=s3://…), or this one a database of ' +
      'its own (DATABASE_URL). To move the uploads, stop all daemons first.',
  );
}
