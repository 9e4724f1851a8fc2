/**
 * A queue belongs to one database. Workers of another database would take its jobs, drop them as unknown, and these
 * would wait until a recovery puts them back. So each daemon reports, every few seconds, in the hash
 * `PREFIX:databases` of Redis which database it has: the database's identity, with a value that changes each time.
 * No clock is compared, neither that of a host nor that of Redis, whose TIME a user with few rights may not ask.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { Failure } from './failure.js';
import type { Log } from './log.js';
import { repeat } from './repeat.js';

/** The Redis commands that are needed. */
export interface ReportStore {
  hset(key: string, field: string, value: string): Promise<unknown>;
  hgetall(key: string): Promise<Record<string, string>>;
  hdel(key: string, ...fields: string[]): Promise<unknown>;
}

export interface DatabaseWatch {
  redis: ReportStore;
  /** QUEUE_PREFIX */
  prefix: string;
  /** The identity of this daemon's database (sql/identity.ts); a restored dump has the same one. */
  identity: string;
  log: Log;
  /** Called if Redis was unavailable at the start, and the queue turns out to be that of another database. */
  onFatal: (failure: Failure) => void;
  /** Whether other daemons of this database are running; asked when this one leaves. */
  othersRun: (withinMs: number) => Promise<boolean>;
  abortSignal: AbortSignal;
  /** How often a daemon reports its database, in ms; 5 s. */
  beatMs?: number;
}

/** Number of beats that a living daemon may miss. */
const MISSED = 3;

/**
 * Reports the database, unless the queue belongs to another one; returns a function to leave. Takes several beats
 * only if daemons of another database were killed: until they have been silent for long enough. If Redis is
 * unavailable, the check follows later, and may call `onFatal`. Of two that start at the same moment, both stay:
 * their workers warn about each other's jobs.
 * @throws {Failure} `queue_foreign` if a daemon of another database reports; the reason of `abortSignal`
 */
export async function claimQueue(watch: DatabaseWatch): Promise<() => Promise<void>> {
  const { redis, identity, log, abortSignal, beatMs = 5_000 } = watch;
  const key = `${watch.prefix}:databases`;
  const name = `${hostname()}, process ${process.pid}`;
  /** What the first look found of other databases, and how long they may be silent; undefined before it. */
  let look: { reports: Record<string, string>; deadline: number } | undefined;
  let isOurs = false;

  /** Looks once; claims the queue if no other database is in use. */
  const check = async () => {
    const { [identity]: _, ...reports } = await redis.hgetall(key);
    look ??= { reports, deadline: performance.now() + MISSED * beatMs };
    const living = Object.keys(reports).find((other) => reports[other] !== look!.reports[other]);
    if (living !== undefined) throw foreign(watch.prefix, reports[living]!);
    const silent = Object.keys(reports);
    if (silent.length > 0 && performance.now() <= look.deadline) return;
    if (silent.length > 0) await redis.hdel(key, ...silent);
    isOurs = true;
  };
  const beat = async () => {
    if (!isOurs) await check();
    if (isOurs) await redis.hset(key, identity, `${randomUUID()} ${name}`);
  };

  for (let round = 0; !isOurs; round++) {
    abortSignal.throwIfAborted();
    try {
      await beat();
    } catch (error) {
      if (error instanceof Failure) throw error;
      log.debug({ err: error }, 'the check that no other database uses this queue is postponed');
      break;
    }
    if (isOurs) break;
    if (round === 0) log.warn('daemons of another database used this queue; checking whether they still run');
    await setTimeout(beatMs / 5, undefined, { signal: abortSignal }).catch(() => {});
  }
  const beats = repeat(beat, beatMs, (error) => {
    if (error instanceof Failure) watch.onFatal(error);
  });
  return async () => {
    await beats.stop();
    if (!isOurs) return;
    // If PostgreSQL or Redis is unavailable, the report remains: daemons of another database wait until it is silent.
    const last = await watch.othersRun(MISSED * beatMs).then(
      (run) => !run,
      () => false,
    );
    if (last) await redis.hdel(key, identity).catch(() => {});
  };
}

function foreign(prefix: string, report: string): Failure {
  const name = report.slice(report.indexOf(' ') + 1);
  return new Failure(
    'queue_foreign',
    `a daemon of another database or DB_SCHEMA (${name}) uses the same Redis with QUEUE_PREFIX=${prefix}: each would take ` +
      'the other’s jobs from the queue, and these would wait.\n' +
      `Give all daemons of this database a queue of their own, for example: QUEUE_PREFIX=${prefix}-2 csvjobsd`,
  );
}
