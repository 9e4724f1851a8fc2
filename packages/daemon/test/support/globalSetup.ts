/**
 * One PostgreSQL and one Redis for a whole run of vitest, started on first use, so that a run without them costs
 * nothing. This process owns them: test files ask over a Unix socket, and the teardown stops started servers
 * whatever the test results.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/sql/migrate.js';
import { EMPTY_CLUSTER } from './emptyCluster.js';
import { type PostgresAddress, startPostgres, startRedis } from './servers.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Unix socket: write `postgres` or `redis` and a newline, read one line of JSON. */
    testServers: string;
  }
}

/** The answer: the address, or why there is none. */
export type ServerReply = { postgres: PostgresAddress } | { redis: { path: string } } | { error: string };

/** The migrated template of all test databases. */
export const TEMPLATE = 'csvjobs_template';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-tests-'));
  process.env[EMPTY_CLUSTER] = join(folder, 'empty');
  const stops: (() => Promise<void>)[] = [];
  const started = new Map<string, Promise<ServerReply>>();
  const starters: Record<string, () => Promise<ServerReply>> = {
    postgres: async () => {
      const server = await startPostgres();
      stops.push(() => server.stop());
      const admin = new pg.Client(server.connection);
      await admin.connect();
      await admin.query(`create database ${TEMPLATE}`);
      await admin.end();
      await migrate({ ...server.connection, database: TEMPLATE });
      return { postgres: server.connection };
    },
    redis: async () => {
      const server = await startRedis();
      stops.push(() => server.stop());
      return { redis: { path: server.path } };
    },
  };

  const control = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      const name = data.toString().trim();
      if (!started.has(name)) {
        const unknown = async () => ({ error: `no server called ${name}` });
        const begin = (starters[name] ?? unknown)();
        started.set(
          name,
          begin.catch((error: Error) => ({ error: error.stack ?? error.message })),
        );
      }
      started.get(name)!.then((reply) => socket.end(`${JSON.stringify(reply)}\n`));
    });
  });
  const path = join(folder, 'control.sock');
  await new Promise<void>((resolve) => control.listen(path, resolve));
  project.provide('testServers', path);

  return async () => {
    await Promise.allSettled(started.values());
    control.close();
    await Promise.all(stops.map((stop) => stop()));
    delete process.env[EMPTY_CLUSTER];
    await rm(folder, { recursive: true, force: true });
  };
}
