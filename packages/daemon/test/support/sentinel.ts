/** A Redis, its replica and a Sentinel, all with passwords. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './freePort.js';
import { dyingWithParent, end, type PrivateRedis, start, startRedis, until } from './servers.js';

export interface Sentinelled {
  primary: PrivateRedis;
  replica: PrivateRedis;
  /** The environment for a daemon. */
  environment: Record<string, string>;
  /** Disconnects the replica from the primary; it can still be promoted. */
  separate(): Promise<void>;
  stop(): Promise<void>;
}

const PASSWORD = 'planted-password-of-redis';
const SENTINEL_PASSWORD = 'planted-password-of-sentinel';

export async function startSentinelled(): Promise<Sentinelled> {
  const [one, two, three] = [await freePort(), await freePort(), await freePort()];
  const args = (port: number) => [
    ...['--port', String(port), '--bind', '127.0.0.1', '--requirepass', PASSWORD, '--masterauth', PASSWORD],
    // At once, instead of a pause for more replicas.
    ...['--repl-diskless-sync-delay', '0'],
  ];
  const primary = await startRedis(args(one));
  const replica = await startRedis([...args(two), '--replicaof', '127.0.0.1', String(one)]);
  const ask = async (server: PrivateRedis, ...command: [string, ...string[]]) => {
    const client = new Redis({ path: server.path, password: PASSWORD });
    try {
      return String(await client.call(...command));
    } finally {
      client.disconnect();
    }
  };
  const linked = async () => (await ask(replica, 'INFO', 'replication')).includes('master_link_status:up');
  while (!(await linked()));
  const folder = await mkdtemp(join(tmpdir(), 'csvjobs-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  await writeFile(
    file,
    `port ${three}
bind 127.0.0.1
dir ${folder}
requirepass ${SENTINEL_PASSWORD}
sentinel monitor csv 127.0.0.1 ${one} 1
sentinel auth-pass csv ${PASSWORD}
sentinel down-after-milliseconds csv 2000
sentinel failover-timeout csv 20000
`,
  );
  const sentinel = start(...dyingWithParent('redis-server', [file, '--sentinel'], 'TERM'), { cwd: folder });
  // It finds the replica in the primary's INFO.
  await until(async () => {
    const client = new Redis({ port: three, host: '127.0.0.1', password: SENTINEL_PASSWORD });
    client.on('error', () => {});
    const found = await client.call('SENTINEL', 'REPLICAS', 'csv').catch(() => []);
    client.disconnect();
    return (found as unknown[]).length === 1;
  }, sentinel);
  return {
    primary,
    replica,
    environment: {
      REDIS_URL: `redis://:${PASSWORD}@counts-for-nothing`,
      REDIS_SENTINELS: `127.0.0.1:${three}`,
      REDIS_SENTINEL_NAME: 'csv',
      REDIS_SENTINEL_PASSWORD: SENTINEL_PASSWORD,
    },
    async separate() {
      await ask(replica, 'CONFIG', 'SET', 'masterauth', 'wrong');
      await ask(replica, 'CLIENT', 'KILL', 'TYPE', 'master');
      while (await linked());
    },
    async stop() {
      await end(sentinel.process, 'SIGTERM');
      await Promise.all([primary.stop(), replica.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
