/**
 * Redis is up but refuses: a changed password or access list, it became a replica, it is full, it cannot save.
 * This counts as Redis down: the daemon stays up, says so once, is not ready, and continues when Redis accepts again.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { LONG } from '../../packages/daemon/test/support/form.js';
import { keepSecret } from '../../packages/daemon/test/watch/watched.js';
import { type Bench, openBench } from './support/bench.js';
import { completed, getJob, readiness, upload } from './support/client.js';
import type { DaemonProcess } from './support/daemonProcess.js';
import { dirtyFile } from './support/dirtyFile.js';
import { expectUndisturbed, putKnown, storedJob } from './support/oracle.js';
import { until } from './support/until.js';

let bench: Bench;
let admin: Redis;
let daemon: DaemonProcess;
const file = dirtyFile(41, 1_500);
const other = dirtyFile(42, 300, 'b');

afterEach(async () => {
  admin?.disconnect();
  await bench.finish();
});

const PASSWORD = 'planted-password-of-redis';
const USER = ['on', `>${PASSWORD}`, '~*', '&*', '+@all'];

/** A daemon with its own Redis user, separate from the administrator of these tests. */
async function begin(redis: string[] = []): Promise<string> {
  bench = await openBench({ redis });
  keepSecret(PASSWORD);
  admin = new Redis({ path: bench.redisServer.path });
  admin.on('error', () => {});
  await admin.call('ACL', 'SETUSER', 'csvjobs', ...USER);
  await putKnown(bench.pool, file);
  await putKnown(bench.pool, other);
  daemon = bench.daemon({ REDIS_URL: `redis://csvjobs:${PASSWORD}@127.0.0.1:${bench.redis.port}` });
  return daemon.url();
}

const told = (pattern: RegExp) => daemon.log().filter(({ msg }) => pattern.test(msg));

/** Like `until`, but fails at once if the daemon has died. */
async function untilAlive(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  await until(what, async () => daemon.hasEnded() || look());
  expect(daemon.hasEnded(), `the daemon died before this: ${what}`).toBe(false);
}

interface Refusal {
  name: string;
  redis?: string[];
  refuse(): Promise<unknown>;
  accept(): Promise<unknown>;
  /** The start of Redis's error. */
  says: RegExp;
}

const acl = (...rules: string[]) => admin.call('ACL', 'SETUSER', 'csvjobs', ...rules);

const REFUSALS: Refusal[] = [
  {
    name: 'its password changed',
    refuse: () => acl('resetpass', '>another'),
    accept: () => acl('resetpass', `>${PASSWORD}`),
    says: /^WRONGPASS .*REDIS_URL/,
  },
  { name: 'its user disabled', refuse: () => acl('off'), accept: () => acl('on'), says: /^WRONGPASS/ },
  {
    name: 'its user removed',
    refuse: () => admin.call('ACL', 'DELUSER', 'csvjobs'),
    accept: () => acl(...USER),
    says: /^WRONGPASS/,
  },
  {
    name: 'no command allowed',
    refuse: () => acl('-@all'),
    accept: () => acl('+@all'),
    says: /^NOPERM .*ACL LOG/,
  },
  {
    name: 'no channel allowed',
    refuse: () => acl('resetchannels'),
    accept: () => acl('allchannels'),
    says: /^NOPERM/,
  },
  {
    name: 'no subscription allowed',
    refuse: () => acl('-subscribe', '-psubscribe'),
    accept: () => acl('+subscribe', '+psubscribe'),
    says: /^NOPERM/,
  },
  { name: 'no key allowed', refuse: () => acl('resetkeys'), accept: () => acl('allkeys'), says: /^NOPERM/ },
  {
    name: 'no script allowed',
    refuse: () => acl('-@scripting'),
    accept: () => acl('+@scripting'),
    says: /^NOPERM/,
  },
  {
    name: 'no blocking command allowed',
    refuse: () => acl('-brpoplpush'),
    accept: () => acl('+brpoplpush'),
    says: /^NOPERM/,
  },
  {
    name: 'a replica, read-only',
    refuse: () => admin.call('REPLICAOF', '127.0.0.1', '1'),
    accept: () => admin.call('REPLICAOF', 'NO', 'ONE'),
    says: /^READONLY .*primary/,
  },
  {
    name: 'a replica that does not answer without its primary',
    redis: ['--replica-serve-stale-data', 'no'],
    refuse: () => admin.call('REPLICAOF', '127.0.0.1', '1'),
    accept: () => admin.call('REPLICAOF', 'NO', 'ONE'),
    // Redis first checks whether a command writes, so the first command decides the message.
    says: /^(MASTERDOWN|READONLY)/,
  },
  {
    name: 'full',
    refuse: () => admin.config('SET', 'maxmemory', '1'),
    accept: () => admin.config('SET', 'maxmemory', '0'),
    says: /^OOM .*maxmemory/,
  },
  {
    name: 'unable to save',
    redis: ['--dbfilename', 'taken.rdb'],
    refuse: async () => {
      // A folder with the name of the file.
      mkdirSync(join(dirname(bench.redisServer.path), 'taken.rdb'), { recursive: true });
      await admin.config('SET', 'save', '3600 1000000');
      await admin.bgsave().catch(() => {});
      await until('the save has failed', async () =>
        (await admin.info('persistence')).includes('rdb_last_bgsave_status:err'),
      );
    },
    accept: () => admin.config('SET', 'save', ''),
    says: /^MISCONF .*save/,
  },
];

describe.each(REFUSALS)('$name', ({ redis, refuse, accept, says }) => {
  test('waits, says so once, and continues', LONG, async () => {
    const url = await begin(redis);
    const id = await upload(url, file.bytes);
    await until('some of it is loaded', async () => (await storedJob(bench.pool, id)).processed >= 100);
    expect((await readiness(url)).checks.redis).toMatchObject({ ok: true });
    await refuse();
    // Existing connections may stay: each one has to reconnect.
    bench.redis.cut();
    await untilAlive('it is not ready, and says why', async () => {
      const { ready, checks } = await readiness(url);
      return !ready && !checks.redis!.ok && says.test(checks.redis!.message);
    });
    await untilAlive('the log says so', () => told(/^Redis has a problem: /).length > 0);
    const waiting = await upload(url, other.bytes);
    // Longer than all pauses between tries, so that each connection is refused repeatedly.
    const refused = daemon.log().length;
    await untilAlive('it was refused many times more', async () => {
      await readiness(url);
      return daemon.log().length > refused + 3 || (await getJob(url, id)).status === 'completed';
    });
    await accept();
    await completed(url, id);
    await completed(url, waiting);
    await untilAlive('it is ready', async () => (await readiness(url)).ready);
    await untilAlive('the log says so', () => told(/^Redis has recovered/).length > 0);
    expect(told(/^Redis has a problem: /).length, JSON.stringify(told(/Redis is/))).toBeLessThanOrEqual(2);
    expect(daemon.hasEnded()).toBe(false);
    await expectUndisturbed(bench, id, file);
    await expectUndisturbed(bench, waiting, other);
  });
});

test('a new password, with a daemon that has none', LONG, async () => {
  bench = await openBench({ redis: [] });
  admin = new Redis({ path: bench.redisServer.path });
  admin.on('error', () => {});
  await putKnown(bench.pool, file);
  daemon = bench.daemon();
  const url = await daemon.url();
  await admin.config('SET', 'requirepass', 'secret');
  bench.redis.cut();
  const id = await upload(url, file.bytes);
  await until('it says why', async () => /^NOAUTH/.test((await readiness(url)).checks.redis!.message));
  await until('the log says so', () => told(/^Redis has a problem: NOAUTH/).length > 0);
  expect((await getJob(url, id)).status).toBe('pending');
  await admin.config('SET', 'requirepass', '');
  await completed(url, id);
  await expectUndisturbed(bench, id, file);
  // An outage is logged separately if it lasts for two checks.
  expect(told(/^Redis has a problem: NOAUTH/)).toHaveLength(1);
});

test('refused from the start: accepts uploads, and works once Redis accepts', LONG, async () => {
  bench = await openBench({ redis: ['--requirepass', PASSWORD] });
  keepSecret(PASSWORD);
  admin = new Redis({ path: bench.redisServer.path, password: PASSWORD });
  admin.on('error', () => {});
  await putKnown(bench.pool, file);
  daemon = bench.daemon();
  const url = await daemon.url();
  const id = await upload(url, file.bytes);
  await until('the log says so', () => told(/^Redis has a problem: NOAUTH/).length > 0);
  await admin.config('SET', 'requirepass', '');
  await completed(url, id);
  await expectUndisturbed(bench, id, file);
});
