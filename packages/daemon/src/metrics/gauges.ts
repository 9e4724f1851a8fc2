/** Values that are read on request: streams, connections, and the jobs in PostgreSQL. */
import { JOB_STATUSES } from '@csvjobs/shared';
import { Gauge, type Registry } from 'prom-client';
import type { JobCounts } from '../sql/jobCounts.js';
import type { Pool } from '../sql/pool.js';

/**
 * A gauge of something that is open in this process. Returns a function that sets how to count it; 0 until
 * then.
 */
export function openGauge(
  registers: Registry[],
  { name, help }: { name: string; help: string },
): { from(open: () => number): void } {
  let open = () => 0;
  new Gauge({
    ...{ name, help, registers },
    collect() {
      this.set(open());
    },
  });
  return {
    from: (source) => {
      open = source;
    },
  };
}

export function poolGauge(registers: Registry[], pool: Pool): void {
  new Gauge({
    name: 'csvjobs_pool_connections',
    help: 'Connections of the PostgreSQL pool, used and idle, and requests that wait for one.',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'used' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
}

/**
 * Returns a function that reads them with two queries in PostgreSQL; await it before reading the registry,
 * which takes the values of all gauges at once. Without an answer they have no values, and database_up is 0;
 * it never throws.
 */
export function jobGauges(registers: Registry[], read: () => Promise<JobCounts>): () => Promise<void> {
  const jobs = new Gauge({
    name: 'csvjobs_jobs',
    help: 'Jobs by status.',
    labelNames: ['status'],
    registers,
  });
  const depth = new Gauge({
    name: 'csvjobs_queue_depth',
    help: 'Jobs that wait for a worker.',
    registers,
  });
  const small = new Gauge({
    name: 'csvjobs_queue_small_depth',
    help: 'Jobs with small files (SMALL_JOB_BYTES) among those that wait for a worker.',
    labelNames: [],
    registers,
  });
  const oldest = new Gauge({
    name: 'csvjobs_queue_oldest_seconds',
    help: 'Time that the oldest waiting job has waited for a worker; 0 if none waits.',
    registers,
  });
  const unknown = new Gauge({
    name: 'csvjobs_queue_unknown_depth',
    help: 'Waiting jobs that no active worker can load: there is none, or all are older.',
    registers,
  });
  const workers = new Gauge({
    name: 'csvjobs_workers',
    help: 'Active workers on all hosts.',
    registers,
  });
  const up = new Gauge({
    name: 'csvjobs_database_up',
    help: '1 if PostgreSQL responds, otherwise 0.',
    registers,
  });
  return async () => {
    const counts = await read().catch(() => undefined);
    jobs.reset();
    if (counts) for (const status of JOB_STATUSES) jobs.set({ status }, counts.byStatus[status] ?? 0);
    depth.set(counts ? (counts.byStatus.pending ?? 0) : Number.NaN);
    small.set(counts?.smallPending ?? Number.NaN);
    oldest.set(counts?.oldestPendingSeconds ?? Number.NaN);
    unknown.set(counts?.workers.unknown ?? Number.NaN);
    workers.set(counts?.workers.workers ?? Number.NaN);
    up.set(counts ? 1 : 0);
  };
}
